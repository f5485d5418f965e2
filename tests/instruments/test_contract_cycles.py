"""Which contracts an underlying had on a day, against what exchanges and brokers published."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.instruments.domain.contract_cycles import ERAS, listed_expiries, lot_size, month_expiry, strike_step


def trading_days(*holidays: date) -> Callable[[date], bool]:
    return lambda day: day.weekday() < 5 and day not in holidays


WEEKDAYS = trading_days()


@pytest.mark.parametrize(
    ("underlying", "on", "first"),
    [
        # The first weeklies: NIFTY in February 2019, BANKNIFTY in June 2016.
        ("NIFTY", date(2019, 2, 1), [date(2019, 2, 14), date(2019, 2, 21)]),
        ("NIFTY", date(2022, 1, 3), [date(2022, 1, 6), date(2022, 1, 13), date(2022, 1, 20), date(2022, 1, 27)]),
        ("BANKNIFTY", date(2016, 5, 27), [date(2016, 6, 2), date(2016, 6, 9)]),
        # Weeks on Wednesday from 6 September 2023, months still on Thursday until February 2024.
        ("BANKNIFTY", date(2023, 8, 25), [date(2023, 8, 31), date(2023, 9, 6), date(2023, 9, 13)]),
        ("BANKNIFTY", date(2023, 9, 21), [date(2023, 9, 28), date(2023, 10, 4)]),
        ("BANKNIFTY", date(2024, 3, 20), [date(2024, 3, 20), date(2024, 3, 27)]),
        # No more weeks after 13 November 2024.
        ("BANKNIFTY", date(2024, 11, 12), [date(2024, 11, 13), date(2024, 11, 27), date(2024, 12, 25)]),
        ("BANKNIFTY", date(2025, 1, 2), [date(2025, 1, 30), date(2025, 2, 27)]),
        # Thursday becomes Tuesday with September 2025.
        ("NIFTY", date(2025, 8, 25), [date(2025, 8, 28), date(2025, 9, 2), date(2025, 9, 9), date(2025, 9, 16)]),
        ("RELIANCE", date(2025, 8, 25), [date(2025, 8, 28), date(2025, 9, 30), date(2025, 10, 28)]),
        ("SENSEX", date(2024, 12, 24), [date(2024, 12, 27), date(2025, 1, 7)]),
    ],
)
def test_expiries_as_they_were_listed(underlying: str, on: date, first: list[date]) -> None:
    assert [each.on for each in listed_expiries(underlying, on, WEEKDAYS)][: len(first)] == first


def test_a_holiday_moves_the_expiry_to_the_trading_day_before() -> None:
    christmas, mahavir, good_friday = date(2024, 12, 25), date(2023, 3, 30), date(2023, 3, 31)
    found = listed_expiries("BANKNIFTY", date(2024, 12, 20), trading_days(christmas))
    assert found[0].on == date(2024, 12, 24)
    assert found[0].is_monthly
    found = listed_expiries("NIFTY", date(2023, 3, 27), trading_days(mahavir, good_friday))
    assert (found[0].on, found[0].is_monthly) == (date(2023, 3, 29), True)
    assert listed_expiries("NIFTY", date(2023, 3, 30), trading_days(mahavir))[0].on == date(2023, 4, 6)


def test_what_nse_listed_on_3_february_2025() -> None:
    """The expiries of NIFTY options in that day's bhavcopy, up to the next change of the rules."""
    found = listed_expiries("NIFTY", date(2025, 2, 3), WEEKDAYS)
    assert [(each.on, each.is_monthly) for each in found if each.on < date(2025, 9, 1)] == [
        (date(2025, 2, 6), False),
        (date(2025, 2, 13), False),
        (date(2025, 2, 20), False),
        (date(2025, 2, 27), True),
        (date(2025, 3, 6), False),
        (date(2025, 3, 27), True),
        (date(2025, 4, 24), True),
        (date(2025, 6, 26), True),
    ]


@pytest.mark.parametrize(
    ("underlying", "expiry", "lot"),
    [
        ("NIFTY", date(2021, 7, 22), 75),
        ("NIFTY", date(2021, 7, 29), 50),
        ("NIFTY", date(2024, 4, 25), 50),
        ("NIFTY", date(2024, 5, 2), 25),
        ("NIFTY", date(2024, 12, 26), 25),
        ("NIFTY", date(2025, 1, 2), 75),
        ("NIFTY", date(2025, 1, 30), 25),
        ("NIFTY", date(2025, 2, 6), 75),
        ("NIFTY", date(2025, 12, 30), 75),
        ("NIFTY", date(2026, 1, 6), 65),
        ("BANKNIFTY", date(2020, 7, 23), 20),
        ("BANKNIFTY", date(2020, 7, 30), 25),
        ("BANKNIFTY", date(2023, 7, 20), 25),
        ("BANKNIFTY", date(2023, 7, 27), 15),
        ("BANKNIFTY", date(2025, 2, 27), 30),
        ("BANKNIFTY", date(2025, 7, 31), 35),
        ("BANKNIFTY", date(2026, 1, 27), 30),
        ("FINNIFTY", date(2024, 7, 30), 25),
        ("RELIANCE", date(2024, 7, 25), None),
        ("FINNIFTY", date(2020, 1, 30), None),
    ],
)
def test_lots_go_with_the_expiry(underlying: str, expiry: date, lot: int | None) -> None:
    assert lot_size(underlying, expiry) == lot


def test_steps_of_indices_and_of_shares() -> None:
    assert strike_step("NIFTY", Decimal(17500)) == 50
    assert strike_step("BANKNIFTY", Decimal(40000)) == 100
    assert [strike_step("ITC", Decimal(price)) for price in (80, 240, 410, 1400, 3900)] == [
        Decimal("2.5"),
        5,
        10,
        20,
        50,
    ]


@given(
    underlying=st.sampled_from([*ERAS, "RELIANCE"]),
    on=st.dates(date(2016, 1, 1), date(2026, 12, 1)),
    holidays=st.frozensets(st.integers(0, 60), max_size=8),
)
def test_expiries_ascend_are_trading_days_and_months_agree(
    underlying: str, on: date, holidays: frozenset[int]
) -> None:
    is_trading_day = trading_days(*(on + timedelta(days=each) for each in holidays))
    found = listed_expiries(underlying, on, is_trading_day)
    days = [each.on for each in found]
    assert days == sorted(days)
    assert all(day >= on and is_trading_day(day) for day in days)
    assert sum(not each.is_monthly for each in found) <= 4
    for each in found:
        if each.is_monthly:
            months = {month_expiry(underlying, day.year, day.month, is_trading_day) for day in _around(each.on)}
            assert each.on in months


def _around(day: date) -> list[date]:
    return [day, day + timedelta(days=12)]
