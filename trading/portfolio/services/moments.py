"""The instants that a day's events are dated at."""

from datetime import date, datetime, timedelta

from core import clock
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Segment
from trading.instruments.selectors import market_never_closes, session_windows
from trading.portfolio.models import Position


def closing_moment(on: date) -> datetime:
    """When a day's last session ends; the last instant of the Indian day where there is none or no end."""
    _, midnight = clock.ist_day_span(on)
    last = midnight - timedelta(microseconds=1)
    if market_never_closes():
        return last
    try:
        windows = session_windows(Segment.EQUITY_DERIVATIVES, on)
    except CalendarUnknown:
        return last
    return windows[-1].ends if windows else last


def event_moment(position: Position, on: date) -> datetime:
    """The day's close, or now for a position that has moved since: its day figures never go back."""
    return closing_moment(on) if position.day is None or position.day <= on else clock.now()
