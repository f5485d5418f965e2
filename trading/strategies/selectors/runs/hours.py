"""Whether a run is inside of its schedule, by the exchange's calendar."""

from datetime import datetime

from core import clock
from trading.instruments.domain.calendar import CalendarUnknown, DayKind
from trading.instruments.domain.keys import Exchange
from trading.instruments.selectors import calendar_for
from trading.strategies.models import StrategyRun


def is_in_schedule(run: StrategyRun, at: datetime) -> bool:
    """Whether the run may send orders at a moment, as far as its own times go; sessions are the order's to mind."""
    schedule = run.schedule
    if not schedule.is_on(at):
        return False
    if schedule.special_sessions:
        return True
    try:
        exception = calendar_for(Exchange.NSE).exception(clock.trading_date(at))
    except CalendarUnknown:
        return True
    return exception is None or exception.kind is not DayKind.SPECIAL
