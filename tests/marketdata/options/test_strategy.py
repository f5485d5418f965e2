"""Strategies before their expiry, and with several of them, against py_vollib, QuantLib and brute force."""

from decimal import Decimal
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_vollib.black_scholes import black_scholes
from py_vollib.black_scholes.greeks.analytical import delta, gamma, rho, theta, vega
from QuantLib import Option, blackFormula

from trading.marketdata.domain.options.payoff import Leg, LegKind
from trading.marketdata.domain.options.strategy import Basis, Outlook, leg_greeks, leg_values, outcome, profits

CALL, PUT, FUTURE, SHARE = LegKind
RATE = 0.065
WEEK, MONTH = 7 / 365, 35 / 365
D = Decimal


def leg(
    kind: LegKind,
    quantity: int,
    entry: float,
    strike: int = 0,
    years: float = WEEK,
    iv: float = 0.13,
    basis: float = 0.0,
) -> Leg:
    life = inf if kind is SHARE else years
    return Leg(
        kind=kind,
        quantity=quantity,
        entry=D(str(entry)),
        strike=D(strike),
        years=life,
        volatility=iv,
        basis=basis,
    )


@st.composite
def legs(draw: st.DrawFn) -> Leg:
    return leg(
        draw(st.sampled_from(list(LegKind))),
        draw(st.integers(-3, 3).filter(bool)) * 75,
        draw(st.integers(1, 4000)) / 20,
        draw(st.integers(220, 280)) * 100,
        draw(st.sampled_from([WEEK, MONTH])),
        draw(st.floats(0.08, 0.5)),
    )


CALENDAR = (leg(CALL, -75, 150.0, 25000, WEEK, 0.12), leg(CALL, 75, 420.0, 25000, MONTH, 0.13))


@settings(max_examples=40, deadline=None)
@given(st.lists(legs(), min_size=1, max_size=5), st.floats(20000, 30000), st.floats(0, WEEK * 0.99))
def test_profit_before_expiry_is_what_py_vollib_prices(found: list[Leg], spot: float, after: float) -> None:
    total = 0.0
    for each in found:
        if each.is_option:
            flag = "c" if each.kind is CALL else "p"
            worth = black_scholes(flag, spot, float(each.strike), each.years - after, RATE, each.volatility)
        else:
            worth = spot
        total += (worth - float(each.entry)) * each.quantity
    assert profits(found, np.array([spot]), after=after, rate=RATE)[0] == pytest.approx(total, abs=1e-6)


def test_what_is_left_of_the_basis_carries_the_forward_as_quantlib_prices_it() -> None:
    """An option's basis is the discounted forward less the spot: at once the price is that of Black (1976)."""
    spot, forward = 25000.0, 25120.0
    basis = forward * np.exp(-RATE * MONTH) - spot
    call = leg(CALL, 1, 0.0, 25200, MONTH, 0.14, float(basis))
    oracle = blackFormula(Option.Call, 25200, forward, 0.14 * MONTH**0.5, float(np.exp(-RATE * MONTH)))
    assert leg_values([call], np.array([spot]), after=0.0, rate=RATE)[0, 0] == pytest.approx(oracle, rel=1e-10)
    future = leg(FUTURE, 1, 0.0, years=MONTH, basis=forward - spot)
    values = [leg_values([future], np.array([spot]), after=t, rate=RATE)[0, 0] for t in (0.0, MONTH / 2, MONTH)]
    assert values == pytest.approx([25120.0, 25060.0, 25000.0])


@settings(max_examples=30, deadline=None)
@given(legs(), st.floats(22000, 28000))
def test_greeks_are_those_of_py_vollib_times_the_quantity(each: Leg, spot: float) -> None:
    found = leg_greeks([each], spot, after=0.0, rate=RATE)
    if not each.is_option:
        assert (found.delta[0], found.vega[0]) == (each.quantity, 0.0)
        return
    terms = ("c" if each.kind is CALL else "p", spot, float(each.strike), each.years, RATE, each.volatility)
    for name, oracle in (("delta", delta), ("gamma", gamma), ("theta", theta), ("vega", vega), ("rho", rho)):
        assert getattr(found, name)[0] == pytest.approx(oracle(*terms) * each.quantity, rel=1e-6, abs=1e-6), name


def test_a_calendar_spread_is_searched_and_agrees_with_brute_force() -> None:
    found = outcome(CALENDAR, spot=25000.0, rate=RATE, outlook=Outlook(25030.0, 0.12, WEEK))
    assert found.basis is Basis.MODEL
    assert found.searched is not None
    grid = np.arange(15000.0, 36000.0, 1.0)
    made = profits(CALENDAR, grid, after=WEEK, rate=RATE)
    turns = grid[:-1][np.sign(made[:-1]) * np.sign(made[1:]) < 0]
    assert len(found.break_evens) == len(turns) == 2
    for zero, turn in zip(found.break_evens, turns, strict=True):
        assert turn <= float(zero) <= turn + 1
        assert abs(profits(CALENDAR, np.array([float(zero)]), after=WEEK, rate=RATE)[0]) < 1.0
    assert found.best.amount is not None
    assert float(found.best.amount) == pytest.approx(made.max(), abs=0.5)
    assert float(found.best.at or 0) == pytest.approx(25000, abs=2)
    assert found.worst.amount is not None
    # At most the debit is lost, but for the interest on the strike.
    assert -270.0 * 75 - 1 <= float(found.worst.amount) <= made.min()
    assert found.probability is not None
    assert 0.2 < found.probability < 0.8


@pytest.mark.parametrize(
    ("strategy", "gain", "loss"),
    [
        (CALENDAR, False, False),
        ((leg(CALL, -75, 150.0, 25000, WEEK), leg(CALL, 150, 420.0, 25000, MONTH)), True, False),
        ((leg(CALL, -150, 150.0, 25000, WEEK), leg(CALL, 75, 420.0, 25000, MONTH)), False, True),
        (
            (
                leg(PUT, -75, 150.0, 25000, WEEK),
                leg(FUTURE, 75, 25100.0, years=MONTH),
                leg(CALL, 75, 1.0, 25000, MONTH),
            ),
            True,
            False,
        ),
    ],
)
def test_whether_gain_and_loss_have_bounds_is_known_without_a_model(
    strategy: tuple[Leg, ...], gain: bool, loss: bool
) -> None:
    found = outcome(strategy, spot=25000.0, rate=RATE, outlook=None)
    assert (found.best.is_unbounded, found.worst.is_unbounded) == (gain, loss)
    assert found.probability is None


def test_written_puts_of_two_expiries_can_lose_their_strikes() -> None:
    short = (leg(PUT, -75, 150.0, 25000, WEEK), leg(PUT, -75, 420.0, 25000, MONTH))
    worst = outcome(short, spot=25000.0, rate=RATE, outlook=None).worst
    least = (150 + 420 - 25000 - 25000 * np.exp(-RATE * (MONTH - WEEK))) * 75
    assert float(worst.amount or 0) == pytest.approx(least, rel=1e-6)
    assert worst.at == 0


def test_one_expiry_is_solved_and_the_model_agrees_with_it_on_the_last_day() -> None:
    strangle = (leg(CALL, -75, 80.0, 25500), leg(PUT, -75, 70.0, 24500))
    found = outcome(strangle, spot=25000.0, rate=RATE, outlook=Outlook(25030.0, 0.13, WEEK))
    assert found.basis is Basis.EXACT
    assert found.searched is None
    assert found.break_evens == (D(24350), D(25650))
    assert profits(strangle, np.array([24350.0, 25000.0, 25650.0]), after=WEEK, rate=RATE) == pytest.approx(
        [0.0, 150.0 * 75, 0.0]
    )


def test_an_option_without_a_volatility_has_no_price_before_its_end() -> None:
    unknown = leg(CALL, 75, 5.0, 25000, MONTH, nan)
    assert np.isnan(profits([unknown], np.array([25000.0]), after=0.0, rate=RATE)[0])
    assert profits([unknown], np.array([25010.0]), after=MONTH, rate=RATE)[0] == pytest.approx(375.0)
