"""How much of each limit is used at this moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from core import clock
from core.money import from_paise
from riskmgmt.domain.exposure import ExposureTotals, exposure_totals
from riskmgmt.domain.limit_specs import ALL_SPECS
from riskmgmt.domain.limits import ALL_NAMES, RUNNING, SUMMED, Layer, LimitsInForce, limits_in_force
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import Level
from riskmgmt.models import RiskPeak
from trading.orders.domain.states import LIVE, OrderStatus
from trading.orders.models import Order
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import MarkedPosition

from .accounts_now import accounts_reached
from .limits import limit_layers, own_limits
from .sectors import sectors

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit in force and what is used of it; `used` is None for limits that hold per order.

    `limit` is a Decimal, a time, a list of names, or None where nothing is limited. `own` is what the scope itself
    has set, `levels` what each level has, by its name, `level_uses` what is used of it over all that it reaches.
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
    level_uses: Mapping[str, Decimal | None]

    @property
    def share(self) -> Decimal | None:
        """Per cent of the limit in use, None where there is nothing to measure."""
        if self.used is None or not isinstance(self.limit, Decimal):
            return None
        return self.used * 100 / self.limit if self.limit else Decimal(100)

    @property
    def further(self) -> list[tuple[str, Decimal | None, Any]]:
        """The other levels that have set a summed limit: name, what is used over all that it reaches, the limit."""
        return [
            (level, used, self.levels[level]) for level, used in self.level_uses.items() if level != self.set_by
        ]

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
            "level_uses": {level: shown(used) for level, used in self.level_uses.items()},
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
    """Every limit that holds in the scope, with what is used of it over all that each level reaches.

    An account's limits are shown with those of its owner. Of a summed limit the level that is nearest to being
    reached is shown as the one in force, with the others in `levels` and `level_uses`.
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
    measured = _Uses(scope, owner)
    return [_use(name, layers, in_force, own, measured) for name in ALL_NAMES]


class _Uses:
    """What each level uses, measured once for each that is asked about."""

    def __init__(self, scope: Scope, owner_id: UUID | None) -> None:
        self.scope, self._owner_id = scope, owner_id
        self._found: dict[Scope, dict[str, Decimal]] = {}

    def of(self, layer: Layer | None, name: str) -> Decimal | None:
        """What is used of a level's limit. None is the house, whose default holds each account by itself."""
        if layer is None and self.scope.account_id is None:
            return None
        reached = self.scope if layer is None else self._reached(layer)
        if reached not in self._found:
            self._found[reached] = limits_used(reached)
        return self._found[reached].get(name)

    def _reached(self, layer: Layer) -> Scope:
        scope = self.scope
        match layer.level:
            case Level.ORGANISATION:
                return Scope(scope.organisation_id)
            case Level.USER:
                return Scope(scope.organisation_id, user_id=scope.user_id or self._owner_id)
            case Level.STRATEGY:
                account_id = scope.account_id if layer.in_one_account else None
                return Scope(scope.organisation_id, account_id, strategy=scope.strategy)
            case Level.ACCOUNT:
                return Scope(scope.organisation_id, scope.account_id)


def _use(
    name: str, layers: Sequence[Layer], in_force: LimitsInForce, own: Mapping[str, Any], measured: _Uses
) -> LimitUse:
    limit, source, used = getattr(in_force.limits, name), in_force.sources[name], None
    level_uses: dict[str, Decimal | None] = {}
    if name == "allowed_symbols":
        limit = frozenset.intersection(*limit) if limit else None
    if name in SUMMED:
        narrow = bool(measured.scope.strategy) and name in RUNNING
        setters = [
            layer
            for layer in layers
            if layer.values[name] is not None and (not narrow or layer.level is Level.STRATEGY)
        ]
        level_uses = {layer.source: measured.of(layer, name) for layer in setters}
        nearest = max(
            setters, key=lambda layer: _nearness(level_uses[layer.source], layer.values[name]), default=None
        )
        if nearest is not None:
            limit, source = nearest.values[name], nearest.source
        elif narrow:
            limit, source = None, ""
        used = measured.of(nearest, name)
    spec = ALL_SPECS[name]
    return LimitUse(
        name=name,
        label=spec.label,
        unit=spec.unit,
        explanation=spec.explanation,
        group=spec.group,
        limit=limit,
        set_by=source,
        own=own[name],
        used=used,
        levels={layer.source: layer.values[name] for layer in layers if layer.values[name] is not None},
        level_uses=level_uses,
    )


def _nearness(used: Decimal | None, limit: Decimal) -> tuple[Decimal, Decimal]:
    """By share, and of those alike the tighter."""
    return (used or Decimal(0)) / limit if limit else Decimal("Infinity"), -limit


def limits_used(scope: Scope) -> dict[str, Decimal]:
    """What a scope uses of each summed limit now, over all that it reaches."""
    accounts = accounts_reached(scope)
    positions = [position for account in accounts for position in account.positions]
    totals = exposure_totals([row for account in accounts for row in account.at_worst], sectors())
    equity = sum(account.equity_paise for account in accounts)
    capital = sum(account.capital_paise for account in accounts)
    result = sum(account.day_pnl_paise for account in accounts)
    return {
        **_positions(positions, is_wide=scope.account_id is None),
        "max_daily_loss": max(from_paise(-result), Decimal(0)),
        "max_gross_exposure": from_paise(totals.gross_paise),
        "max_net_exposure": from_paise(abs(totals.net_paise)),
        **_shares(totals, equity),
        **_pace(scope),
        **_peaks(scope, result, equity - capital, capital),
    }


def _positions(positions: Sequence[MarkedPosition], *, is_wide: bool) -> dict[str, Decimal]:
    """The largest position; of several accounts, the instrument of which they hold most together."""
    quantities: dict[object, int] = defaultdict(int)
    values: dict[object, Decimal] = defaultdict(Decimal)
    for position in positions:
        key = position.symbol if is_wide else position.id
        quantities[key] += abs(position.quantity)
        values[key] += _value(position)
    return {
        "max_position_quantity": Decimal(max(quantities.values(), default=0)),
        "max_position_value": max(values.values(), default=Decimal(0)),
    }


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


def _pace(scope: Scope) -> dict[str, Decimal]:
    now = clock.now()
    start, _ = clock.ist_day_span(clock.trading_date(now))
    orders = Order.objects.filter(organisation_id=scope.organisation_id)
    if scope.account_id is not None:
        orders = orders.filter(account_id=scope.account_id)
    if scope.user_id is not None:
        orders = orders.filter(placed_by_user=scope.user_id)
    if scope.strategy:
        orders = orders.filter(strategy=scope.strategy)
    today = orders.filter(Q(status__in=sorted(LIVE)) | Q(created_at__gte=start))
    placed = ~Q(status=OrderStatus.REJECTED)
    counts = today.aggregate(
        max_open_orders=Count("id", filter=Q(status__in=sorted(LIVE))),
        max_orders_per_minute=Count("id", filter=placed & Q(created_at__gt=now - timedelta(minutes=1))),
        max_orders_per_day=Count("id", filter=placed & Q(created_at__gte=start)),
    )
    return {name: Decimal(count) for name, count in counts.items()}


def _peaks(scope: Scope, result_paise: int, profit_paise: int, capital_paise: int) -> dict[str, Decimal]:
    row = RiskPeak.objects.filter(
        organisation_id=scope.organisation_id,
        account=scope.account_id,
        user=scope.user_id,
        strategy=scope.strategy,
    ).first()
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
