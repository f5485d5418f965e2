"""A run's market day: its sessions, and the instants at which the bars of a timeframe are over."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from core.clock import ist_day_span, trading_date
from trading.brokers.domain.terms import Product
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.models import Instrument
from trading.instruments.selectors import market_never_closes, segment_for
from trading.marketdata.domain.bars import BarSeries, Int64Array, Interval, bucket_starts, ist_days
from trading.marketdata.selectors import candle_end, session_opens, trading_hours
from trading.portfolio.selectors.dated import square_off_times
from trading.strategies.domain.host import History

_LOOK_AHEAD_DAYS = 12
_EPOCH = date(1970, 1, 1).toordinal()
# An intraday run is told of the session's end this long before its positions are squared off.
_BEFORE_SQUARE_OFF = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A trading session of a day; `ending_at` is when a strategy is told that it ends."""

    day: date
    opens: datetime
    closes: datetime
    ending_at: datetime


def session_at(instrument: Instrument, product: Product, at: datetime) -> Session | None:
    """The session that runs at a moment, None between sessions. A market that never closes has one a day."""
    day = trading_date(at)
    if market_never_closes():
        starts, ends = ist_day_span(day)
        return Session(day, starts, ends, _ending(instrument, product, day, ends))
    try:
        hours = trading_hours(segment_for(instrument), day)
    except CalendarUnknown:
        return None
    for each in hours:
        if each.starts <= at < each.ends:
            return Session(day, each.starts, each.ends, _ending(instrument, product, day, each.ends))
    return None


def _ending(instrument: Instrument, product: Product, day: date, closes: datetime) -> datetime:
    if product is not Product.INTRADAY:
        return closes
    times = square_off_times(segment_for(instrument), day)
    return closes if times is None else min(closes, times.square_off_at - _BEFORE_SQUARE_OFF)


def next_bar(instrument: Instrument, interval: Interval, after: int) -> tuple[int, int] | None:
    """Start and end (Unix seconds) of the first bar that ends after `after`; None where no calendar tells."""
    if interval.seconds < Interval.D1.seconds and market_never_closes():
        return _in_endless_market(instrument, interval, after)
    first = trading_date(datetime.fromtimestamp(after, UTC))
    for offset in range(_LOOK_AHEAD_DAYS):
        found = _on_day(instrument, interval, first + timedelta(days=offset), after)
        if found is not None:
            return found
    return None


def _in_endless_market(instrument: Instrument, interval: Interval, after: int) -> tuple[int, int]:
    at = np.array([after], dtype=np.int64)
    start = int(bucket_starts(at, interval, session_opens(instrument, at))[0])
    return start, start + interval.seconds


def _on_day(instrument: Instrument, interval: Interval, day: date, after: int) -> tuple[int, int] | None:
    midnight = int(ist_day_span(day)[0].timestamp())
    if interval in (Interval.D1, Interval.W1):
        if not market_never_closes() and not _hours(instrument, day):
            return None
        start = midnight if interval is Interval.D1 else midnight - day.weekday() * Interval.D1.seconds
        end = candle_end(instrument, interval, start)
        return (start, end) if end > after else None
    for opens, closes in _hours(instrument, day):
        if closes > after:
            start = opens + max(after - opens, 0) // interval.seconds * interval.seconds
            return start, min(start + interval.seconds, closes)
    return None


def _hours(instrument: Instrument, day: date) -> list[tuple[int, int]]:
    try:
        found = trading_hours(segment_for(instrument), day)
    except CalendarUnknown:
        return []
    return [(int(each.starts.timestamp()), int(each.ends.timestamp())) for each in found]


def history_of(instrument: Instrument, interval: Interval, series: BarSeries) -> History:
    """Bars with their ends and the opens of their sessions."""
    sessions = session_opens(instrument, series.start) if len(series) else series.start
    return History(series, _ends(instrument, interval, series.start), sessions)


def _ends(instrument: Instrument, interval: Interval, starts: Int64Array) -> Int64Array:
    """When each bar is over: its length alone tells, unless the end of trading cuts it short."""
    ends = starts + interval.seconds
    if interval in (Interval.D1, Interval.W1):
        return np.array([candle_end(instrument, interval, each) for each in starts.tolist()], dtype=np.int64)
    if market_never_closes() or not len(starts):
        return ends
    days = {date.fromordinal(_EPOCH + each) for each in np.unique(ist_days(starts)).tolist()}
    closes = sorted(close for day in days for _, close in _hours(instrument, day))
    if closes:
        place = np.minimum(np.searchsorted(closes, starts, side="right"), len(closes) - 1)
        nearest = np.array(closes, dtype=np.int64)[place]
        ends = np.where(nearest > starts, np.minimum(ends, nearest), ends)
    return ends
