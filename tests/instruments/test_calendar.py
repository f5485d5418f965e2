"""The shipped calendar against an independent one (exchange_calendars' XBOM), and its special days."""

from datetime import date, timedelta

import exchange_calendars
import pytest

from trading.instruments.domain.calendar import CalendarUnknown, DayKind, ExceptionalDay, TradingCalendar
from trading.instruments.domain.expiries import monthly_expiry, weekly_expiry
from trading.instruments.selectors import calendar_for

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("year", range(2016, 2027))
def test_ordinary_trading_days_of_each_year_agree_with_an_independent_calendar(year: int) -> None:
    first, last = date(year, 1, 1), date(year, 12, 31)
    oracle = exchange_calendars.get_calendar("XBOM", start=first.isoformat(), end=last.isoformat())
    calendar = calendar_for("NSE")
    specials = {on for on, day in calendar.days.items() if day.kind is DayKind.SPECIAL}
    # XBOM knows neither Muhurat sessions nor weekend sessions: those are ours alone.
    ours = [on for on in calendar.trading_days(first, last) if on not in specials]
    assert ours == [session.date() for session in oracle.sessions]


@pytest.mark.parametrize(
    "special",
    [
        date(2020, 2, 1),
        date(2021, 11, 4),
        date(2022, 10, 24),
        date(2024, 1, 20),
        date(2024, 3, 2),
        date(2025, 2, 1),
        date(2026, 2, 1),
    ],
)
def test_special_sessions_trade_on_weekends_and_holidays(special: date) -> None:
    assert calendar_for("NSE").is_trading_day(special)


def test_every_special_day_would_be_closed_without_its_entry() -> None:
    calendar = calendar_for("NSE")
    for on, day in calendar.days.items():
        assert bool(day.hours) == (day.kind is not DayKind.HOLIDAY)
        assert day.kind is not DayKind.HOLIDAY or on.weekday() < 5


@pytest.mark.parametrize("year", [2015, 2027, 1990])
def test_a_year_without_data_is_refused(year: int) -> None:
    with pytest.raises(CalendarUnknown) as caught:
        calendar_for("NSE").is_trading_day(date(year, 6, 1))
    assert caught.value.code == "calendar_unknown"


@pytest.mark.parametrize("exchange", ["MCX", "CDS"])
def test_an_exchange_without_data_is_refused(exchange: str) -> None:
    with pytest.raises(CalendarUnknown):
        calendar_for(exchange)


def test_neighbouring_trading_days_skip_weekends_and_holidays() -> None:
    calendar = calendar_for("NSE")
    assert calendar.next_trading_day(date(2026, 11, 20)) == date(2026, 11, 23)
    assert calendar.next_trading_day(date(2026, 11, 23)) == date(2026, 11, 25)
    assert calendar.previous_trading_day(date(2026, 11, 11)) == date(2026, 11, 9)


def test_a_known_year_needs_one_entry() -> None:
    calendar = TradingCalendar.of("X", [ExceptionalDay(date(2026, 1, 26), DayKind.HOLIDAY, "Republic Day")])
    assert not calendar.is_trading_day(date(2026, 1, 26))
    assert calendar.is_trading_day(date(2026, 1, 27))


def test_contracts_expire_on_tuesdays_since_september_2025_and_before_on_thursdays() -> None:
    calendar = calendar_for("NSE")
    assert weekly_expiry(calendar, date(2025, 8, 25)) == date(2025, 8, 28)
    assert weekly_expiry(calendar, date(2025, 9, 1)) == date(2025, 9, 2)
    assert monthly_expiry(calendar, 2025, 8) == date(2025, 8, 28)
    assert monthly_expiry(calendar, 2026, 8) == date(2026, 8, 25)


def test_an_expiry_on_a_holiday_moves_to_the_trading_day_before() -> None:
    calendar = calendar_for("NSE")
    assert monthly_expiry(calendar, 2026, 11) == date(2026, 11, 23)
    assert weekly_expiry(calendar, date(2026, 11, 21)) == date(2026, 11, 23)
    assert weekly_expiry(calendar, date(2026, 11, 24)) == date(2026, 12, 1)


def test_weekly_expiries_of_a_year_are_trading_days_a_week_apart_but_for_holidays() -> None:
    calendar = calendar_for("NSE")
    on, expiries = date(2026, 1, 1), []
    while on < date(2026, 12, 1):
        expiries.append(weekly_expiry(calendar, on))
        on = expiries[-1] + timedelta(days=1)
    assert len(set(expiries)) == len(expiries)
    assert all(calendar.is_trading_day(expiry) for expiry in expiries)
    assert all(expiry.weekday() in (0, 1, 4) for expiry in expiries)
