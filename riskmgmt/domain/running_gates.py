"""Gates on running totals: result, drawdown, exposure, open orders and pace, of the account and of the strategy.

A limit of the organisation, the account or the user is held against the whole account; a strategy's own against
that strategy's part of it. Exits pass. A limit that nobody has set is not decided on (None).
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from core.money import format_inr, from_paise
from trading.orders.domain.gate import GateDecision, OrderAction, OrderContext

from .exposure import exposure_after, sector_of, underlying_of
from .rules import Rules, Track
from .verdicts import number, passed, refused

# An account without equity has no share to measure a position by: any share is too large.
BOUNDLESS = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class Scope:
    """What is measured: one strategy of the account, or (None) all of it."""

    context: OrderContext
    rules: Rules
    strategy: str | None
    track: Track

    @property
    def day_pnl_paise(self) -> int:
        """The scope's result of the day after charges."""
        if self.strategy is None:
            return self.context.day_pnl_paise
        return sum(row.day_pnl_paise for row in self.context.exposures if row.strategy == self.strategy)

    @property
    def words(self) -> str:
        """The scope as a message names it."""
        return "the account" if self.strategy is None else f"strategy {self.strategy}"


Measure = Callable[[Scope], Decimal]


@dataclass(frozen=True, slots=True)
class RunningGate:
    """One running limit: `name` of the gate, `limit` of the field, what is measured and when it refuses.

    `at_limit` refuses at the limit itself (a loss that has reached it), otherwise only beyond it.
    """

    name: str
    code: str
    limit: str
    measure: Measure
    unit: str
    complaint: str
    at_limit: bool = False
    only_new: bool = False

    def __call__(self, context: OrderContext, rules: Rules) -> GateDecision | None:
        """The scope that refuses, else the one nearest to its limit; None where no level sets the limit."""
        if self.only_new and context.action in (OrderAction.MODIFY, OrderAction.RELEASE):
            return None
        decisions = [
            self._decide(Scope(context, rules, strategy, track), Decimal(limit))
            for strategy, limits, track in rules.scopes(context)
            if (limit := getattr(limits, self.limit)) is not None
        ]
        refusal = next((decision for decision in decisions if not decision.allowed), None)
        return refusal or max(decisions, key=_use, default=None)

    def _decide(self, scope: Scope, limit: Decimal) -> GateDecision:
        used = max(self.measure(scope), Decimal(0))
        shown = {"limit": number(limit), "used": number(used)}
        if used < limit or (used == limit and not self.at_limit):
            return passed(self.name, f"Within the limit of {scope.words}.", **shown)
        if scope.context.reduces_position:
            return passed(self.name, "The limit is reached; this order only exits.", **shown)
        text = self.complaint.format(limit=self._text(limit), used=self._text(used), scope=scope.words)
        return refused(self.name, self.code, text, **shown)

    def _text(self, value: Decimal) -> str:
        if self.unit == "₹":
            return format_inr(value)
        if self.unit == "%":
            return "more than that" if value >= BOUNDLESS else f"{value:.2f} %"
        return number(value)


def _use(decision: GateDecision) -> Decimal:
    limit = Decimal(decision.limit)
    return Decimal(decision.used) / limit if limit else BOUNDLESS


def _loss(scope: Scope) -> Decimal:
    return from_paise(-scope.day_pnl_paise)


def _day_drawdown(scope: Scope) -> Decimal:
    return from_paise(max(scope.track.day_peak_paise, 0) - scope.day_pnl_paise)


def _equity_drawdown(scope: Scope) -> Decimal:
    context = scope.context
    profit = context.equity_paise - context.capital_paise
    peak = max(scope.track.profit_peak_paise, profit)
    if peak == profit:
        return Decimal(0)
    base = peak + context.capital_paise
    return Decimal((peak - profit) * 100) / base if base > 0 else BOUNDLESS


def _gross(scope: Scope) -> Decimal:
    return from_paise(exposure_after(scope.context, scope.rules.sectors, strategy=scope.strategy).gross_paise)


def _net(scope: Scope) -> Decimal:
    return from_paise(abs(exposure_after(scope.context, scope.rules.sectors, strategy=scope.strategy).net_paise))


def _share(scope: Scope, kind: str, name: str) -> Decimal:
    totals = exposure_after(scope.context, scope.rules.sectors, strategy=scope.strategy)
    value = getattr(totals, kind).get(name, 0)
    equity = scope.context.equity_paise
    return (Decimal(value * 100) / equity).quantize(Decimal("0.0001")) if equity > 0 else BOUNDLESS


def _symbol_share(scope: Scope) -> Decimal:
    return _share(scope, "by_symbol", scope.context.instrument.key)


def _underlying_share(scope: Scope) -> Decimal:
    return _share(scope, "by_underlying", underlying_of(scope.context))


def _sector_share(scope: Scope) -> Decimal:
    return _share(scope, "by_sector", sector_of(underlying_of(scope.context), scope.rules.sectors))


def _open_orders(scope: Scope) -> Decimal:
    if scope.strategy is None:
        return Decimal(scope.context.open_orders + 1)
    return Decimal(sum(row.strategy == scope.strategy for row in scope.context.working) + 1)


def _orders_minute(scope: Scope) -> Decimal:
    return Decimal(scope.track.orders_minute + 1)


def _orders_day(scope: Scope) -> Decimal:
    return Decimal(scope.track.orders_day + 1)


RUNNING_GATES: tuple[RunningGate, ...] = (
    RunningGate(
        "daily_loss",
        "daily_loss_limit",
        "max_daily_loss",
        _loss,
        "₹",
        "The day's loss of {used} in {scope} has reached its limit of {limit}; only exits pass.",
        at_limit=True,
    ),
    RunningGate(
        "day_drawdown",
        "day_drawdown_limit",
        "max_day_drawdown",
        _day_drawdown,
        "₹",
        "The day's result of {scope} has fallen by {used} from its peak, the limit is {limit}; only exits pass.",
        at_limit=True,
    ),
    RunningGate(
        "equity_drawdown",
        "equity_drawdown_limit",
        "max_equity_drawdown_percent",
        _equity_drawdown,
        "%",
        "The equity has fallen by {used} from its peak, the limit is {limit}; only exits pass.",
        at_limit=True,
    ),
    RunningGate(
        "gross_exposure",
        "gross_exposure_limit",
        "max_gross_exposure",
        _gross,
        "₹",
        "The gross exposure of {scope} may be {limit}; this would make {used}.",
    ),
    RunningGate(
        "net_exposure",
        "net_exposure_limit",
        "max_net_exposure",
        _net,
        "₹",
        "The net exposure of {scope} may be {limit}; this would make {used}.",
    ),
    RunningGate(
        "symbol_concentration",
        "symbol_concentration_limit",
        "max_symbol_percent",
        _symbol_share,
        "%",
        "One instrument may be {limit} of the equity; this would make {used}.",
    ),
    RunningGate(
        "underlying_concentration",
        "underlying_concentration_limit",
        "max_underlying_percent",
        _underlying_share,
        "%",
        "One underlying may be {limit} of the equity; this would make {used}.",
    ),
    RunningGate(
        "sector_concentration",
        "sector_concentration_limit",
        "max_sector_percent",
        _sector_share,
        "%",
        "One sector may be {limit} of the equity; this would make {used}.",
    ),
    RunningGate(
        "open_orders",
        "open_orders_limit",
        "max_open_orders",
        _open_orders,
        "orders",
        "{limit} orders of {scope} may be open at once.",
    ),
    RunningGate(
        "orders_per_minute",
        "orders_per_minute_limit",
        "max_orders_per_minute",
        _orders_minute,
        "orders",
        "{scope} may place {limit} orders a minute.",
        only_new=True,
    ),
    RunningGate(
        "orders_per_day",
        "orders_per_day_limit",
        "max_orders_per_day",
        _orders_day,
        "orders",
        "{scope} may place {limit} orders a day.",
        only_new=True,
    ),
)


def profit_lock(context: OrderContext, rules: Rules) -> GateDecision | None:
    """A day's profit that was reached is not given back beyond what is allowed; once closed, for the day."""
    decisions = []
    for strategy, limits, track in rules.scopes(context):
        if limits.daily_profit_lock is not None:
            scope = Scope(context, rules, strategy, track)
            giveback = limits.daily_profit_giveback or Decimal(0)
            decisions.append(_lock_decision(scope, limits.daily_profit_lock, giveback))
    refusal = next((decision for decision in decisions if not decision.allowed), None)
    return refusal or next(iter(decisions), None)


def lock_closes(*, lock: Decimal, giveback: Decimal, peak_paise: int, day_pnl_paise: int) -> bool:
    """Whether a profit that reached `lock` has fallen by `giveback` (rupees) from its peak."""
    return from_paise(peak_paise) >= lock and from_paise(peak_paise - day_pnl_paise) >= max(
        giveback, Decimal("0.01")
    )


def _lock_decision(scope: Scope, lock: Decimal, giveback: Decimal) -> GateDecision:
    peak = max(scope.track.day_peak_paise, scope.day_pnl_paise)
    closed = scope.track.is_locked or lock_closes(
        lock=lock, giveback=giveback, peak_paise=peak, day_pnl_paise=scope.day_pnl_paise
    )
    shown = {"limit": number(giveback), "used": number(from_paise(peak - scope.day_pnl_paise))}
    if not closed:
        return passed("profit_lock", "The day's profit is not being given back.", **shown)
    if scope.context.reduces_position:
        return passed("profit_lock", "The day's profit is locked; this order only exits.", **shown)
    text = f"A profit of {format_inr(from_paise(peak))} today is locked in {scope.words}; only exits pass."
    return refused("profit_lock", "profit_locked", text, **shown)
