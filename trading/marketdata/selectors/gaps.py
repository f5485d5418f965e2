"""Days whose candles are missing, found by comparing daily bars with the exchange's calendar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Min, QuerySet

from core.clock import trading_date
from trading.instruments.domain.sessions import Segment
from trading.instruments.models import OPTION_TYPES, Instrument
from trading.instruments.selectors import calendar_for, segment_for

from ..domain.bars import MINUTE
from ..domain.coverage import DayCoverage, DayState, minute_state
from ..models import Backfill, DailyBar
from .hours import trading_hours

MOST_INSTRUMENTS = 2_000
LONGEST_SPAN = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class InstrumentCoverage:
    """An instrument's trading days of a span, ascending."""

    instrument: Instrument
    segment: Segment
    days: tuple[DayCoverage, ...]

    @property
    def gaps(self) -> tuple[DayCoverage, ...]:
        """The days that could be filled."""
        return tuple(day for day in self.days if day.state.is_gap)


@dataclass(frozen=True, slots=True)
class Coverage:
    """All of a span: its trading days, and each instrument's, those with gaps first."""

    interval: Backfill.Interval
    trading_days: tuple[date, ...]
    instruments: tuple[InstrumentCoverage, ...]

    @property
    def gap_count(self) -> int:
        """Days that could be filled, over all instruments."""
        return sum(len(each.gaps) for each in self.instruments)


def coverage(
    interval: Backfill.Interval,
    *,
    first: date,
    last: date,
    instruments: Iterable[Instrument] | None = None,
    segment: Segment | None = None,
) -> Coverage:
    """What is stored of each trading day from `first` to `last`, today excluded; raises CalendarUnknown.

    Looked at are the instruments named, else those that have any bar in the span: minutes where minutes are asked
    for, options left out where days are. Without being named an instrument is expected from its first bar on.
    """
    days = calendar_for().trading_days(first, min(last, trading_date() - timedelta(days=1)))
    named = list(instruments) if instruments is not None else None
    chosen = named if named is not None else list(_followed(interval, first, last))
    stored = _stored([each.pk for each in chosen], first, last)
    begins = {} if named is not None else _first_days(each.pk for each in chosen)
    rows = []
    for instrument in chosen:
        its_segment = segment_for(instrument)
        if segment is None or its_segment is segment:
            begin = begins.get(instrument.pk, first)
            listed = [day for day in days if day >= begin and (not instrument.expiry or day <= instrument.expiry)]
            cells = _cells(interval, instrument, its_segment, listed, stored.get(instrument.pk, {}))
            rows.append(InstrumentCoverage(instrument, its_segment, tuple(cells)))
    rows.sort(key=lambda row: (-len(row.gaps), row.instrument.key))
    return Coverage(interval, tuple(days), tuple(rows))


def _followed(interval: Backfill.Interval, first: date, last: date) -> QuerySet[Instrument]:
    bars = DailyBar.objects.filter(date__range=(first - timedelta(days=7), last))
    chosen = Instrument.objects.all()
    if interval is Backfill.Interval.MINUTE:
        bars = bars.filter(minutes__gt=0)
    else:
        chosen = chosen.exclude(instrument_type__in=OPTION_TYPES)
    return chosen.filter(pk__in=bars.values("instrument_id")).order_by("key")[:MOST_INSTRUMENTS]


def _stored(ids: Sequence[int], first: date, last: date) -> dict[int, dict[date, tuple[int, bool]]]:
    """For each instrument and day the stored minutes, and whether it was officially idle."""
    found: dict[int, dict[date, tuple[int, bool]]] = {}
    rows = DailyBar.objects.filter(instrument_id__in=ids, date__range=(first, last))
    for instrument_id, day, minutes, source, volume in rows.values_list(
        "instrument_id", "date", "minutes", "source", "volume"
    ):
        idle = source == DailyBar.Source.BHAVCOPY and volume == 0
        found.setdefault(instrument_id, {})[day] = (minutes, idle)
    return found


def _first_days(ids: Iterable[int]) -> dict[int, date]:
    bars = DailyBar.objects.filter(instrument_id__in=list(ids))
    return dict(bars.values("instrument_id").annotate(first=Min("date")).values_list("instrument_id", "first"))


def _cells(
    interval: Backfill.Interval,
    instrument: Instrument,
    segment: Segment,
    days: Sequence[date],
    stored: Mapping[date, tuple[int, bool]],
) -> list[DayCoverage]:
    cells = []
    for day in days:
        minutes, idle = stored.get(day, (0, False))
        expected = _session_minutes(segment, day)
        if interval is Backfill.Interval.DAY:
            state = DayState.COMPLETE if day in stored else DayState.MISSING
        else:
            state = minute_state(
                expected=expected, stored=minutes, trades_all_day=instrument.expiry is None, was_idle=idle
            )
        cells.append(DayCoverage(day, state, expected, minutes))
    return cells


def _session_minutes(segment: Segment, day: date) -> int:
    return sum(int((hours.ends - hours.starts).total_seconds()) // MINUTE for hours in trading_hours(segment, day))
