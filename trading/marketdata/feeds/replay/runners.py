"""Setting a replay up: a day's candles from the database, its instruments, its feed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from core import clock
from core.errors import InvalidInput, NotFound
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.selectors import segment_for
from trading.marketdata.domain.bars import MINUTE, BarSeries
from trading.marketdata.domain.minute_ticks import MinuteBar, minute_ticks, scaled_tick
from trading.marketdata.models import Candle
from trading.marketdata.selectors import day_starts, stored_minutes, trading_hours

from ..port import Frame
from ..runner import FeedRunner
from .feed import ReplayFeed

_STEPS_FAST, _STEPS_SLOW, _SLOW_BELOW = 12, 30, 5.0
LEAD = timedelta(seconds=10)
"""How long before the open a replay begins."""


def candle_replay_runner(
    *,
    on: date,
    speed: float = 60.0,
    keys: Sequence[str] | None = None,
    exit_at_end: bool = False,
    record_to: Path | None = None,
) -> FeedRunner:
    """A runner that replays the stored candles of a date at `speed` times the wall's pace; call `start()` on it.

    The stored candles stay as they are. Raises NotFound when none are stored for the date, CalendarUnknown, and
    InvalidInput for a speed that is not positive.
    """
    require_speed(speed)
    since, until = clock.ist_day_span(on)
    listed = Candle.objects.filter(start__gte=since, start__lt=until).values("instrument_id").distinct()
    instruments = list(Instrument.objects.filter(pk__in=listed))
    if keys:
        instruments = [each for each in instruments if each.key in set(keys)]
    if not instruments:
        raise NotFound(f"No candles are stored for {on:%d %b %Y}: import them first.", code="no_candles")
    bars = {each: stored_minutes(each.pk, since, until) for each in instruments}
    steps = _STEPS_SLOW if speed < _SLOW_BELOW else _STEPS_FAST
    starts, ends = day_span(instruments, on)
    feed = ReplayFeed(
        _frames(_minutes(bars), steps), starts=starts - LEAD, ends=ends, speed=speed, exit_at_end=exit_at_end
    )
    days = day_starts(instruments, since)
    return FeedRunner(feed, instruments, day_starts=days, records_candles=False, record_to=record_to)


def require_speed(speed: float) -> None:
    """Raise InvalidInput unless a replay can run at this speed."""
    if not 0 < speed <= 100_000:
        raise InvalidInput("The speed is a number above 0 and at most 100,000.", code="invalid_speed")


def day_span(instruments: Sequence[Instrument], on: date) -> tuple[datetime, datetime]:
    """From when until when any of these trades on a date; raises NotFound when none does, and CalendarUnknown."""
    hours = [each for segment in set(map(segment_for, instruments)) for each in trading_hours(segment, on)]
    if not hours:
        raise NotFound(f"The exchange did not trade on {on:%d %b %Y}.", code="not_a_trading_day")
    return min(each.starts for each in hours), max(each.ends for each in hours)


def _minutes(bars: Mapping[Instrument, BarSeries]) -> list[MinuteBar]:
    minutes: list[MinuteBar] = []
    for instrument, series in bars.items():
        traded = 0
        for start, first, high, low, last, volume, oi in series.columns().tolist():
            minutes.append(
                MinuteBar(
                    key=instrument.key,
                    start=start,
                    open=first,
                    high=high,
                    low=low,
                    close=last,
                    volume=volume,
                    oi=oi,
                    volume_before=traded,
                    tick=scaled_tick(instrument.tick_size),
                    lot=instrument.lot_size,
                    has_book=instrument.instrument_type != InstrumentType.INDEX,
                )
            )
            traded += volume
    return sorted(minutes, key=lambda minute: (minute.start, minute.key))


def _frames(minutes: list[MinuteBar], steps: int) -> Iterator[Frame]:
    """Minute after minute; within one, the instruments take turns, so that there is always something to hear."""
    position = 0
    while position < len(minutes):
        start = minutes[position].start
        same = []
        while position < len(minutes) and minutes[position].start == start:
            same.append(minutes[position])
            position += 1
        ticks = sorted(
            (tick for minute in same for tick in minute_ticks(minute, steps)), key=lambda tick: tick.timestamp
        )
        for turn, tick in enumerate(ticks):
            share = turn % len(same) / len(same)
            due = tick.timestamp + timedelta(seconds=share * MINUTE / steps)
            yield min(due, datetime.fromtimestamp(start + MINUTE - 0.001, UTC)), tick
