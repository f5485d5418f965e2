"""Stored candles of the past for a simulated market, ending where the live simulation will begin."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from core import clock
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Segment
from trading.marketdata.domain.bars import MINUTE, PRICE_SCALE, Int64Array
from trading.marketdata.selectors import trading_hours

from .market import SimulatedMarket
from .universe import IntArray, Universe

_STEPS_A_MINUTE = 4
_USUAL_OPEN = timedelta(hours=9, minutes=15)
_USUAL_LENGTH = timedelta(minutes=375)
_OVERNIGHT_SECONDS = 4_000.0
"""A night moves prices like this much trading time, so that days open with a gap."""


def simulated_days(
    universe: Universe, *, seed: int, since: datetime, until: datetime
) -> Iterator[tuple[date, Int64Array]]:
    """Each trading day's minutes in [since, until): the date and an (instruments × minutes, 8) array.

    Its columns are the position in `universe.keys`, start, open, high, low, close, volume, oi: what
    `candles_write` takes once positions are exchanged for ids.
    """
    market = SimulatedMarket(universe, seed)
    first, last = clock.trading_date(since), clock.trading_date(until)
    for day in (first + timedelta(days=offset) for offset in range((last - first).days + 1)):
        starts = [start for start in session_minutes(day) if since.timestamp() <= start < until.timestamp()]
        if starts:
            market.start_day()
            market.step(starts[0] - MINUTE, _OVERNIGHT_SECONDS)
            yield day, _minutes(market, starts)


def session_minutes(day: date) -> list[int]:
    """The Unix seconds at which the minutes of a day's sessions begin; none when nobody trades.

    A demo outlives the calendar that it came with: without one the week's days and usual hours stand in.
    """
    try:
        spans = [(hours.starts, hours.ends) for hours in trading_hours(Segment.EQUITY, day)]
    except CalendarUnknown:
        opens = clock.ist_day_start(day) + _USUAL_OPEN
        spans = [(opens, opens + _USUAL_LENGTH)] if day.weekday() < 5 else []
    return [
        second for starts, ends in spans for second in range(int(starts.timestamp()), int(ends.timestamp()), MINUTE)
    ]


def _minutes(market: SimulatedMarket, starts: list[int]) -> Int64Array:
    count = len(market.universe)
    scale = np.rint(market.universe.tick * PRICE_SCALE).astype(np.int64)
    columns = np.empty((len(starts), count, 8), dtype=np.int64)
    counter = np.zeros(count, dtype=np.int64)
    for position, start in enumerate(starts):
        prices = np.stack([_step(market, start, part) for part in range(_STEPS_A_MINUTE)]) * scale
        columns[position, :, 0] = np.arange(count)
        columns[position, :, 1] = start
        columns[position, :, 2] = prices[0]
        columns[position, :, 3] = prices.max(axis=0)
        columns[position, :, 4] = prices.min(axis=0)
        columns[position, :, 5] = prices[-1]
        columns[position, :, 6] = market.volume - counter
        columns[position, :, 7] = market.oi
        counter = market.volume
    return columns.reshape(-1, 8)


def _step(market: SimulatedMarket, start: int, part: int) -> IntArray:
    seconds = MINUTE / _STEPS_A_MINUTE
    market.step(start + part * seconds, seconds)
    return market.last
