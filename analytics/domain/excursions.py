"""How far a trade went against and for its owner before it was closed (Sweeney's MAE and MFE).

From stored bars, so a price between two ticks of a bar that was partly outside the trade may be missed or counted:
the bar of entry and the bar of exit count whole only where nothing finer is stored.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from .round_trips import RoundTrip

# Stored prices are whole ten-thousandths of a rupee.
PRICE_SCALE = 10_000


@dataclass(frozen=True, slots=True)
class Excursion:
    """Fractions of the entry price: `adverse` zero or negative, `favourable` zero or positive."""

    adverse: float
    favourable: float


def excursion(
    trip: RoundTrip, times: NDArray[np.int64], highs: NDArray[np.int64], lows: NDArray[np.int64], seconds: int
) -> Excursion | None:
    """The worst and the best of a trade from bars (start in Unix seconds, prices in ten-thousandths).

    Bars that overlap the trade count, and its own prices always do, so that neither figure can contradict the
    result. None where no bar overlaps: nothing was stored, and nothing is guessed.
    """
    first = int(np.searchsorted(times, _seconds(trip.opened_at) - seconds, side="right"))
    after = int(np.searchsorted(times, _seconds(trip.closed_at), side="right"))
    if first >= after:
        return None
    low, high = float(lows[first:after].min()) / PRICE_SCALE, float(highs[first:after].max()) / PRICE_SCALE
    return excursion_between(trip, low, high)


def excursion_between(trip: RoundTrip, low: float, high: float) -> Excursion:
    """The same from the lowest and the highest price (rupees) while a trade was open."""
    entry, leaving = float(trip.entry_price), float(trip.exit_price)
    highest, lowest = max(high, entry, leaving), min(low, entry, leaving)
    above, below = (highest - entry) / entry, (lowest - entry) / entry
    return Excursion(below, above) if trip.quantity > 0 else Excursion(-above, -below)


def in_paise(fraction: float, trip: RoundTrip) -> int:
    """An excursion of a trade as money over all its units."""
    return round(Decimal(fraction) * trip.entry_price * abs(trip.quantity) * 100)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
