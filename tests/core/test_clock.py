from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from core import clock


@pytest.fixture(autouse=True)
def _wall_clock_afterwards() -> Iterator[None]:
    yield
    clock.clear_virtual()


def test_market_time_is_the_walls_unless_a_replay_runs() -> None:
    assert abs(clock.now() - clock.wall_now()) < timedelta(seconds=1)


def test_virtual_time_runs_at_the_chosen_speed() -> None:
    origin = datetime(2016, 8, 22, 3, 45, tzinfo=UTC)
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False) as wall:
        clock.set_virtual(origin, speed=60)
        wall.shift(timedelta(seconds=30))
        assert clock.now() == origin + timedelta(minutes=30)
        assert clock.wall_now() == datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)


def test_a_clock_that_does_not_run_forward_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        clock.set_virtual(datetime(2016, 8, 22, tzinfo=UTC), speed=0)


def test_the_trading_date_is_the_date_in_india() -> None:
    assert clock.trading_date(datetime(2026, 11, 19, 18, 29, tzinfo=UTC)) == date(2026, 11, 19)
    assert clock.trading_date(datetime(2026, 11, 19, 18, 30, tzinfo=UTC)) == date(2026, 11, 20)


def test_a_day_in_india_is_24_hours_long() -> None:
    start, end = clock.ist_day_span(date(2026, 11, 20))
    assert start == datetime(2026, 11, 19, 18, 30, tzinfo=UTC)
    assert end - start == timedelta(days=1)


def test_the_first_and_the_last_day_of_the_calendar_have_a_span_too() -> None:
    first, last = clock.ist_day_span(date.min), clock.ist_day_span(date.max)
    assert first == (datetime.min.replace(tzinfo=UTC), clock.ist_day_start(date(1, 1, 2)))
    assert last == (datetime(9999, 12, 30, 18, 30, tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
