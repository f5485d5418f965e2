"""Price bands: how far from the previous close an exchange lets an instrument trade in a day."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from core.money import round_to_tick

# What an exchange gives securities without derivatives; beyond the last there is none.
FIXED_STEPS = (Decimal(2), Decimal(5), Decimal(10), Decimal(20))


@dataclass(frozen=True, slots=True)
class BandTerms:
    """Per cent of the previous close, either way. A dynamic band widens by `flex_percent` at a time; None: none."""

    percent: Decimal | None
    flex_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PriceBand:
    """Prices in rupees, both included."""

    low: Decimal
    high: Decimal
    percent: Decimal

    def holds(self, price: Decimal) -> bool:
        """Whether an order at this price is within the band."""
        return self.low <= price <= self.high


def price_band(
    terms: BandTerms, *, previous_close: Decimal, day_low: Decimal, day_high: Decimal, tick_size: Decimal
) -> PriceBand | None:
    """The band in force, None where there is none or nothing to measure it from.

    What the exchange itself has let trade today is inside its band: where the day's range goes beyond ours, a
    dynamic band has flexed, and a fixed one is not what our rule says, so the next wider one holds.
    """
    if terms.percent is None or previous_close <= 0:
        return None
    moved = _move(previous_close, day_low, day_high)
    percent = _wide_enough(terms, moved)
    if percent is None:
        return None
    width = previous_close * percent / 100
    low = round_to_tick(previous_close - width, tick_size, ROUND_CEILING)
    high = round_to_tick(previous_close + width, tick_size, ROUND_FLOOR)
    return PriceBand(max(min(low, day_low) if day_low > 0 else low, tick_size), max(high, day_high), percent)


def _move(previous_close: Decimal, low: Decimal, high: Decimal) -> Decimal:
    """The day's largest distance from the previous close, in per cent."""
    reached = [abs(price - previous_close) for price in (low, high) if price > 0]
    return max(reached, default=Decimal(0)) * 100 / previous_close


def _wide_enough(terms: BandTerms, moved: Decimal) -> Decimal | None:
    percent = terms.percent
    assert percent is not None
    if moved <= percent:
        return percent
    if terms.flex_percent is not None:
        steps = ((moved - percent) / terms.flex_percent).to_integral_value(ROUND_CEILING)
        return percent + steps * terms.flex_percent
    return next((step for step in FIXED_STEPS if step > percent and moved <= step), None)
