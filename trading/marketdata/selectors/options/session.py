"""Up to which moment prices speak: while the market is shut, its last close is the present."""

from datetime import datetime, timedelta

from core.clock import trading_date
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Segment
from trading.instruments.selectors import market_never_closes

from ..hours import trading_hours

_LONGEST_BREAK_DAYS = 12


def last_trading_moment(at: datetime) -> datetime:
    """`at` itself during a session of the derivatives segment, else the end of the one before.

    `at` too where no session is known: a market that never closes, a year without calendar.
    """
    if market_never_closes():
        return at
    day = trading_date(at)
    try:
        for back in range(_LONGEST_BREAK_DAYS):
            for hours in reversed(trading_hours(Segment.EQUITY_DERIVATIVES, day - timedelta(days=back))):
                if hours.starts <= at:
                    return min(at, hours.ends)
    except CalendarUnknown:
        pass
    return at
