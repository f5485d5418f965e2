"""Prices, Greeks and implied volatilities against QuantLib, which shares no code with ours."""

from math import exp, isnan, sqrt

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813
from hypothesis import given
from hypothesis import strategies as st

from trading.portfolio.domain.span.pricing import (
    black_price,
    greeks,
    implied_volatility,
    normal_cdf,
    normal_pdf,
)

RATE = 0.065
forwards = st.floats(50, 90_000)
moneyness = st.floats(-0.6, 0.6)
lives = st.floats(1 / (365 * 24), 3)
volatilities = st.floats(0.03, 2.5)
signs = st.sampled_from([1.0, -1.0])


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def oracle(sign: float, strike: float, forward: float, deviation: float, discount: float) -> float:
    kind = ql.Option.Call if sign > 0 else ql.Option.Put
    return float(ql.blackFormula(kind, strike, forward, deviation, discount))


def test_normal_distribution_is_the_libraries_to_double_precision() -> None:
    cumulative, density = ql.CumulativeNormalDistribution(), ql.NormalDistribution()
    x = np.linspace(-38, 38, 4001)
    assert np.max(np.abs(normal_cdf(x) - [cumulative(float(each)) for each in x])) < 1e-14
    assert np.max(np.abs(normal_pdf(x) - [density(float(each)) for each in x])) < 1e-14


@given(forwards, moneyness, lives, volatilities, signs)
def test_price_is_the_libraries(forward: float, log_k: float, years: float, volatility: float, sign: float) -> None:
    strike = forward * exp(log_k)
    ours = black_price(
        array(forward), array(strike), array(years), array(volatility), array(sign), rate=RATE
    ).item()
    theirs = oracle(sign, strike, forward, volatility * sqrt(years), exp(-RATE * years))
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9 * forward)


@given(forwards, moneyness, lives, volatilities, signs)
def test_a_price_implies_the_volatility_it_was_made_with(
    forward: float, log_k: float, years: float, volatility: float, sign: float
) -> None:
    strike = forward * exp(log_k)
    arguments = (array(forward), array(strike), array(years))
    price = black_price(*arguments, array(volatility), array(sign), rate=RATE)
    found = implied_volatility(price, *arguments, array(sign), rate=RATE, fallback=-1.0)
    again = black_price(*arguments, np.maximum(found, 0.01), array(sign), rate=RATE).item()
    if found.item() > 0:
        assert again == pytest.approx(price.item(), abs=1e-8 * forward)
    else:
        # Only what has no time value to speak of, or is beyond the range of volatilities, implies none.
        time_value = price.item() * exp(RATE * years) - max(sign * (forward - strike), 0.0)
        assert time_value < 1e-7 * forward


@given(forwards, moneyness, st.floats(0.02, 3), st.floats(0.05, 1.5), signs)
def test_greeks_are_the_libraries(
    forward: float, log_k: float, years: float, volatility: float, sign: float
) -> None:
    strike, discount = forward * exp(log_k), exp(-RATE * years)
    spot, deviation = forward * discount, volatility * sqrt(years)
    kind = ql.Option.Call if sign > 0 else ql.Option.Put
    library = ql.BlackCalculator(ql.PlainVanillaPayoff(kind, strike), forward, deviation, discount)
    ours = greeks(array(forward), array(strike), array(years), array(volatility), array(sign), rate=RATE)
    assert ours.delta.item() == pytest.approx(library.delta(spot), abs=1e-9)
    assert ours.gamma.item() == pytest.approx(library.gamma(spot), rel=1e-7, abs=1e-15)
    assert ours.vega.item() == pytest.approx(library.vega(years) / 100, rel=1e-7, abs=1e-12 * spot)
    assert ours.theta.item() == pytest.approx(library.thetaPerDay(spot, years), rel=1e-6, abs=1e-9 * spot)
    assert ours.rho.item() == pytest.approx(library.rho(years) / 100, rel=1e-7, abs=1e-10 * spot)


@pytest.mark.parametrize(
    ("name", "price", "forward", "strike", "years"),
    [
        ("below intrinsic", 399.0, 24_400.0, 24_000.0, 0.02),
        ("no price", float("nan"), 24_000.0, 24_000.0, 0.02),
        ("zero", 0.0, 24_000.0, 24_000.0, 0.02),
        ("no time", 50.0, 24_000.0, 24_000.0, 0.0),
        ("past its end", 50.0, 24_000.0, 24_000.0, -0.01),
        ("worth more than the underlying", 24_100.0, 24_000.0, 1_000.0, 0.02),
        ("wilder than 500 %", 9_000.0, 24_000.0, 24_000.0, 0.0005),
    ],
)
def test_what_implies_no_volatility_gets_the_fallback(
    name: str, price: float, forward: float, strike: float, years: float
) -> None:
    found = implied_volatility(
        array(price), array(forward), array(strike), array(years), array(1.0), rate=RATE, fallback=0.14
    )
    assert found.item() == 0.14, name


def test_a_chain_solves_each_leg_beside_hopeless_ones() -> None:
    strikes = np.arange(20_000.0, 28_001.0, 100.0)
    forward, years = np.full(strikes.shape, 24_000.0), np.full(strikes.shape, 7 / 365)
    sign = np.where(strikes > 24_000, 1.0, -1.0)
    smile = 0.14 + 2.0 * np.log(strikes / 24_000) ** 2
    price = black_price(forward, strikes, years, smile, sign, rate=RATE)
    price[::7] = np.nan
    found = implied_volatility(price, forward, strikes, years, sign, rate=RATE, fallback=9.0)
    assert (found[::7] == 9.0).all()
    known = ~np.isnan(price) & (price > 0.01)
    assert np.max(np.abs(found[known] - smile[known])) < 1e-9


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_on_its_last_moment_an_option_is_worth_what_it_pays(sign: float) -> None:
    strikes = array(23_000.0, 24_000.0, 25_000.0)
    value = black_price(array(24_000.0), strikes, array(0.0), array(0.2), np.full(3, sign), rate=RATE)
    assert value == pytest.approx(np.maximum(sign * (24_000.0 - strikes), 0.0), abs=1e-4)
    assert not any(isnan(each) for each in value)
