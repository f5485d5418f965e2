"""The dated session table, and the session of an instrument at an instant."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from core.clock import IST
from tests.factories import make_instrument
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Phase, Segment
from trading.instruments.models import CalendarDay, InstrumentType, SessionRule
from trading.instruments.selectors import market_status, session_at, session_windows
from trading.instruments.services import calendar_load

pytestmark = pytest.mark.django_db


def ist(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST)


@pytest.fixture
def stock() -> object:
    return make_instrument("NSE:RELIANCE", has_derivatives=True)


@pytest.fixture
def other_stock() -> object:
    return make_instrument("NSE:SMALLCAP")


@pytest.fixture
def future() -> object:
    return make_instrument("NFO:NIFTY26NOVFUT", expiry=date(2026, 11, 23), lot_size=65)


@pytest.mark.parametrize(
    ("at", "stock_phase", "other_phase", "future_phase"),
    [
        ("2026-07-31T15:20", "CONTINUOUS", "CONTINUOUS", "CONTINUOUS"),
        ("2026-07-31T15:35", "CLOSED", "CLOSED", "CLOSED"),
        ("2026-07-31T15:45", "POST_CLOSE", "POST_CLOSE", "CLOSED"),
        ("2026-08-03T08:59", "CLOSED", "CLOSED", "CLOSED"),
        ("2026-08-03T09:05", "PRE_OPEN", "PRE_OPEN", "CLOSED"),
        ("2026-08-03T09:15", "CONTINUOUS", "CONTINUOUS", "CONTINUOUS"),
        ("2026-08-03T15:14", "CONTINUOUS", "CONTINUOUS", "CONTINUOUS"),
        ("2026-08-03T15:15", "CLOSING_AUCTION", "CONTINUOUS", "CONTINUOUS"),
        ("2026-08-03T15:30", "CLOSING_AUCTION", "CLOSED", "CONTINUOUS"),
        ("2026-08-03T15:35", "CLOSED", "CLOSED", "CONTINUOUS"),
        ("2026-08-03T15:40", "CLOSED", "CLOSED", "CLOSED"),
        ("2026-08-03T15:50", "POST_CLOSE", "POST_CLOSE", "CLOSED"),
        ("2026-08-03T16:00", "CLOSED", "CLOSED", "CLOSED"),
    ],
)
def test_the_session_table_is_dated(
    stock, other_stock, future, at: str, stock_phase: str, other_phase: str, future_phase: str
) -> None:
    phases = [session_at(instrument, ist(at)).phase for instrument in (stock, other_stock, future)]
    assert phases == [stock_phase, other_phase, future_phase]


def test_muhurat_trading_has_its_own_hours_and_name(stock) -> None:
    assert session_at(stock, ist("2022-10-24T10:00")).phase is Phase.CLOSED
    evening = session_at(stock, ist("2022-10-24T18:20"))
    assert (evening.phase, evening.reason) == (Phase.CONTINUOUS, "Muhurat trading")
    assert evening.closes_at == ist("2022-10-24T19:15")


def test_a_day_may_hold_two_sessions(stock) -> None:
    between = session_at(stock, ist("2024-03-02T11:00"))
    assert (between.phase, between.opens_at) == (Phase.CLOSED, ist("2024-03-02T11:30"))


@pytest.mark.parametrize(
    ("at", "reason", "opens_at"),
    [
        ("2026-11-20T08:00", "before the session", "2026-11-20T09:15"),
        ("2026-11-20T17:00", "after the session", "2026-11-23T09:15"),
        ("2026-11-21T12:00", "weekend", "2026-11-23T09:15"),
        ("2026-11-10T12:00", "Diwali Balipratipada", "2026-11-11T09:15"),
    ],
)
def test_a_closed_market_says_why_and_when_it_opens(other_stock, at: str, reason: str, opens_at: str) -> None:
    state = session_at(other_stock, ist(at))
    assert (state.phase, state.reason, state.opens_at) == (Phase.CLOSED, reason, ist(opens_at))


def test_an_expired_contract_is_closed_from_the_day_after(future) -> None:
    assert session_at(future, ist("2026-11-23T10:00")).phase is Phase.CONTINUOUS
    assert session_at(future, ist("2026-11-25T10:00")).phase is Phase.CLOSED


def test_a_year_without_calendar_is_refused_not_guessed(stock) -> None:
    with pytest.raises(CalendarUnknown):
        session_at(stock, ist("2031-06-02T10:00"))


def test_the_last_known_session_has_no_next_opening(stock) -> None:
    assert session_at(stock, ist("2026-12-31T18:00")).opens_at is None


def test_an_exchange_without_calendar_is_refused() -> None:
    gold = make_instrument(
        "MCX:GOLD26DECFUT", instrument_type=InstrumentType.FUTURE, expiry=date(2026, 12, 4), tick_size=Decimal(1)
    )
    with pytest.raises(CalendarUnknown):
        session_at(gold, ist("2026-11-20T10:00"))


def test_asking_again_on_the_same_day_costs_no_query(
    stock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session_at(stock, ist("2026-11-20T10:00"))
    with django_assert_num_queries(0):
        for minute in range(0, 360, 7):
            session_at(stock, ist("2026-11-20T09:30") + timedelta(minutes=minute))


def test_a_simulated_market_never_closes_and_says_so(stock, settings: Settings) -> None:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    state = session_at(stock, ist("2026-11-21T03:00"))
    assert (state.phase, state.reason) == (Phase.CONTINUOUS, "simulated")
    assert market_status(ist("2026-11-21T03:00")).simulated


@given(st.dates(date(2016, 1, 1), date(2026, 12, 31)), st.sampled_from(Segment))
def test_phases_of_a_day_follow_each_other_without_overlap(on: date, segment: Segment) -> None:
    windows = session_windows(segment, on)
    assert all(one.ends <= following.starts for one, following in pairwise(windows))
    assert not windows or any(window.phase is Phase.CONTINUOUS for window in windows)


def test_reloading_the_shipped_tables_keeps_an_operators_entries() -> None:
    CalendarDay.objects.create(calendar="NSE", date=date(2026, 12, 7), kind="HOLIDAY", name="Announced late")
    calendar_load()
    assert CalendarDay.objects.filter(name="Announced late").exists()
    calendar_load(replace=True)
    assert not CalendarDay.objects.filter(name="Announced late").exists()


def test_load_calendar_changes_nothing_the_second_time(capsys: pytest.CaptureFixture[str]) -> None:
    before = (CalendarDay.objects.count(), SessionRule.objects.count())
    call_command("load_calendar")
    assert (CalendarDay.objects.count(), SessionRule.objects.count()) == before
    assert "calendar" in capsys.readouterr().out


def test_rules_of_a_segment_never_overlap_in_time() -> None:
    rules = list(SessionRule.objects.filter(phase=Phase.CONTINUOUS))
    for segment in Segment:
        spans = sorted((rule.valid_from, rule.valid_to or date.max) for rule in rules if rule.segment == segment)
        assert all(ends < starts for (_, ends), (starts, _) in pairwise(spans))
    assert time(9, 15) in {rule.starts for rule in rules}
