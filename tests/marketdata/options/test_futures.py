"""Basis, carry and roll, worked by hand."""

from datetime import date, datetime
from decimal import Decimal
from math import exp, log

import pytest

from trading.marketdata.domain.futures import FutureQuote, future_with_basis, rolls

AT = datetime.fromisoformat("2024-06-20T15:30:00+05:30")
NEAR, FAR = date(2024, 6, 27), date(2024, 7, 25)


def quote(expiry: date, ltp: str, **fields: object) -> FutureQuote:
    return FutureQuote(key=f"FUT{expiry:%m}", expiry=expiry, lot_size=65, ltp=Decimal(ltp), **fields)


def test_the_basis_is_annualised_over_the_days_that_remain() -> None:
    future = future_with_basis(quote(NEAR, "24060"), Decimal(24000), at=AT, rate=0.065)
    assert future.days == pytest.approx(7)
    assert future.basis == Decimal(60)
    assert future.basis_pct == pytest.approx(0.25)
    assert future.annualised == pytest.approx(0.0025 * 365 / 7)
    assert future.carry == pytest.approx(log(24_060 / 24_000) * 365 / 7)
    assert future.fair_value == Decimal(f"{24_000 * exp(0.065 * 7 / 365):.2f}")


def test_a_discount_is_negative_and_the_last_day_has_no_rate() -> None:
    future = future_with_basis(quote(date(2024, 6, 20), "23990"), Decimal(24000), at=AT, rate=0.065)
    assert (future.basis, future.annualised, future.carry) == (Decimal(-10), None, None)


@pytest.mark.parametrize("broken", [{"stale": True}, {"ltp": Decimal(0)}])
def test_nothing_is_derived_from_a_price_that_is_old_or_none(broken: dict[str, object]) -> None:
    far = FutureQuote(**{"key": "F", "expiry": FAR, "lot_size": 65, "ltp": Decimal(24200), **broken})
    future = future_with_basis(far, Decimal(24000), at=AT, rate=0.065)
    assert (future.basis, future.basis_pct, future.carry) == (None, None, None)
    [roll] = rolls([quote(NEAR, "24060"), far])
    assert (roll.spread, roll.roll_yield) == (None, None)
    assert future_with_basis(quote(NEAR, "24060"), None, at=AT, rate=0.0).fair_value is None


def test_rolling_a_long_position_in_contango_costs() -> None:
    near = quote(NEAR, "24060", oi=700, previous_oi=900)
    far = quote(FAR, "24180", oi=300, previous_oi=100)
    [roll] = rolls([near, far])
    assert roll.spread == Decimal(120)
    assert roll.spread_pct == pytest.approx(120 / 24_060 * 100)
    assert roll.roll_yield == pytest.approx(-120 / 24_060 * 365 / 28)
    assert (roll.carried, roll.carried_before) == (0.3, 0.1)
    assert rolls([near]) == ()
