"""Whether there is anything to test on: bars of a span, without reading them."""

from datetime import UTC, date, datetime

from core.clock import ist_day_span, trading_date
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import Interval
from trading.marketdata.models import Candle, DailyBar


def has_bars(instrument: Instrument, base: Interval, first: date, last: date) -> bool:
    """Whether at least one bar of the span is stored; daily bars may also be added up from minutes."""
    days = DailyBar.objects.filter(instrument=instrument, date__range=(first, last))
    if base is Interval.D1 and days.exists():
        return True
    since, until = ist_day_span(first)[0], ist_day_span(last)[1]
    return Candle.objects.filter(instrument=instrument, start__gte=since, start__lt=until).exists()


def stored_span(instrument: Instrument, base: Interval) -> tuple[date, date] | None:
    """The first and the last day of which bars are stored; None when there is nothing."""
    if base is Interval.D1:
        days = DailyBar.objects.filter(instrument=instrument)
        ends = [days.order_by(order).values_list("date", flat=True).first() for order in ("date", "-date")]
        if ends[0] is not None and ends[1] is not None:
            return ends[0], ends[1]
    starts = Candle.objects.filter(instrument=instrument)
    first = starts.order_by("start").values_list("start", flat=True).first()
    last = starts.order_by("-start").values_list("start", flat=True).first()
    return (_day(first), _day(last)) if first is not None and last is not None else None


def _day(at: datetime) -> date:
    return trading_date(at.astimezone(UTC))
