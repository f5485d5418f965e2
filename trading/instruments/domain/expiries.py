"""When NSE index and stock contracts expire, by dated rules. Dates are exchange dates (IST)."""

import calendar as months
from datetime import date, timedelta

from .calendar import TradingCalendar

_THURSDAY, _TUESDAY = 3, 1
_TUESDAYS_SINCE = date(2025, 9, 1)


def expiry_weekday(on: date) -> int:
    """The weekday (Monday = 0) on which NSE contracts of that time expire: Tuesday since 1 Sep 2025."""
    return _TUESDAY if on >= _TUESDAYS_SINCE else _THURSDAY


def weekly_expiry(calendar: TradingCalendar, on: date) -> date:
    """The first weekly expiry on or after `on`: the expiry weekday, or the trading day before a holiday.

    Raises CalendarUnknown past the end of the calendar.
    """
    nominal = nominal_weekly_expiry(on)
    while (actual := _on_or_before(calendar, nominal)) < on:
        nominal = nominal_weekly_expiry(nominal + timedelta(days=1))
    return actual


def nominal_weekly_expiry(on: date) -> date:
    """The first expiry weekday on or after `on`, holidays not considered."""
    return on + timedelta(days=(expiry_weekday(on) - on.weekday()) % 7)


def monthly_expiry(calendar: TradingCalendar, year: int, month: int) -> date:
    """The last expiry weekday of a month, or the trading day before it; raises CalendarUnknown."""
    return _on_or_before(calendar, nominal_monthly_expiry(year, month))


def nominal_monthly_expiry(year: int, month: int) -> date:
    """The last expiry weekday of a month, holidays not considered."""
    last = date(year, month, months.monthrange(year, month)[1])
    return last - timedelta(days=(last.weekday() - expiry_weekday(last)) % 7)


def _on_or_before(calendar: TradingCalendar, on: date) -> date:
    return on if calendar.is_trading_day(on) else calendar.previous_trading_day(on)
