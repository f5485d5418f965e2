"""The limits an account trades under, level by level. The tightest level that sets a limit wins.

A cap is the smallest of what the levels set, an allow-list what all of them allow, hours the time they share.
Only a cap that nobody has set falls back to the house's default; lists and hours are open then.

Limits on one order or position hold the order against all levels at once. Running limits (of `RUNNING`) of the
organisation, the account and the user are measured over the whole account, those of a strategy over that strategy's
part of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import time
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from .states import Level


@dataclass(frozen=True, slots=True)
class LimitSpec:
    """How a limit is shown, and what holds when nobody has set it (None: nothing)."""

    label: str
    unit: str
    default: Decimal | None
    explanation: str
    group: str


_ORDER, _POSITION, _EXPOSURE = "One order", "One position", "Exposure of the account"
_PACE, _RESULT, _ALLOWED = "Pace", "Result of the day", "What may be traded"

LIMIT_SPECS: Mapping[str, LimitSpec] = MappingProxyType(
    {
        "max_order_quantity": LimitSpec(
            "Order quantity", "units", Decimal(50_000), "Units (shares or contract units) in one order.", _ORDER
        ),
        "max_order_value": LimitSpec(
            "Order value",
            "₹",
            # Room for a lot of index futures, which is worth 15 to 20 lakh by SEBI's contract size.
            Decimal(25_00_000),
            "Value of one order at its limit, or at the worst likely price.",
            _ORDER,
        ),
        "max_position_quantity": LimitSpec(
            "Position quantity",
            "units",
            Decimal(1_00_000),
            "Units held of one instrument once an order fills.",
            _POSITION,
        ),
        "max_position_value": LimitSpec(
            "Position value",
            "₹",
            Decimal(50_00_000),
            "Value held of one instrument once an order fills.",
            _POSITION,
        ),
        "max_daily_loss": LimitSpec(
            "Daily loss",
            "₹",
            Decimal(50_000),
            "Realised and unrealised loss since the day began, after charges. Beyond it only exits pass.",
            _RESULT,
        ),
        "max_open_orders": LimitSpec("Open orders", "orders", Decimal(100), "Orders at work at once.", _PACE),
        "price_band_percent": LimitSpec(
            "Price band", "%", Decimal(10), "How far a limit price may lie from the last traded price.", _ORDER
        ),
        "option_price_band_percent": LimitSpec(
            "Price band, options", "%", Decimal(50), "The same for options, whose premiums move further.", _ORDER
        ),
        "max_gross_exposure": LimitSpec(
            "Gross exposure",
            "₹",
            None,
            "Sum of all positions' values, long and short, with what working orders may add.",
            _EXPOSURE,
        ),
        "max_net_exposure": LimitSpec(
            "Net exposure",
            "₹",
            None,
            "Long less short value, whichever way it leans, once the order fills.",
            _EXPOSURE,
        ),
        "max_symbol_percent": LimitSpec(
            "Concentration, symbol",
            "%",
            None,
            "Value of one instrument in per cent of the account's equity.",
            _EXPOSURE,
        ),
        "max_underlying_percent": LimitSpec(
            "Concentration, underlying",
            "%",
            None,
            "Value of a share with all its contracts in per cent of the account's equity.",
            _EXPOSURE,
        ),
        "max_sector_percent": LimitSpec(
            "Concentration, sector",
            "%",
            None,
            "Value of one sector in per cent of the account's equity.",
            _EXPOSURE,
        ),
        "max_orders_per_minute": LimitSpec(
            "Orders per minute",
            "orders",
            None,
            "New orders within any 60 seconds.",
            _PACE,
        ),
        "max_orders_per_day": LimitSpec("Orders per day", "orders", None, "New orders of one trading day.", _PACE),
        "daily_profit_lock": LimitSpec(
            "Profit lock, reached at",
            "₹",
            None,
            "The day's profit from which it is guarded; set together with what it may give back.",
            _RESULT,
        ),
        "daily_profit_giveback": LimitSpec(
            "Profit lock, may give back",
            "₹",
            None,
            "Once the guarded profit has fallen by this much from its peak, only exits pass for the day.",
            _RESULT,
        ),
        "max_day_drawdown": LimitSpec(
            "Drawdown of the day",
            "₹",
            None,
            "Fall of the day's result from its peak. Beyond it only exits pass.",
            _RESULT,
        ),
        "max_equity_drawdown_percent": LimitSpec(
            "Drawdown of equity",
            "%",
            None,
            "Fall of the equity from its highest ever, deposits and withdrawals aside. Beyond it only exits pass.",
            _RESULT,
        ),
    }
)

LIST_SPECS: Mapping[str, LimitSpec] = MappingProxyType(
    {
        "allowed_symbols": LimitSpec(
            "Symbols",
            "list",
            None,
            "Keys such as NSE:RELIANCE, or names such as RELIANCE for the share and all its contracts.",
            _ALLOWED,
        ),
        "allowed_products": LimitSpec("Products", "list", None, "INTRADAY, DELIVERY, NORMAL, MTF.", _ALLOWED),
        "allowed_order_types": LimitSpec("Order types", "list", None, "MARKET, LIMIT, SL, SL_M.", _ALLOWED),
    }
)
TIME_SPECS: Mapping[str, LimitSpec] = MappingProxyType(
    {
        "trading_from": LimitSpec("Trading from", "time", None, "First moment of new orders, IST.", _ALLOWED),
        "trading_until": LimitSpec("Trading until", "time", None, "Last moment of new orders, IST.", _ALLOWED),
    }
)
ALL_SPECS: Mapping[str, LimitSpec] = MappingProxyType({**LIMIT_SPECS, **LIST_SPECS, **TIME_SPECS})


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

HOUSE = "house"
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Layer:
    """What one level has set; what it leaves out or sets to None it does not limit."""

    level: Level
    values: Values

    @property
    def source(self) -> str:
        """The level as the API names it."""
        return self.level.value.lower()


@dataclass(frozen=True, slots=True)
class LimitsInForce:
    """The limits that hold an order: those of the account as a whole, and the running ones of its strategy.

    `sources` and `strategy_sources` name who set each limit; several levels make one allow-list.
    """

    limits: Limits
    strategy: Limits
    sources: Mapping[str, str]
    strategy_sources: Mapping[str, str]


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
        Limits(**{**values, "allowed_symbols": symbols}), Limits(**strategy), sources, strategy_sources
    )


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
