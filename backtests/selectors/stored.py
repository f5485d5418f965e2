"""Whether there is anything to test on: bars of a span, without reading them."""

from datetime import UTC, date, datetime, timedelta

from core.clock import ist_day_span, trading_date
from trading.instruments.domain.sessions import Phase, PhaseWindow
from trading.instruments.models import Instrument
from trading.instruments.selectors import market_never_closes, segment_for, session_windows
from trading.marketdata.domain.bars import Interval
from trading.marketdata.models import Candle, DailyBar

# Days without a session in a row.
_LONGEST_BREAK = 10


def has_bars(instrument: Instrument, base: Interval, first: date, last: date) -> bool:
    """Whether at least one bar of the span is stored; daily bars may also be added up from minutes."""
    days = DailyBar.objects.filter(instrument=instrument, date__range=(first, last))
    if base is Interval.D1 and days.exists():
        return True
    since, until = ist_day_span(first)[0], ist_day_span(last)[1]
    return Candle.objects.filter(instrument=instrument, start__gte=since, start__lt=until).exists()


def windows_of(instrument: Instrument, day: date) -> tuple[PhaseWindow, ...]:
    """The phases of a day of the instrument's segment, none on a day without a session. Raises CalendarUnknown.

    Where a simulated market stands in for the exchange around the clock, a day that it was traded on outside of the
    exchange's hours is one session from midnight to midnight, as it was for whoever traded then.
    """
    windows = session_windows(segment_for(instrument), day)
    if not market_never_closes():
        return windows
    opens, closes = ist_day_span(day)
    minutes = Candle.objects.filter(instrument=instrument, start__gte=opens, start__lt=closes)
    if windows:
        minutes = minutes.exclude(start__gte=windows[0].starts, start__lt=windows[-1].ends)
    return (PhaseWindow(Phase.CONTINUOUS, opens, closes),) if minutes.exists() else windows


def closes_by_auction(instrument: Instrument, last: date) -> bool:
    """Whether the instrument's session ends with a closing auction on the last trading day up to a date, included.

    Raises CalendarUnknown.
    """
    for back in range(_LONGEST_BREAK):
        windows = windows_of(instrument, last - timedelta(days=back))
        if windows:
            return any(window.phase is Phase.CLOSING_AUCTION for window in windows)
    return False


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
