"""How far a trade went against its holder and in their favour before it was closed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.domain.round_trips import RoundTrip
from trading.marketdata.domain.bars import PRICE_SCALE, BarSeries

FloatArray = NDArray[np.float64]


def excursions(trips: Sequence[RoundTrip], bars: BarSeries) -> tuple[FloatArray, FloatArray]:
    """The maximum adverse and the maximum favourable excursion of each trip, as fractions of its entry price: the
    first zero or negative, the second zero or positive.

    From the highs and lows of the bars that began while it was open, its own exit price included. A bar in which
    it was opened counts whole only from the next bar on: what was before the entry is not the trade's.
    """
    adverse, favourable = np.zeros(len(trips)), np.zeros(len(trips))
    for position, trip in enumerate(trips):
        entry, exit_price = float(trip.entry_price), float(trip.exit_price)
        first = int(np.searchsorted(bars.start, trip.opened_at.timestamp(), side="left"))
        after = int(np.searchsorted(bars.start, trip.closed_at.timestamp(), side="left"))
        low = high = exit_price
        if first < after:
            low = min(low, float(bars.low[first:after].min()) / PRICE_SCALE)
            high = max(high, float(bars.high[first:after].max()) / PRICE_SCALE)
        if entry <= 0:
            continue
        worst, best = (low, high) if trip.quantity > 0 else (2 * entry - high, 2 * entry - low)
        adverse[position] = min(worst / entry - 1.0, 0.0)
        favourable[position] = max(best / entry - 1.0, 0.0)
    return adverse, favourable
