"""The interest rate of a day."""

from datetime import date

from core.cache import Cache
from trading.instruments.process_cache import REFERENCE

from ...models import InterestRate

# Where nothing is entered for a day: the rate that a new installation is seeded with.
DEFAULT_RATE = 0.065

_rates: Cache[None, tuple[tuple[date, float], ...]] = Cache(
    "marketdata.interest_rates", seconds=60, group=REFERENCE
)


def interest_rate(day: date) -> float:
    """The annual, continuously compounded risk-free rate in force on a day, as a fraction."""
    return next((rate for valid_from, rate in _rates.get(None, _load) if valid_from <= day), DEFAULT_RATE)


def _load() -> tuple[tuple[date, float], ...]:
    rows = InterestRate.objects.order_by("-valid_from").values_list("valid_from", "rate")
    return tuple((valid_from, float(rate)) for valid_from, rate in rows)
