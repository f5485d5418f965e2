"""The past of a simulated market: made up, and always the same for an instrument and a day."""

import hashlib
from datetime import date
from decimal import Decimal

import numpy as np
from django.conf import settings

from core.clock import ist_day_span
from core.errors import InvalidInput
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import BarSeries, Interval, derive, scale_price, unscale_price
from trading.marketdata.feeds.simulated.history import session_minutes
from trading.marketdata.selectors import last_prices, stored_minutes
from trading.marketdata.services import DailyValues

_FIRST_PRICE = Decimal(100)
_WANDER = 0.0004
"""Standard deviation of a minute's change, as a share of the price."""


class SimulatedHistory:
    """A random walk that begins at the last price before the day and meets the first one that is stored in it."""

    requests_per_second = 0.0

    def __init__(self) -> None:
        if not settings.SIMULATED_MARKET_ALWAYS_OPEN:
            raise InvalidInput(
                "This installation follows a real market: made-up candles have no place in it.",
                code="unknown_history_source",
            )

    def minutes(self, instrument: Instrument, on: date) -> BarSeries:
        """The minutes of the day's sessions; none on a day without."""
        starts = np.array(session_minutes(on), dtype=np.int64)
        if not len(starts):
            return BarSeries.empty()
        generator = np.random.default_rng(_seed(instrument.key, on))
        tick = scale_price(instrument.tick_size)
        first, last = self._ends(instrument, on)
        bridge = _bridge(generator, first, last, len(starts) + 1)
        edges = np.maximum(np.rint(bridge / tick).astype(np.int64), 1) * tick
        opening, closing = edges[:-1], edges[1:]
        reach = generator.integers(0, 3, (2, len(starts))) * tick
        volume = generator.integers(0, 500, len(starts)) * instrument.lot_size if instrument.is_tradable else 0
        return BarSeries(
            start=starts,
            open=opening,
            high=np.maximum(opening, closing) + reach[0],
            low=np.maximum(np.minimum(opening, closing) - reach[1], tick),
            close=closing,
            volume=np.broadcast_to(volume, starts.shape).astype(np.int64),
            oi=np.zeros(len(starts), dtype=np.int64),
        )

    def day(self, instrument: Instrument, on: date) -> DailyValues | None:
        """The sum of the minutes."""
        minutes = self.minutes(instrument, on)
        if not len(minutes):
            return None
        whole = derive(minutes, Interval.D1, minutes.start)
        return DailyValues(
            instrument.pk,
            on,
            open=unscale_price(whole.open[0]),
            high=unscale_price(whole.high[0]),
            low=unscale_price(whole.low[0]),
            close=unscale_price(whole.close[0]),
            volume=int(whole.volume[0]),
        )

    @staticmethod
    def _ends(instrument: Instrument, on: date) -> tuple[int, int]:
        opens, closes = ist_day_span(on)
        before = last_prices([instrument.pk], before=opens).get(instrument.pk)
        stored = stored_minutes(instrument.pk, opens, closes)
        within = unscale_price(stored.open[0]) if len(stored) else None
        first = before or within or _FIRST_PRICE
        return scale_price(first), scale_price(within or first)


def _seed(key: str, on: date) -> int:
    return int.from_bytes(hashlib.sha256(f"{key} {on}".encode()).digest()[:8], "big")


def _bridge(generator: np.random.Generator, first: int, last: int, count: int) -> np.ndarray:
    """A walk from one price to another in `count` points."""
    steps = np.cumsum(generator.normal(0.0, first * _WANDER, count))
    share = np.linspace(0.0, 1.0, count)
    walk: np.ndarray = first + steps - steps[0] + share * (last - first - (steps[-1] - steps[0]))
    return walk
