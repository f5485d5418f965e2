"""The limits that there are: how each is shown, and what holds when nobody has set it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class LimitSpec:
    """How a limit is shown, and what holds when nobody has set it (None: nothing)."""

    label: str
    unit: str
    default: Decimal | None
    explanation: str
    group: str


_ORDER, _POSITION, _EXPOSURE = "One order", "One position", "Exposure"
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
            "Value of one instrument in per cent of the equity.",
            _EXPOSURE,
        ),
        "max_underlying_percent": LimitSpec(
            "Concentration, underlying",
            "%",
            None,
            "Value of a share with all its contracts in per cent of the equity.",
            _EXPOSURE,
        ),
        "max_sector_percent": LimitSpec(
            "Concentration, sector",
            "%",
            None,
            "Value of one sector in per cent of the equity.",
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
