"""What is stored to try strategies on: spans without long holes, and the instruments that have all of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, FloatField, QuerySet, Sum
from django.db.models.functions import Cast

from trading.instruments.models import Instrument, InstrumentType
from trading.marketdata.domain.bars import Interval
from trading.marketdata.models import DailyBar

LONGEST_HOLE = timedelta(days=60)
"""Days without any bar that a span may have within itself."""
_WHOLE_DAY = 300
"""Minutes of a day that count as one."""
_FEWEST_DAYS = 5
_NEARLY_ALL = 0.95


@dataclass(frozen=True, slots=True)
class Ground:
    """A span of stored bars, both ends included, and the shares and indices that have nearly every day of it: those
    of which most money changed hands first, then by key."""

    base: Interval
    first: date
    last: date
    shares: tuple[Instrument, ...]
    indices: tuple[Instrument, ...]


def grounds(base: Interval) -> list[Ground]:
    """The spans that are stored of minutes (`M1`) or of days (`D1`), the earliest first."""
    found: list[Ground] = []
    for kinds in ((InstrumentType.EQUITY, InstrumentType.ETF), (InstrumentType.INDEX,)):
        rows = _rows(base).filter(instrument__instrument_type__in=kinds)
        days = sorted(rows.order_by().values_list("date", flat=True).distinct())
        for first, last in _spans(days):
            instruments = _whole(rows.filter(date__range=(first, last)))
            is_index = kinds == (InstrumentType.INDEX,)
            if instruments:
                found.append(
                    Ground(base, first, last, () if is_index else instruments, instruments if is_index else ())
                )
    return sorted(found, key=lambda each: (each.first, each.last))


def _rows(base: Interval) -> QuerySet[DailyBar]:
    rows = DailyBar.objects.all()
    return (
        rows.filter(minutes__gte=_WHOLE_DAY)
        if base is Interval.M1
        else rows.filter(source__gt=DailyBar.Source.ROLL_UP)
    )


def _spans(days: Sequence[date]) -> list[tuple[date, date]]:
    """First and last days between long holes, of at least a week of sessions."""
    groups: list[list[date]] = []
    for day in days:
        if groups and day - groups[-1][-1] <= LONGEST_HOLE:
            groups[-1].append(day)
        else:
            groups.append([day])
    return [(each[0], each[-1]) for each in groups if len(each) >= _FEWEST_DAYS]


def _whole(rows: QuerySet[DailyBar]) -> tuple[Instrument, ...]:
    money = Sum(Cast(F("close"), FloatField()) * Cast(F("volume"), FloatField()))
    counted = list(rows.order_by().values("instrument_id").annotate(days=Count("date"), money=money))
    most = max((each["days"] for each in counted), default=0)
    traded = {each["instrument_id"]: each["money"] or 0.0 for each in counted if each["days"] >= most * _NEARLY_ALL}
    instruments = Instrument.objects.filter(pk__in=traded)
    return tuple(sorted(instruments, key=lambda each: (-traded[each.pk], each.key)))
