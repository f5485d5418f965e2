"""Bars as the protocol asks for them: those of a span, or so many before its end."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from django.db.models import Min

from core.clock import ist_day_start, now
from trading.instruments.models import Instrument

from ...domain.bars import DAY, BarSeries
from ...domain.udf.resolution import Resolution, month_starts, to_bars
from ...models import Candle, DailyBar
from ..candles import MOST_CANDLES, candles

_MINUTES_IN_SESSION = 375
_FURTHER = 4


@dataclass(frozen=True, slots=True)
class UdfBars:
    """Bars in the protocol's time; where there are none, the time of the last bar before the span, if any."""

    bars: BarSeries
    next_time: int | None = None


def history(
    instrument: Instrument, resolution: Resolution, *, start: int, end: int, countback: int | None = None
) -> UdfBars:
    """The bars in [start, end) (Unix seconds); with `countback` the last so many before `end`, whatever `start`.

    Bars are whole or forming, never cut at an end of the span, so that several short spans give what one long span
    does. A span of more than `MOST_CANDLES` bars gives the latest of them.
    """
    if countback:
        found = _last_bars(instrument, resolution, before=end, count=countback)
        return UdfBars(found)
    found = _last_bars(instrument, resolution, before=end, count=MOST_CANDLES, since=start)
    if len(found):
        return UdfBars(found)
    earlier = _last_bars(instrument, resolution, before=min(start, end), count=1)
    return UdfBars(found, int(earlier.start[-1]) if len(earlier) else None)


def bars_between(instrument: Instrument, resolution: Resolution, *, start: int, end: int) -> BarSeries:
    """The bars in [start, end), at most the latest `MOST_CANDLES`."""
    return _last_bars(instrument, resolution, before=end, count=MOST_CANDLES, since=start)


def _last_bars(
    instrument: Instrument, resolution: Resolution, *, before: int, count: int, since: int = 0
) -> BarSeries:
    """The last `count` bars in [since, before), reading no further back than it takes."""
    before = min(before, int(now().timestamp()) + resolution.offset + 1)
    reach = _reach_seconds(resolution, count)
    beginning: int | None = None
    while before > since:
        first = max(since, before - reach)
        found = _read(instrument, resolution, first, before, count)
        if len(found) >= count or first <= since:
            return found.tail(count)
        if beginning is None:
            beginning = _beginning(instrument)
        if first <= beginning:
            return found.tail(count)
        reach *= _FURTHER
    return BarSeries.empty()


def _read(instrument: Instrument, resolution: Resolution, first: int, before: int, count: int) -> BarSeries:
    """The bars in [first, before), each read to its own end."""
    # A month is whole only with the days before the span; weeks and days are widened where candles are read.
    whole = int(month_starts(np.array([first], dtype=np.int64))[0]) if resolution is Resolution.MONTH else first
    # The candles of a day that has evening sessions may begin anew: two more than the span can hold.
    wanted = (count + 2) * (31 if resolution is Resolution.MONTH else 1)
    series = candles(
        instrument,
        resolution.interval,
        start=_instant(whole - resolution.offset),
        end=_instant(before - resolution.offset + resolution.longest_seconds),
        limit=wanted,
    )
    bars = to_bars(series, resolution)
    columns = bars.columns()
    return BarSeries.from_columns(columns[(bars.start >= first) & (bars.start < before)])


def _beginning(instrument: Instrument) -> int:
    """Before this (Unix seconds) the instrument has no bar of any length; far ahead when it has none at all."""
    minute = Candle.objects.filter(instrument=instrument).order_by("start").values_list("start", flat=True).first()
    day = DailyBar.objects.filter(instrument=instrument).aggregate(first=Min("date"))["first"]
    known = [moment for moment in (minute, ist_day_start(day) if day else None) if moment]
    return int(min(known, default=now()).timestamp())


def _reach_seconds(resolution: Resolution, count: int) -> int:
    """Calendar time in which `count` bars usually fit: sessions are short and holidays come in clusters."""
    if not resolution.is_intraday:
        return int(resolution.longest_seconds * count * 1.6) + 10 * DAY
    # Tight on purpose: over a long holiday it is asked again, further back, which is rarer than it is dear.
    sessions = count * resolution.interval.seconds / 60 / _MINUTES_IN_SESSION
    return int((sessions * 1.45 + 2) * DAY)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(max(0, seconds), UTC)
