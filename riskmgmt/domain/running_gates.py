"""Gates on running totals: result, drawdown, exposure, open orders and pace.

Each level's limit is held against the sum over all that the level reaches (`domain/reach.py`). Exits pass. A limit
that nobody has set is not decided on (None).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.money import format_inr, from_paise
from trading.orders.domain.gate import GateDecision, OrderAction, OrderContext

from .exposure import Sectors, sector_of, underlying_of
from .reach import Measured
from .rules import Rules
from .verdicts import number, passed, refused

# An account without equity has no share to measure a position by: any share is too large.
BOUNDLESS = Decimal(10) ** 9


Measure = Callable[[Measured, Sectors], Decimal]


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
        """The level that refuses, else the one nearest to its limit; None where no level sets the limit."""
        if self.only_new and context.action in (OrderAction.MODIFY, OrderAction.RELEASE):
            return None
        decisions = [
            self._decide(limit, measured, rules.sectors) for limit, measured in rules.held(self.limit, context)
        ]
        refusal = next((decision for decision in decisions if not decision.allowed), None)
        return refusal or max(decisions, key=_use, default=None)

    def _decide(self, limit: Decimal, measured: Measured, sectors: Sectors) -> GateDecision:
        used = max(self.measure(measured, sectors), Decimal(0))
        shown = {"limit": number(limit), "used": number(used)}
        if used < limit or (used == limit and not self.at_limit):
            return passed(self.name, f"Within the limit of {measured.words}.", **shown)
        if measured.context.reduces_position:
            return passed(self.name, "The limit is reached; this order only exits.", **shown)
        text = self.complaint.format(limit=self._text(limit), used=self._text(used), scope=measured.words)
        return refused(self.name, self.code, text[:1].upper() + text[1:], **shown)

    def _text(self, value: Decimal) -> str:
        if self.unit == "₹":
            return format_inr(value)
        if self.unit == "%":
            return "more than that" if value >= BOUNDLESS else f"{value:.2f} %"
        return number(value)


def _use(decision: GateDecision) -> Decimal:
    limit = Decimal(decision.limit)
    return Decimal(decision.used) / limit if limit else BOUNDLESS


def _loss(measured: Measured, sectors: Sectors) -> Decimal:
    return from_paise(-measured.day_pnl_paise)


def _day_drawdown(measured: Measured, sectors: Sectors) -> Decimal:
    return from_paise(max(measured.track.day_peak_paise, 0) - measured.day_pnl_paise)


def _equity_drawdown(measured: Measured, sectors: Sectors) -> Decimal:
    profit = measured.equity_paise - measured.capital_paise
    peak = max(measured.track.profit_peak_paise, profit)
    if peak == profit:
        return Decimal(0)
    base = peak + measured.capital_paise
    return Decimal((peak - profit) * 100) / base if base > 0 else BOUNDLESS


def _gross(measured: Measured, sectors: Sectors) -> Decimal:
    return from_paise(measured.exposure(sectors).gross_paise)


def _net(measured: Measured, sectors: Sectors) -> Decimal:
    return from_paise(abs(measured.exposure(sectors).net_paise))


def _share(measured: Measured, shares: Mapping[str, int], name: str) -> Decimal:
    equity = measured.equity_paise
    return (Decimal(shares.get(name, 0) * 100) / equity).quantize(Decimal("0.0001")) if equity > 0 else BOUNDLESS


def _symbol_share(measured: Measured, sectors: Sectors) -> Decimal:
    return _share(measured, measured.exposure(sectors).by_symbol, measured.context.instrument.key)


def _underlying_share(measured: Measured, sectors: Sectors) -> Decimal:
    return _share(measured, measured.exposure(sectors).by_underlying, underlying_of(measured.context))


def _sector_share(measured: Measured, sectors: Sectors) -> Decimal:
    sector = sector_of(underlying_of(measured.context), sectors)
    return _share(measured, measured.exposure(sectors).by_sector, sector)


def _open_orders(measured: Measured, sectors: Sectors) -> Decimal:
    return Decimal(measured.open_orders + 1)


def _orders_minute(measured: Measured, sectors: Sectors) -> Decimal:
    return Decimal(measured.track.orders_minute + 1)


def _orders_day(measured: Measured, sectors: Sectors) -> Decimal:
    return Decimal(measured.track.orders_day + 1)


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
        "The equity of {scope} has fallen by {used} from its peak, the limit is {limit}; only exits pass.",
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
        "One instrument may be {limit} of the equity of {scope}; this would make {used}.",
    ),
    RunningGate(
        "underlying_concentration",
        "underlying_concentration_limit",
        "max_underlying_percent",
        _underlying_share,
        "%",
        "One underlying may be {limit} of the equity of {scope}; this would make {used}.",
    ),
    RunningGate(
        "sector_concentration",
        "sector_concentration_limit",
        "max_sector_percent",
        _sector_share,
        "%",
        "One sector may be {limit} of the equity of {scope}; this would make {used}.",
    ),
    RunningGate(
        "open_orders",
        "open_orders_limit",
        "max_open_orders",
        _open_orders,
        "orders",
        "{limit} orders of {scope} may be open at once; this would be number {used}.",
    ),
    RunningGate(
        "orders_per_minute",
        "orders_per_minute_limit",
        "max_orders_per_minute",
        _orders_minute,
        "orders",
        "{scope} may place {limit} orders a minute; this would be number {used}.",
        only_new=True,
    ),
    RunningGate(
        "orders_per_day",
        "orders_per_day_limit",
        "max_orders_per_day",
        _orders_day,
        "orders",
        "{scope} may place {limit} orders a day; this would be number {used}.",
        only_new=True,
    ),
)


def profit_lock(context: OrderContext, rules: Rules) -> GateDecision | None:
    """A day's profit that was reached is not given back beyond what is allowed; once closed, for the day."""
    givebacks = {measured.reach: giveback for giveback, measured in rules.held("daily_profit_giveback", context)}
    decisions = [
        _lock_decision(measured, lock, givebacks.get(measured.reach, Decimal(0)))
        for lock, measured in rules.held("daily_profit_lock", context)
    ]
    refusal = next((decision for decision in decisions if not decision.allowed), None)
    return refusal or next(iter(decisions), None)


def lock_closes(*, lock: Decimal, giveback: Decimal, peak_paise: int, day_pnl_paise: int) -> bool:
    """Whether a profit that reached `lock` has fallen by `giveback` (rupees) from its peak."""
    return from_paise(peak_paise) >= lock and from_paise(peak_paise - day_pnl_paise) >= max(
        giveback, Decimal("0.01")
    )


def _lock_decision(measured: Measured, lock: Decimal, giveback: Decimal) -> GateDecision:
    peak = max(measured.track.day_peak_paise, measured.day_pnl_paise)
    closed = measured.track.is_locked or lock_closes(
        lock=lock, giveback=giveback, peak_paise=peak, day_pnl_paise=measured.day_pnl_paise
    )
    shown = {"limit": number(giveback), "used": number(from_paise(peak - measured.day_pnl_paise))}
    if not closed:
        return passed("profit_lock", "The day's profit is not being given back.", **shown)
    if measured.context.reduces_position:
        return passed("profit_lock", "The day's profit is locked; this order only exits.", **shown)
    text = f"A profit of {format_inr(from_paise(peak))} today is locked in {measured.words}; only exits pass."
    return refused("profit_lock", "profit_locked", text, **shown)
