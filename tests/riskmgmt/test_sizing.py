"""How much to trade: each method against sums done by hand, and nonsense under its own code."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmgmt.domain.sizing import (
    Ground,
    Range,
    SizingRefusal,
    average_true_range,
    fixed_fraction,
    kelly,
    orders_of,
    risk_per_trade,
    volatility,
)

D = Decimal
TEN_LAKH = Ground(capital=D(10_00_000), price=D(1500))
NIFTY = Ground(capital=D(10_00_000), price=D(120), lot_size=65, freeze_quantity=1800)


def test_fixed_fraction_puts_a_share_of_the_capital_in() -> None:
    size = fixed_fraction(TEN_LAKH, percent=D(10))
    assert (size.quantity, size.value, size.risk) == (66, D(99_000), None)


def test_risk_per_trade_loses_what_it_may_at_the_stop() -> None:
    size = risk_per_trade(TEN_LAKH, percent=D(1), stop=D(1465))
    assert (size.quantity, size.risk) == (285, D(9975))
    assert risk_per_trade(TEN_LAKH, percent=D(1), stop=D(1535)).quantity == 285


def test_volatility_stands_two_true_ranges_off() -> None:
    assert volatility(TEN_LAKH, percent=D(1), atr=D(25), multiple=D(2)).quantity == 200


def test_kelly_follows_the_edge_and_stops_at_the_cap() -> None:
    # W − (1 − W)/R = 0.55 − 0.45/1.5 = 0.25; half of it is 12.5 %.
    half = kelly(TEN_LAKH, win_rate=D(55), payoff=D("1.5"), fraction=D("0.5"))
    assert (half.percent, half.quantity, half.reason) == (D("12.5"), 83, "")
    capped = kelly(TEN_LAKH, win_rate=D(90), payoff=D(3), fraction=D(1))
    assert (capped.percent, capped.reason) == (D(25), "kelly_capped")
    assert kelly(TEN_LAKH, win_rate=D(40), payoff=D("1.5"), fraction=D(1)).reason == "no_edge"


def test_a_size_is_whole_lots_in_orders_that_the_exchange_takes() -> None:
    size = risk_per_trade(NIFTY, percent=D(10), stop=D(100))
    assert (size.quantity, size.lots) == (4940, 76)
    assert size.orders == (1755, 1755, 1430)
    assert risk_per_trade(NIFTY, percent=D("0.1"), stop=D(100)).reason == "below_one_lot"


def test_wilders_average_true_range() -> None:
    bars = [Range(D(h), D(low), D(c)) for h, low, c in [(10, 8, 9), (11, 9, 10), (13, 10, 12), (12, 11, 11)]]
    # True ranges 2, 3 and 1: the mean of the first two, then (2.5 + 1) / 2.
    assert average_true_range(bars, period=2) == D("1.75")


NAN, INFINITE = D("NaN"), D("Infinity")


@pytest.mark.parametrize(
    ("code", "ask"),
    [
        ("invalid_capital", lambda: fixed_fraction(Ground(D(0), D(1)), percent=D(1))),
        ("invalid_capital", lambda: fixed_fraction(Ground(NAN, D(1)), percent=D(1))),
        ("invalid_price", lambda: fixed_fraction(Ground(D(1), D(-1)), percent=D(1))),
        ("invalid_price", lambda: fixed_fraction(Ground(D(1), INFINITE), percent=D(1))),
        ("invalid_percent", lambda: fixed_fraction(TEN_LAKH, percent=D(101))),
        ("invalid_percent", lambda: risk_per_trade(TEN_LAKH, percent=D(0), stop=D(1))),
        ("stop_at_entry", lambda: risk_per_trade(TEN_LAKH, percent=D(1), stop=D(1500))),
        ("invalid_stop", lambda: risk_per_trade(TEN_LAKH, percent=D(1), stop=D(-5))),
        ("invalid_atr", lambda: volatility(TEN_LAKH, percent=D(1), atr=D(0), multiple=D(2))),
        ("invalid_atr_multiple", lambda: volatility(TEN_LAKH, percent=D(1), atr=D(1), multiple=NAN)),
        ("invalid_win_rate", lambda: kelly(TEN_LAKH, win_rate=D(100), payoff=D(1), fraction=D(1))),
        ("invalid_payoff", lambda: kelly(TEN_LAKH, win_rate=D(50), payoff=D(0), fraction=D(1))),
        ("invalid_kelly_fraction", lambda: kelly(TEN_LAKH, win_rate=D(50), payoff=D(1), fraction=D(2))),
        ("not_enough_candles", lambda: average_true_range([Range(D(1), D(1), D(1))], period=14)),
        ("invalid_atr_period", lambda: average_true_range([], period=0)),
    ],
)
def test_nonsense_has_its_own_code(code: str, ask: Any) -> None:
    with pytest.raises(SizingRefusal) as refusal:
        ask()
    assert refusal.value.code == code


@given(
    st.integers(1, 10**8),
    st.integers(1, 10**5),
    st.integers(1, 10**5),
    st.integers(1, 500),
    st.integers(1, 100),
    st.none() | st.integers(500, 5000),
)
def test_no_size_risks_more_than_was_asked_for(
    capital: int, price: int, distance: int, lot: int, percent: int, freeze: int | None
) -> None:
    ground = Ground(D(capital), D(price), lot, freeze)
    size = risk_per_trade(ground, percent=D(percent), stop=D(price + distance))
    assert size.risk is not None
    assert size.risk <= D(capital) * percent / 100
    assert size.quantity % lot == 0
    assert sum(size.orders) == size.quantity
    assert all(order <= (freeze or order) and order % lot == 0 for order in size.orders)


def test_a_freeze_below_a_lot_lets_nothing_through() -> None:
    assert orders_of(100, lot_size=50, freeze_quantity=40) == ()
