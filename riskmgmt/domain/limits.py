"""The limits an account trades under, level by level. The tightest level that sets a limit wins.

A cap is the smallest of what the levels set, an allow-list what all of them allow, hours the time they share.
Only a cap that nobody has set falls back to the house's default; lists and hours are open then.

Limits on one order hold it against all levels at once. What adds up (`SUMMED`: positions, exposure, pace, results)
is summed over what the level reaches: all accounts of an organisation, those of a user, one account, a strategy in
all accounts or in one (`Reach`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import time
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from .limit_specs import ALL_SPECS, LIMIT_SPECS, LIST_SPECS, TIME_SPECS
from .states import Level


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in force; money in rupees, quantities in units, shares in percent, times in IST. None: no limit.

    `allowed_symbols` holds one set a level, and each of them has to admit an instrument.
    """

    max_order_quantity: Decimal | None = None
    max_order_value: Decimal | None = None
    max_position_quantity: Decimal | None = None
    max_position_value: Decimal | None = None
    max_daily_loss: Decimal | None = None
    max_open_orders: Decimal | None = None
    price_band_percent: Decimal | None = None
    option_price_band_percent: Decimal | None = None
    max_gross_exposure: Decimal | None = None
    max_net_exposure: Decimal | None = None
    max_symbol_percent: Decimal | None = None
    max_underlying_percent: Decimal | None = None
    max_sector_percent: Decimal | None = None
    max_orders_per_minute: Decimal | None = None
    max_orders_per_day: Decimal | None = None
    daily_profit_lock: Decimal | None = None
    daily_profit_giveback: Decimal | None = None
    max_day_drawdown: Decimal | None = None
    max_equity_drawdown_percent: Decimal | None = None
    allowed_symbols: tuple[frozenset[str], ...] = ()
    allowed_products: frozenset[str] | None = None
    allowed_order_types: frozenset[str] | None = None
    trading_from: time | None = None
    trading_until: time | None = None


NO_LIMITS = Limits()
LIMIT_NAMES = tuple(LIMIT_SPECS)
ALL_NAMES = tuple(field.name for field in fields(Limits))
RUNNING = frozenset(
    {
        "max_daily_loss",
        "max_open_orders",
        "max_gross_exposure",
        "max_net_exposure",
        "max_symbol_percent",
        "max_underlying_percent",
        "max_sector_percent",
        "max_orders_per_minute",
        "max_orders_per_day",
        "daily_profit_lock",
        "daily_profit_giveback",
        "max_day_drawdown",
        "max_equity_drawdown_percent",
    }
)

# What adds up over accounts; of these, what counts orders, and so is a user's by who places them.
SUMMED = RUNNING | {"max_position_quantity", "max_position_value"}
PACE = frozenset({"max_open_orders", "max_orders_per_minute", "max_orders_per_day"})
OF_ACCOUNTS = SUMMED - PACE

HOUSE = "house"
Values = Mapping[str, Any]


class Reach(StrEnum):
    """What a limit is summed over: all accounts of the ORGANISATION, the orders that the PLACER has placed
    anywhere, the accounts of the OWNER, the ACCOUNT itself, a STRATEGY in all accounts, or its RUN in this one."""

    ORGANISATION = "ORGANISATION"
    OWNER = "OWNER"
    PLACER = "PLACER"
    ACCOUNT = "ACCOUNT"
    STRATEGY = "STRATEGY"
    RUN = "RUN"

    @property
    def is_wide(self) -> bool:
        """Whether more than the order's own account counts."""
        return self not in (Reach.ACCOUNT, Reach.RUN)


@dataclass(frozen=True, slots=True)
class Layer:
    """What one level has set; what it leaves out or sets to None it does not limit.

    `row_id` names where it is stored. `in_one_account` tells a strategy's limits in one account from those in all.
    """

    level: Level
    values: Values
    row_id: UUID | None = None
    in_one_account: bool = False

    @property
    def source(self) -> str:
        """The level as the API names it."""
        return self.level.value.lower()

    def reach_of(self, name: str) -> Reach:
        """What the level's limit of this name is summed over."""
        match self.level:
            case Level.USER:
                return Reach.PLACER if name in PACE else Reach.OWNER
            case Level.STRATEGY:
                return Reach.RUN if self.in_one_account else Reach.STRATEGY
            case Level.ORGANISATION:
                return Reach.ORGANISATION
            case Level.ACCOUNT:
                return Reach.ACCOUNT


@dataclass(frozen=True, slots=True)
class Held:
    """The limits of `SUMMED` that hold over one reach, and the row that set them (None: the house)."""

    reach: Reach
    limits: Limits
    row_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class LimitsInForce:
    """The limits that hold an order, the tightest of each, and `held`: over what each summed one is measured.

    `limits` leaves the running limits of strategies to `strategy`. `sources` and `strategy_sources` name who set
    each limit; several levels make one allow-list.
    """

    limits: Limits
    strategy: Limits
    sources: Mapping[str, str]
    strategy_sources: Mapping[str, str]
    held: tuple[Held, ...] = ()

    @property
    def wide(self) -> tuple[Held, ...]:
        """What is measured beyond the order's own account."""
        return tuple(each for each in self.held if each.reach.is_wide)

    def of(self, reach: Reach) -> Limits:
        """The limits of one reach, empty where it has none."""
        return next((each.limits for each in self.held if each.reach is reach), NO_LIMITS)


def limits_in_force(layers: Sequence[Layer]) -> LimitsInForce:
    """The tightest of the levels. What nobody sets is the house's default, where there is one."""
    wide = [layer for layer in layers if layer.level is not Level.STRATEGY]
    narrow = [layer for layer in layers if layer.level is Level.STRATEGY]
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    strategy: dict[str, Any] = {}
    strategy_sources: dict[str, str] = {}
    for name in ALL_NAMES:
        values[name], sources[name] = _tightest(name, wide if name in RUNNING else layers)
        if values[name] is None:
            values[name], sources[name] = ALL_SPECS[name].default, HOUSE
        if name in RUNNING:
            strategy[name], strategy_sources[name] = _tightest(name, narrow)
    symbols = tuple(frozenset(found) for found in _set_values("allowed_symbols", layers))
    return LimitsInForce(
        Limits(**{**values, "allowed_symbols": symbols}),
        Limits(**strategy),
        sources,
        strategy_sources,
        _held(layers, defaults={name: values[name] for name in SUMMED if sources[name] == HOUSE}),
    )


def _held(layers: Sequence[Layer], *, defaults: Values) -> tuple[Held, ...]:
    """What each level has set of the summed limits, by reach; what nobody sets the house sets over the account."""
    found: dict[Reach, tuple[dict[str, Any], UUID | None]] = {Reach.ACCOUNT: (dict(defaults), None)}
    for layer in layers:
        for name in SUMMED:
            if layer.values.get(name) is not None:
                reach = layer.reach_of(name)
                values, _ = found.setdefault(reach, ({}, layer.row_id))
                before = values.get(name)
                values[name] = layer.values[name] if before is None else min(before, layer.values[name])
    return tuple(Held(reach, Limits(**found[reach][0]), found[reach][1]) for reach in Reach if reach in found)


def _set_values(name: str, layers: Iterable[Layer]) -> list[Any]:
    return [layer.values[name] for layer in layers if layer.values.get(name) is not None]


def _tightest(name: str, layers: Sequence[Layer]) -> tuple[Any, str]:
    """The tightest value with who set it; `("", None)` of a limit that no level sets."""
    setters = [layer for layer in layers if layer.values.get(name) is not None]
    if not setters:
        return None, ""
    if name in LIST_SPECS:
        shared = frozenset.intersection(*(frozenset(layer.values[name]) for layer in setters))
        return shared, " and ".join(dict.fromkeys(layer.source for layer in setters))
    pick = max if name == "trading_from" else min
    tightest = pick(setters, key=lambda layer: layer.values[name])
    value = tightest.values[name]
    return (value if name in TIME_SPECS else Decimal(value)), tightest.source
