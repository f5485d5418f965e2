"""How much of each limit an account uses at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

from core import clock
from core.money import from_paise
from riskmgmt.domain.exposure import ExposureTotals, at_worst, exposure_totals
from riskmgmt.domain.limits import ALL_NAMES, ALL_SPECS, LIMIT_NAMES, RUNNING, limits_in_force
from riskmgmt.domain.scopes import Scope
from riskmgmt.models import RiskPeak
from trading.orders.domain.gate import Exposure
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Order
from trading.orders.selectors.orders import live_orders
from trading.orders.services.order.exposure import position_exposure, working_exposure
from trading.portfolio.models import LedgerBalance, TradingAccount
from trading.portfolio.selectors import MarkedPosition, marked_positions

from .limits import limit_layers, own_limits
from .sectors import sectors

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit in force and what is used of it; `used` is None for limits that hold per order.

    `limit` is a Decimal, a time, a list of names, or None where nothing is limited. `own` is what the scope itself
    has set, `levels` what each level has, by its name.
    """

    name: str
    label: str
    unit: str
    explanation: str
    group: str
    limit: Any
    set_by: str
    own: Any
    used: Decimal | None
    levels: Mapping[str, Any]

    @property
    def share(self) -> Decimal | None:
        """Per cent of the limit in use, None where there is nothing to measure."""
        if self.used is None or not isinstance(self.limit, Decimal):
            return None
        return self.used * 100 / self.limit if self.limit else Decimal(100)

    def shape(self) -> dict[str, Any]:
        """The limit as the API shows it."""
        return {
            "limit": shown(self.limit),
            "set_by": self.set_by,
            "own": shown(self.own),
            "used": shown(self.used),
            "label": self.label,
            "unit": self.unit,
            "levels": {level: shown(value) for level, value in self.levels.items()},
        }


def shown(value: Any) -> Any:
    """A limit's value as JSON: a decimal string, "HH:MM", a sorted list, or null."""
    match value:
        case Decimal():
            return f"{value:.2f}"
        case time():
            return f"{value:%H:%M}"
        case frozenset() | set():
            return sorted(value)
        case _:
            return value


def limits_and_use(scope: Scope) -> list[LimitUse]:
    """Every limit that holds in the scope with its use; a scope without an account has none to measure.

    An account's limits are shown with its owner's. A strategy's running limits are measured over its part.
    """
    owner = None
    if scope.account_id is not None:
        owner = TradingAccount.objects.values_list("owner_id", flat=True).get(id=scope.account_id)
    layers = limit_layers(
        organisation_id=scope.organisation_id,
        account_id=scope.account_id,
        user_id=scope.user_id or owner,
        strategy=scope.strategy,
    )
    in_force, own = limits_in_force(layers), own_limits(scope)
    used = {} if scope.account_id is None else limits_used(scope)
    uses = []
    for name in ALL_NAMES:
        narrow = bool(scope.strategy) and name in RUNNING
        limits, sources = (
            (in_force.strategy, in_force.strategy_sources) if narrow else (in_force.limits, in_force.sources)
        )
        limit = getattr(limits, name)
        if name == "allowed_symbols":
            limit = frozenset.intersection(*limit) if limit else None
        spec = ALL_SPECS[name]
        levels = {layer.source: layer.values[name] for layer in layers if layer.values[name] is not None}
        uses.append(
            LimitUse(
                name=name,
                label=spec.label,
                unit=spec.unit,
                explanation=spec.explanation,
                group=spec.group,
                limit=limit,
                set_by=sources[name],
                own=own[name],
                used=used.get(name) if name in LIMIT_NAMES else None,
                levels=levels,
            )
        )
    return uses


def limits_used(scope: Scope) -> dict[str, Decimal]:
    """What an account, or the scope's strategy in it, uses of each running limit now."""
    assert scope.account_id is not None, "only an account uses limits"
    everything = marked_positions(account_ids=[scope.account_id])
    working = [working_exposure(order) for order in live_orders(scope.account_id)]
    positions = [p for p in everything if not scope.strategy or p.strategy == scope.strategy]
    adding = [row for row in working if not scope.strategy or row.strategy == scope.strategy]
    totals = exposure_totals(at_worst(map(position_exposure, positions), adding), sectors())
    equity, capital = _equity(scope, everything)
    result = sum(position.day_result_paise for position in positions)
    return {
        "max_position_quantity": Decimal(max((abs(position.quantity) for position in positions), default=0)),
        "max_position_value": max((_value(position) for position in positions), default=Decimal(0)),
        "max_daily_loss": max(from_paise(-result), Decimal(0)),
        "max_gross_exposure": from_paise(totals.gross_paise),
        "max_net_exposure": from_paise(abs(totals.net_paise)),
        **_shares(totals, equity),
        **_pace(scope, adding),
        **_peaks(scope, result, equity - capital, capital),
    }


def _equity(scope: Scope, positions: list[MarkedPosition]) -> tuple[int, int]:
    """The account's equity and its owner's capital, in paise."""
    balance = LedgerBalance.objects.get(account_id=scope.account_id)
    cash = balance.available_paise + balance.blocked_paise + balance.margin_paise + balance.inventory_paise
    return cash + sum(position.unrealised_paise for position in positions), -balance.capital_paise


def _shares(totals: ExposureTotals, equity_paise: int) -> dict[str, Decimal]:
    if equity_paise <= 0:
        return {}
    kinds = {
        "max_symbol_percent": totals.by_symbol,
        "max_underlying_percent": totals.by_underlying,
        "max_sector_percent": totals.by_sector,
    }
    return {
        name: (Decimal(max(shares.values(), default=0) * 100) / equity_paise).quantize(_CENT)
        for name, shares in kinds.items()
    }


def _pace(scope: Scope, working: list[Exposure]) -> dict[str, Decimal]:
    now = clock.now()
    start, _ = clock.ist_day_span(clock.trading_date(now))
    placed = Order.objects.filter(account_id=scope.account_id, created_at__gte=start)
    if scope.strategy:
        placed = placed.filter(strategy=scope.strategy)
    times = placed.exclude(status=OrderStatus.REJECTED).order_by().values_list("created_at", flat=True)
    ages = [(now - at).total_seconds() for at in times]
    return {
        "max_open_orders": Decimal(len(working)),
        "max_orders_per_minute": Decimal(sum(age < 60 for age in ages)),
        "max_orders_per_day": Decimal(len(ages)),
    }


def _peaks(scope: Scope, result_paise: int, profit_paise: int, capital_paise: int) -> dict[str, Decimal]:
    row = RiskPeak.objects.filter(account_id=scope.account_id, strategy=scope.strategy).first()
    today = row is not None and row.day == clock.trading_date()
    day_peak = max(row.day_peak_paise if row and today else 0, result_paise, 0)
    used = {
        "max_day_drawdown": from_paise(day_peak - result_paise),
        "daily_profit_lock": max(from_paise(day_peak), Decimal(0)),
        "daily_profit_giveback": from_paise(day_peak - result_paise),
    }
    peak = max(row.profit_peak_paise if row else 0, profit_paise)
    if not scope.strategy and peak + capital_paise > 0:
        percent = Decimal((peak - profit_paise) * 100) / (peak + capital_paise)
        used["max_equity_drawdown_percent"] = percent.quantize(_CENT)
    return used


def _value(position: MarkedPosition) -> Decimal:
    price = position.average_price if position.ltp is None else position.ltp
    return abs(position.quantity) * price
