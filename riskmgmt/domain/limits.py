"""The limits an account trades under. The account's own value wins, then the organisation's, then the house's."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class LimitSpec:
    """How a limit is shown, and what holds when nobody has set it."""

    label: str
    unit: str
    default: Decimal
    explanation: str


LIMIT_SPECS: Mapping[str, LimitSpec] = MappingProxyType(
    {
        "max_order_quantity": LimitSpec(
            "Order quantity", "units", Decimal(50_000), "Units (shares or contract units) in one order."
        ),
        "max_order_value": LimitSpec(
            "Order value", "₹", Decimal(10_00_000), "Value of one order at its limit, or at the worst likely price."
        ),
        "max_position_quantity": LimitSpec(
            "Position quantity",
            "units",
            Decimal(1_00_000),
            "Units held of one instrument once an order fills.",
        ),
        "max_position_value": LimitSpec(
            "Position value", "₹", Decimal(25_00_000), "Value held of one instrument once an order fills."
        ),
        "max_daily_loss": LimitSpec(
            "Daily loss",
            "₹",
            Decimal(50_000),
            "Realised and unrealised loss since the day began, after charges. Beyond it only exits pass.",
        ),
        "max_open_orders": LimitSpec("Open orders", "orders", Decimal(100), "Orders of the account at work."),
        "price_band_percent": LimitSpec(
            "Price band", "%", Decimal(10), "How far a limit price may lie from the last traded price."
        ),
        "option_price_band_percent": LimitSpec(
            "Price band, options", "%", Decimal(50), "The same for options, whose premiums move further."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in force; money in rupees, quantities in units, bands in percent."""

    max_order_quantity: Decimal
    max_order_value: Decimal
    max_position_quantity: Decimal
    max_position_value: Decimal
    max_daily_loss: Decimal
    max_open_orders: Decimal
    price_band_percent: Decimal
    option_price_band_percent: Decimal


LIMIT_NAMES = tuple(field.name for field in fields(Limits))

Layer = Mapping[str, Decimal | None]


def limits_in_force(*, organisation: Layer, account: Layer) -> tuple[Limits, dict[str, str]]:
    """The limits that hold, and for each name who set it: `account`, `organisation` or `house`."""
    values: dict[str, Decimal] = {}
    sources: dict[str, str] = {}
    for name in LIMIT_NAMES:
        for source, layer in (("account", account), ("organisation", organisation)):
            value = layer.get(name)
            if value is not None:
                values[name], sources[name] = Decimal(value), source
                break
        else:
            values[name], sources[name] = LIMIT_SPECS[name].default, "house"
    return Limits(**values), sources
