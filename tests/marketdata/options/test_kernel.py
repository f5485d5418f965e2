"""Prices, Greeks and implied volatilities against QuantLib and py_vollib, which share no code with ours."""

import subprocess
import sys
from math import exp, isnan, nan, sqrt
from pathlib import Path

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813
from hypothesis import given
from hypothesis import strategies as st
from vollib.black_scholes_merton import black_scholes_merton
from vollib.black_scholes_merton.greeks import analytical
from vollib.black_scholes_merton.implied_volatility import implied_volatility as vollib_volatility

from trading.marketdata.domain.options import kernel

ROOT = Path(__file__).resolve().parents[3]
RATE = 0.065
forwards = st.floats(50, 90_000)
moneyness = st.floats(-0.6, 0.6)
lives = st.floats(1 / (365 * 24), 3)
volatilities = st.floats(0.03, 2.5)
rates = st.floats(-0.05, 0.2)
yields = st.floats(-0.1, 0.15)

# Spot, strike, years, volatility: near, far, at and away from the money, calm and wild.
GRID = [
    (24_000.0, 24_000.0 * ratio, years, volatility)
    for ratio in (0.7, 0.9, 0.98, 1.0, 1.02, 1.1, 1.4)
    for years in (1 / 365, 7 / 365, 0.25, 2.0)
    for volatility in (0.08, 0.14, 0.6, 1.5)
]


def library(is_call: bool, forward: float, strike: float, deviation: float, discount: float) -> ql.BlackCalculator:
    kind = ql.Option.Call if is_call else ql.Option.Put
    return ql.BlackCalculator(ql.PlainVanillaPayoff(kind, strike), forward, deviation, discount)


@given(st.booleans(), forwards, moneyness, lives, volatilities, rates)
def test_price_on_a_forward_is_quantlibs(
    is_call: bool, forward: float, log_k: float, years: float, volatility: float, rate: float
) -> None:
    strike = forward * exp(log_k)
    ours = kernel.price(is_call, forward, strike, years, volatility, rate=rate).item()
    theirs = library(is_call, forward, strike, volatility * sqrt(years), exp(-rate * years)).value()
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-10 * forward)


@given(st.booleans(), forwards, moneyness, st.floats(0.02, 3), st.floats(0.05, 1.5), rates, yields)
def test_greeks_on_a_spot_are_quantlibs_at_any_carry(
    is_call: bool, spot: float, log_k: float, years: float, volatility: float, rate: float, dividend: float
) -> None:
    carry, discount = rate - dividend, exp(-rate * years)
    forward, strike = spot * exp(carry * years), spot * exp(log_k)
    ours = kernel.greeks(is_call, spot, strike, years, volatility, rate=rate, carry=carry)
    theirs = library(is_call, forward, strike, volatility * sqrt(years), discount)
    # Their theta takes any carry; their rho is that of a discount and a forward that move together, as ours.
    assert ours.delta.item() == pytest.approx(theirs.delta(spot), abs=1e-9)
    assert ours.gamma.item() == pytest.approx(theirs.gamma(spot), rel=1e-7, abs=1e-15)
    assert ours.vega.item() == pytest.approx(theirs.vega(years) / 100, rel=1e-7, abs=1e-12 * spot)
    assert ours.theta.item() == pytest.approx(theirs.thetaPerDay(spot, years), rel=1e-6, abs=1e-9 * spot)
    assert ours.rho.item() == pytest.approx(theirs.rho(years) / 100, rel=1e-7, abs=1e-10 * spot)


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize(("rate", "dividend"), [(0.065, 0.0), (0.065, 0.012), (0.01, 0.09), (-0.01, 0.0)])
def test_a_grid_of_prices_and_greeks_is_py_vollibs(is_call: bool, rate: float, dividend: float) -> None:
    flag = "c" if is_call else "p"
    spot, strike, years, volatility = np.array(GRID).T
    carry = rate - dividend
    price = kernel.price(is_call, spot, strike, years, volatility, rate=rate, carry=carry)
    found = kernel.greeks(is_call, spot, strike, years, volatility, rate=rate, carry=carry)
    for row, (s, k, t, sigma) in enumerate(GRID):
        arguments = (flag, s, k, t, rate, sigma, dividend)
        assert price[row] == pytest.approx(black_scholes_merton(*arguments), rel=1e-9, abs=1e-8)
        assert found.delta[row] == pytest.approx(analytical.delta(*arguments), abs=1e-9)
        assert found.gamma[row] == pytest.approx(analytical.gamma(*arguments), abs=1e-12)
        assert found.vega[row] == pytest.approx(analytical.vega(*arguments), abs=1e-7)
        assert found.theta[row] == pytest.approx(analytical.theta(*arguments), abs=1e-6)
        assert found.rho[row] == pytest.approx(analytical.rho(*arguments), abs=1e-7)


@pytest.mark.parametrize("is_call", [True, False])
def test_a_grid_of_implied_volatilities_is_py_vollibs(is_call: bool) -> None:
    spot, strike, years, volatility = np.array(GRID).T
    premium = kernel.price(is_call, spot, strike, years, volatility, rate=RATE, carry=RATE - 0.012)
    found = kernel.implied_volatility(premium, is_call, spot, strike, years, rate=RATE, carry=RATE - 0.012)
    intrinsic = np.maximum(
        np.where(is_call, 1, -1) * (spot * np.exp(-0.012 * years) - strike * np.exp(-RATE * years)), 0.0
    )
    telling = (premium - intrinsic > 1e-4) & (premium > 1e-6)
    assert telling.sum() > 60
    for row in np.flatnonzero(telling):
        s, k, t, _ = GRID[row]
        theirs = vollib_volatility(premium[row], s, k, t, RATE, 0.012, "c" if is_call else "p")
        assert found[row] == pytest.approx(theirs, rel=1e-7)


@given(st.booleans(), forwards, moneyness, lives, volatilities, rates, yields)
def test_a_price_implies_the_volatility_it_was_made_with(
    is_call: bool, spot: float, log_k: float, years: float, volatility: float, rate: float, dividend: float
) -> None:
    carry = rate - dividend
    forward = spot * exp(carry * years)
    strike = forward * exp(log_k)
    premium = kernel.price(is_call, spot, strike, years, volatility, rate=rate, carry=carry).item()
    found = kernel.implied_volatility(premium, is_call, spot, strike, years, rate=rate, carry=carry).item()
    if isnan(found):
        # Only what has no time value beyond rounding implies none.
        time_value = premium * exp(rate * years) - max(forward - strike if is_call else strike - forward, 0.0)
        assert time_value <= 1e-13 * max(forward, strike)
        return
    again = kernel.price(is_call, spot, strike, years, found, rate=rate, carry=carry).item()
    assert again == pytest.approx(premium, rel=1e-11, abs=1e-13 * max(forward, strike))
    if (forward < strike) == is_call and premium > 1e-200:
        assert found == pytest.approx(volatility, rel=1e-9)


@given(st.floats(-3, 3), st.floats(1e-4, 8))
def test_no_corner_of_moneyness_and_deviation_is_too_far(log_k: float, deviation: float) -> None:
    is_call = log_k > 0  # out of the money, where a price of any size determines the volatility
    premium = kernel.price(is_call, 1.0, exp(log_k), 1.0, deviation, rate=0.0).item()
    most = min(1.0, exp(log_k))
    if 1e-250 < premium < most * (1 - 1e-9):
        found = kernel.implied_volatility(premium, is_call, 1.0, exp(log_k), 1.0, rate=0.0).item()
        # Far in either wing a price says less about the volatility than a double can hold.
        vega = kernel.greeks(is_call, 1.0, exp(log_k), 1.0, deviation, rate=0.0).vega.item() * 100
        slack = 1e-12 * premium / vega if vega > 0 else 1.0
        assert found == pytest.approx(deviation, rel=1e-8, abs=slack)


@given(st.booleans(), moneyness, lives, volatilities, rates)
def test_rho_on_a_forward_is_the_slope_of_the_discount(
    is_call: bool, log_k: float, years: float, volatility: float, rate: float
) -> None:
    terms = (is_call, 100.0, 100.0 * exp(log_k), years, volatility)
    up, down = (kernel.price(*terms, rate=rate + step).item() for step in (1e-4, -1e-4))
    assert kernel.greeks(*terms, rate=rate).rho.item() == pytest.approx((up - down) / 2e-4 / 100, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "premium", "forward", "strike", "years"),
    [
        ("below intrinsic", 399.0, 24_400.0, 24_000.0, 0.02),
        ("just the intrinsic value", 400.0 * exp(-RATE * 0.02), 24_400.0, 24_000.0, 0.02),
        ("no price", nan, 24_000.0, 24_000.0, 0.02),
        ("no forward", 50.0, nan, 24_000.0, 0.02),
        ("no time is known", 50.0, 24_000.0, 24_000.0, nan),
        ("zero", 0.0, 24_000.0, 24_000.0, 0.02),
        ("negative", -1.0, 24_000.0, 24_000.0, 0.02),
        ("at its end", 50.0, 24_000.0, 24_000.0, 0.0),
        ("past its end", 50.0, 24_000.0, 24_000.0, -0.01),
        ("worth more than the underlying", 24_100.0, 24_000.0, 1_000.0, 0.02),
        ("infinite", float("inf"), 24_000.0, 24_000.0, 0.02),
        ("a strike of nothing", 50.0, 24_000.0, 0.0, 0.02),
        ("a forward below zero", 50.0, -37.6, 20.0, 0.02),
    ],
)
def test_what_implies_no_volatility_is_nan(
    name: str, premium: float, forward: float, strike: float, years: float
) -> None:
    assert isnan(kernel.implied_volatility(premium, True, forward, strike, years, rate=RATE).item()), name


@pytest.mark.parametrize("minutes", [375, 60, 5, 1])
def test_on_expiry_day_a_volatility_is_found_until_the_last_minute(minutes: int) -> None:
    years = minutes / (365 * 24 * 60)
    strikes = 24_000.0 + np.array([-100.0, -50.0, 0.0, 50.0, 100.0])
    premium = kernel.price(strikes >= 24_000, 24_000.0, strikes, years, 0.35, rate=RATE)
    found = kernel.implied_volatility(premium, strikes >= 24_000, 24_000.0, strikes, years, rate=RATE)
    assert found == pytest.approx(np.full(5, 0.35), rel=1e-9)


def test_a_chain_solves_each_leg_beside_hopeless_ones() -> None:
    strikes = np.arange(20_000.0, 28_001.0, 100.0)
    is_call = strikes > 24_000
    smile = 0.14 + 2.0 * np.log(strikes / 24_000) ** 2
    premium = kernel.price(is_call, 24_000.0, strikes, 7 / 365, smile, rate=RATE)
    premium[::7] = np.nan
    found = kernel.implied_volatility(premium, is_call, 24_000.0, strikes, 7 / 365, rate=RATE)
    assert np.isnan(found[::7]).all()
    known = ~np.isnan(premium)
    assert np.max(np.abs(found[known] - smile[known])) < 1e-9


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize("years", [0.0, -0.5])
def test_at_its_end_an_option_is_worth_what_it_pays(is_call: bool, years: float) -> None:
    strikes = np.array([23_000.0, 24_000.0, 25_000.0])
    pays = np.maximum((24_000.0 - strikes) * (1 if is_call else -1), 0.0)
    assert kernel.price(is_call, 24_000.0, strikes, years, 0.2, rate=RATE) == pytest.approx(pays, abs=0)
    found = kernel.greeks(is_call, 24_000.0, strikes, years, 0.2, rate=RATE)
    assert found.delta.tolist() == ([1.0, 0.5, 0.0] if is_call else [0.0, -0.5, -1.0])
    assert not np.concatenate((found.gamma, found.vega, found.theta, found.rho)).any()


def test_without_volatility_only_money_ages() -> None:
    found = kernel.greeks(True, 24_000.0, 20_000.0, 0.5, 0.0, rate=RATE, carry=RATE)
    assert (found.delta.item(), found.gamma.item(), found.vega.item()) == (1.0, 0.0, 0.0)
    assert found.theta.item() == pytest.approx(-RATE * 20_000 * exp(-RATE * 0.5) / 365)
    value = kernel.price(True, 24_000.0, 20_000.0, 0.5, 0.0, rate=RATE, carry=RATE).item()
    assert value == pytest.approx(24_000 - 20_000 * exp(-RATE * 0.5))


@given(forwards, moneyness, lives, volatilities, rates)
def test_call_less_put_is_the_discounted_forward_less_strike(
    forward: float, log_k: float, years: float, volatility: float, rate: float
) -> None:
    strike = forward * exp(log_k)
    call, put = kernel.price([True, False], forward, strike, years, volatility, rate=rate)
    assert call - put == pytest.approx(exp(-rate * years) * (forward - strike), abs=1e-9 * forward)


def test_arguments_broadcast_and_unusable_ones_are_nan() -> None:
    prices = kernel.price([[True], [False]], [90.0, 100.0, nan], 100.0, 0.1, [0.2, -0.1, 0.2], rate=0.0)
    assert prices.shape == (2, 3)
    assert np.isnan(prices).tolist() == [[False, True, True]] * 2
    assert np.isnan(kernel.greeks(True, -1.0, 100.0, 0.1, 0.2, rate=0.0).delta)
    assert kernel.price([], [], [], [], [], rate=0.0).shape == (0,)


def test_an_installation_that_nobody_may_write_to_still_prices(tmp_path: Path) -> None:
    # numba refuses to cache where neither the source's folder nor the user's cache can be written.
    script = (
        "import numba.core.caching as caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "from trading.marketdata.domain.options import kernel\n"
        "print(round(kernel.price(True, 100.0, 100.0, 1.0, 0.2, rate=0.0).item(), 4))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "7.9656"
