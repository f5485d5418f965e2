"""When an instrument's candles may begin and end on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from core.clock import ist_day_start, trading_date
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Phase, Segment
from trading.instruments.models import Instrument
from trading.instruments.selectors import market_never_closes, segment_for, session_windows

from ..domain.bars import Int64Array, Interval, ist_days

_USUAL_OPEN_SECONDS = 9 * 3600 + 15 * 60
_TRADING_PHASES = (Phase.CONTINUOUS, Phase.CLOSING_AUCTION)


@dataclass(frozen=True, slots=True)
class TradingHours:
    """The half-open span [starts, ends) of one session in which trades make candles."""

    starts: datetime
    ends: datetime


def trading_hours(segment: Segment, on: date) -> tuple[TradingHours, ...]:
    """The sessions of a segment on an Indian date, in order; raises CalendarUnknown.

    A closing auction belongs to the session it follows. Special days may hold several sessions.
    """
    hours: list[TradingHours] = []
    for window in session_windows(segment, on):
        if window.phase not in _TRADING_PHASES:
            continue
        if window.phase is Phase.CLOSING_AUCTION and hours:
            hours[-1] = TradingHours(hours[-1].starts, window.ends)
        else:
            hours.append(TradingHours(window.starts, window.ends))
    return tuple(hours)


def session_opens(instrument: Instrument, starts: Int64Array) -> Int64Array:
    """For each candle start (Unix seconds) the open of its session, which longer candles count from.

    Where no session is known (a simulated night, a year without calendar) the usual 09:15 stands in.
    """
    days, of_row = np.unique(ist_days(starts), return_inverse=True)
    first = date(1970, 1, 1).toordinal()
    opens = starts.copy()
    for position, day in enumerate(days.tolist()):
        rows = of_row == position
        choices = np.array(day_opens(instrument, date.fromordinal(first + day)), dtype=np.int64)
        index = np.clip(np.searchsorted(choices, starts[rows], side="right") - 1, 0, None)
        opens[rows] = choices[index]
    return opens


def candle_end(instrument: Instrument, interval: Interval, start: int) -> int:
    """When a candle that begins at `start` (Unix seconds) is over; the end of trading may cut it short.

    Where no session is known, or the market never closes, its length alone tells.
    """
    ends = start + interval.seconds
    if market_never_closes():
        return ends
    first = trading_date(datetime.fromtimestamp(start, UTC))
    days = [first + timedelta(days=each) for each in range(7 if interval is Interval.W1 else 1)]
    known = [int(hours.ends.timestamp()) for day in days for hours in _hours_or_none(segment_for(instrument), day)]
    if interval in (Interval.D1, Interval.W1):
        return min(ends, max(known, default=ends))
    return min(ends, min((each for each in known if each > start), default=ends))


def day_opens(instrument: Instrument, on: date) -> tuple[int, ...]:
    """The opens (Unix seconds) of a day's sessions, which intraday candles count from; the usual 09:15 if none."""
    known = tuple(int(hours.starts.timestamp()) for hours in _hours_or_none(segment_for(instrument), on))
    return known or (int(ist_day_start(on).timestamp()) + _USUAL_OPEN_SECONDS,)


def _hours_or_none(segment: Segment, on: date) -> tuple[TradingHours, ...]:
    try:
        return trading_hours(segment, on)
    except CalendarUnknown:
        return ()


def session_spans(segment: Segment, days: Iterable[int]) -> list[tuple[int, int]]:
    """The sessions of several Indian days (days since 1 January 1970) as [open, close) in Unix seconds.

    Raises CalendarUnknown for a year without calendar.
    """
    first = date(1970, 1, 1).toordinal()
    return [
        (int(hours.starts.timestamp()), int(hours.ends.timestamp()))
        for day in days
        for hours in trading_hours(segment, date.fromordinal(first + day))
    ]
