"""What strategies pay at expiry, against a reading unit by unit and against numerical integration."""

from decimal import Decimal
from itertools import pairwise
from math import exp, inf, log, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.marketdata.domain.options.payoff import (
    Leg,
    LegKind,
    horizon,
    is_exact,
    net_premium,
    payoff_at_expiry,
    probability_within,
    tail_units,
)
from trading.marketdata.domain.options.piecewise import Interval, PiecewiseLinear

CALL, PUT, FUTURE, SHARE = LegKind
WEEK = 7 / 365
D = Decimal


def leg(
    kind: LegKind, quantity: int, entry: str, strike: str = "0", years: float = WEEK, basis: float = 0.0
) -> Leg:
    life = inf if kind is SHARE else years
    return Leg(kind=kind, quantity=quantity, entry=D(entry), strike=D(strike), years=life, basis=basis)


CONDOR = (
    leg(CALL, -75, "86.20", "26300"),
    leg(CALL, 75, "41.75", "26500"),
    leg(PUT, -75, "58.10", "25800"),
    leg(PUT, 75, "27.35", "25600"),
)


def naive(legs: tuple[Leg, ...], price: Decimal) -> Decimal:
    """What the legs pay at a price, as a textbook adds it up."""
    total = D(0)
    for each in legs:
        worth = {CALL: max(price - each.strike, D(0)), PUT: max(each.strike - price, D(0))}.get(each.kind, price)
        total += (worth - each.entry) * each.quantity
    return total


@st.composite
def strategies(draw: st.DrawFn) -> tuple[Leg, ...]:
    """One to six legs that expire together; strikes and quantities small enough to collide."""
    return tuple(
        leg(
            draw(st.sampled_from(list(LegKind))),
            draw(st.integers(-3, 3).filter(bool)),
            str(draw(st.integers(1, 400)) / D(20)),
            str(draw(st.integers(2, 12)) * 10),
        )
        for _ in range(draw(st.integers(1, 6)))
    )


def test_an_iron_condor_is_solved_exactly() -> None:
    payoff = payoff_at_expiry(CONDOR)
    credit = D("75.20") * 75
    assert net_premium(CONDOR) == credit
    assert payoff.highest().amount == credit
    assert payoff.lowest().amount == credit - 200 * 75
    assert payoff.zeros() == (D("25724.80"), D("26375.20"))
    assert payoff.gains() == (Interval(D("25724.80"), D("26375.20")),)


@pytest.mark.parametrize(
    ("legs", "best", "worst", "zeros"),
    [
        pytest.param((leg(CALL, 1, "5", "100"),), None, "-5", ["105"], id="long call"),
        pytest.param((leg(CALL, -1, "5", "100"),), "5", None, ["105"], id="short call"),
        pytest.param((leg(PUT, 1, "5", "100"),), "95", "-5", ["95"], id="long put"),
        pytest.param((leg(PUT, -1, "5", "100"),), "5", "-95", ["95"], id="short put"),
        pytest.param(
            (leg(CALL, 1, "5", "100"), leg(PUT, 1, "4", "100")), None, "-9", ["91", "109"], id="long straddle"
        ),
        pytest.param((leg(SHARE, 1, "100"), leg(CALL, -1, "5", "110")), "15", "-95", ["95"], id="covered call"),
        pytest.param((leg(SHARE, 1, "100"), leg(PUT, 1, "5", "90")), None, "-15", ["105"], id="protective put"),
        pytest.param((leg(CALL, 1, "5", "100"), leg(CALL, -2, "2", "110")), "9", None, ["101", "119"], id="ratio"),
        pytest.param((leg(FUTURE, -1, "100"),), "100", None, ["100"], id="short future"),
        pytest.param((leg(CALL, 1, "5", "100"), leg(CALL, -1, "5", "100")), "0", "0", [], id="nothing"),
    ],
)
def test_known_shapes_have_their_textbook_ends(
    legs: tuple[Leg, ...], best: str | None, worst: str | None, zeros: list[str]
) -> None:
    payoff = payoff_at_expiry(legs)
    assert payoff.highest().amount == (None if best is None else D(best))
    assert payoff.lowest().amount == (None if worst is None else D(worst))
    assert [zero for zero in payoff.zeros() if zero] == [D(zero) for zero in zeros]


@given(strategies(), st.integers(0, 4000))
def test_payoff_is_the_sum_of_what_each_leg_pays(legs: tuple[Leg, ...], twentieths: int) -> None:
    price = D(twentieths) / 20
    assert payoff_at_expiry(legs)(price) == naive(legs, price)


@given(strategies())
def test_extremes_bound_a_brute_force_search_and_are_reached(legs: tuple[Leg, ...]) -> None:
    payoff, units = payoff_at_expiry(legs), tail_units(legs)
    found = [naive(legs, D(price)) for price in range(0, 400, 5)]
    best, worst = payoff.highest(), payoff.lowest()
    assert best.is_unbounded == (units > 0)
    assert worst.is_unbounded == (units < 0)
    if best.amount is not None and best.at is not None:
        assert best.amount == max(found) == naive(legs, best.at)
    if worst.amount is not None and worst.at is not None:
        assert worst.amount == min(found) == naive(legs, worst.at)


@given(strategies())
def test_break_evens_are_zeros_and_the_only_places_where_the_sign_turns(legs: tuple[Leg, ...]) -> None:
    payoff = payoff_at_expiry(legs)
    zeros = payoff.zeros()
    for zero in zeros:
        assert abs(naive(legs, zero)) < D("1e-18")
    grid = sorted({*(D(price) / 4 for price in range(2400)), *zeros})
    for low, high in pairwise(grid):
        if naive(legs, low) * naive(legs, high) < 0:
            assert low in zeros or high in zeros
    # Beyond the last break-even nothing turns any more.
    far = D(10) ** 7
    if zeros:
        assert (naive(legs, far) > 0) == (naive(legs, max(zeros[-1], D(130)) + 1) > 0)


@given(strategies(), st.integers(1, 4000))
def test_gains_are_exactly_where_the_payoff_is_above_zero(legs: tuple[Leg, ...], twentieths: int) -> None:
    price = D(twentieths) / 20
    inside = any(
        each.low < price and (each.high is None or price < each.high) for each in payoff_at_expiry(legs).gains()
    )
    made = naive(legs, price)
    if made > 0:
        assert inside
    elif made < 0:
        assert not inside


@given(
    st.floats(0.05, 0.8),
    st.floats(1 / 365, 1.0),
    st.floats(80.0, 120.0),
    st.floats(20.0, 200.0),
    st.floats(1.0, 200.0),
)
def test_probability_is_the_lognormal_mass_by_integration(
    volatility: float, years: float, forward: float, low: float, width: float
) -> None:
    found = probability_within(
        [Interval(D(low), D(low + width))], forward=forward, volatility=volatility, years=years
    )
    deviation = volatility * sqrt(years)
    z = np.linspace(-9.0, 9.0, 200_001)
    prices = forward * np.exp(deviation * z - 0.5 * deviation**2)
    mass = np.where((prices > low) & (prices < low + width), np.exp(-0.5 * z * z) / sqrt(2 * pi), 0.0)
    assert found == pytest.approx(float(np.trapezoid(mass, z)), abs=2e-4)


def test_probability_of_everything_is_one_and_without_time_it_is_a_fact() -> None:
    everything = [Interval(D(0), D(100)), Interval(D(100), None)]
    assert probability_within(everything, forward=100.0, volatility=0.2, years=0.1) == pytest.approx(1.0)
    assert probability_within([Interval(D(90), D(110))], forward=100.0, volatility=0.2, years=0.0) == 1.0
    assert probability_within([Interval(D(110), None)], forward=100.0, volatility=0.2, years=0.0) == 0.0
    # The median of a lognormal lies below its mean.
    median = 100 * exp(-0.5 * 0.04)
    assert probability_within(
        [Interval(D(median), None)], forward=100.0, volatility=0.2, years=1.0
    ) == pytest.approx(0.5)
    assert log(100 / median) > 0


def test_the_horizon_is_the_first_expiry_of_any_contract() -> None:
    month = 30 / 365
    assert horizon((leg(CALL, 1, "5", "100"), leg(CALL, -1, "9", "100", month))) == WEEK
    assert horizon((leg(FUTURE, 1, "100", years=WEEK), leg(CALL, 1, "9", "100", month))) == WEEK
    assert not is_exact((leg(FUTURE, 1, "100", years=WEEK), leg(CALL, 1, "9", "100", month)))
    assert horizon((leg(FUTURE, 1, "100", years=month),)) == month
    assert horizon((leg(SHARE, 1, "100"),)) is None
    assert not is_exact((leg(CALL, 1, "5", "100"), leg(PUT, 1, "9", "100", month)))
    assert is_exact((leg(CALL, 1, "5", "100"), leg(FUTURE, 1, "100", years=month), leg(SHARE, 1, "100")))


def test_a_future_that_lives_on_keeps_what_is_left_of_its_basis() -> None:
    covered = (leg(FUTURE, 1, "101", years=2 * WEEK, basis=1.0), leg(CALL, -1, "2", "105"))
    payoff = payoff_at_expiry(covered)
    assert payoff(D(100)) == D("100.5") - 101 + 2
    assert payoff.highest().amount == D("6.5")


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(-20, 20)), max_size=5),
    st.integers(-20, 20),
    st.integers(-3, 3),
)
def test_piecewise_functions_go_through_their_knots(steps: list[tuple[int, int]], first: int, tail: int) -> None:
    knots, values = [D(0)], [D(first)]
    for width, value in steps:
        knots.append(knots[-1] + width)
        values.append(D(value))
    function = PiecewiseLinear(tuple(knots), tuple(values), D(tail))
    assert [function(knot) for knot in knots] == values
    assert function(knots[-1] + 10) == values[-1] + 10 * tail
    for zero in function.zeros():
        assert abs(function(zero)) < D("1e-20")
