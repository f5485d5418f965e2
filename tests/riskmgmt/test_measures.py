"""Value at risk, stress, Greeks and exposure against closed forms and hand-made cases."""

from dataclasses import replace
from math import exp, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmgmt.domain.measures.book import Asset, Book, book_of
from riskmgmt.domain.measures.exposure import GROUPS, exposures
from riskmgmt.domain.measures.stress import HISTORY, scenario_pnl, stress_grid
from riskmgmt.domain.measures.value_at_risk import LEAST_DAYS, Method, TooLittleHistory, value_at_risk
from trading.marketdata.domain.options import kernel

RATE = 0.065
SHARE = Asset("NSE:RELIANCE", "NSE:RELIANCE", 100, 2500.0, 2500.0, sector="Energy", product="DELIVERY")
BANK = Asset("NSE:HDFCBANK", "NSE:HDFCBANK", -50, 1600.0, 1600.0, sector="Banks", product="INTRADAY")
YEARS = 30 / 365
FORWARD = 24_000 * exp(RATE * YEARS)


def premium(forward: float, years: float, volatility: float, sign: float) -> float:
    return kernel.price(sign > 0, forward, 24_000.0, years, volatility, rate=RATE).item()


CALL = Asset(
    "NFO:NIFTY26NOV24000CE",
    "NSE:NIFTY",
    -65,
    premium(FORWARD, YEARS, 0.14, 1.0),
    24_000.0,
    product="NORMAL",
    strategy="condor",
    sign=1,
    strike=24_000.0,
    years=YEARS,
    volatility=0.14,
    forward=FORWARD,
)
PUT = replace(CALL, key="NFO:NIFTY26NOV24000PE", sign=-1, quantity=65, price=premium(FORWARD, YEARS, 0.14, -1.0))


def returns(*columns: list[float]) -> np.ndarray:
    return np.array(columns).T


def test_shares_gain_what_they_are_worth_times_the_move() -> None:
    book = book_of([SHARE, BANK], rate=RATE)
    pnl = book.pnl(np.array([[0.10, 0.0], [0.0, 0.10], [-0.05, -0.05]]))
    assert pnl == pytest.approx([25_000.0, -8_000.0, -12_500.0 + 4_000.0])


def test_options_are_revalued_in_full() -> None:
    book = book_of([CALL], rate=RATE)
    [gain] = book.pnl(np.array([[0.05]]), volatility_shift=0.03, days=7)
    then = premium(FORWARD * 1.05, YEARS - 7 / 365, 0.17, 1.0)
    assert gain == pytest.approx(-65 * (then - CALL.price))


def test_a_synthetic_future_has_the_greeks_of_one() -> None:
    long_call = replace(CALL, quantity=65)
    short_put = replace(PUT, quantity=-65)
    call, put = book_of([long_call, short_put], rate=RATE).greeks_by_asset()
    both = call + put
    assert both.delta == pytest.approx(65.0)
    assert (both.gamma, both.vega) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert both.theta == pytest.approx(-65 * RATE * 24_000 * exp(-RATE * YEARS) / 365)


def test_delta_and_vega_are_the_slopes_of_the_revaluation() -> None:
    book = book_of([CALL], rate=RATE)
    [greeks] = book.greeks_by_asset()
    up, down = book.pnl(np.array([[1e-4], [-1e-4]]))
    assert greeks.delta_value == pytest.approx((up - down) / 2e-4, rel=1e-5)
    more, less = book.pnl(np.zeros((2, 1)), volatility_shift=np.array([0.001, -0.001]))
    assert greeks.vega == pytest.approx((more - less) / 0.2, rel=1e-5)


def test_historical_var_is_the_loss_that_one_day_in_twenty_exceeds() -> None:
    # 100 days; the six worst lose 6, 5, 4, 3, 2 and 1 %.
    history = returns([-0.06, -0.05, -0.04, -0.03, -0.02, -0.01, *[0.001] * 94])
    found = value_at_risk(book_of([SHARE]), history, method=Method.HISTORICAL, confidence=0.95)
    assert found.var == pytest.approx(250_000 * 0.02)
    assert found.cvar == pytest.approx(250_000 * 0.04)
    assert found.observations == 100


def test_a_tail_of_less_than_one_day_is_the_worst_day() -> None:
    history = returns([-0.05, *[0.0] * 49])
    found = value_at_risk(book_of([SHARE]), history, method=Method.HISTORICAL, confidence=0.99)
    assert (found.var, found.cvar) == pytest.approx((12_500.0, 12_500.0))


def test_parametric_var_is_the_normal_quantile_of_the_delta_exposure() -> None:
    history = returns([0.01, -0.01] * 50, [0.02, -0.02] * 50)
    found = value_at_risk(book_of([SHARE, BANK]), history, method=Method.PARAMETRIC, confidence=0.99)
    # Perfectly correlated: 250,000 at 1 % less 80,000 at 2 %.
    deviation = 2_500.0 - 1_600.0
    quantile = NormalDist().inv_cdf(0.99)
    assert found.var == pytest.approx(quantile * deviation)
    assert found.cvar == pytest.approx(deviation * NormalDist().pdf(quantile) / 0.01)


def test_monte_carlo_meets_the_closed_form_on_shares_and_repeats_by_seed() -> None:
    random = np.random.default_rng(7)
    history = random.multivariate_normal([0, 0], [[1e-4, 5e-5], [5e-5, 2e-4]], size=250)
    book = book_of([SHARE, BANK])
    normal = value_at_risk(book, history, method=Method.PARAMETRIC, confidence=0.95)
    drawn = value_at_risk(book, history, method=Method.MONTE_CARLO, confidence=0.95, draws=200_000, seed=3)
    assert drawn.var == pytest.approx(normal.var, rel=0.02)
    assert drawn.cvar == pytest.approx(normal.cvar, rel=0.02)
    assert drawn == value_at_risk(book, history, method=Method.MONTE_CARLO, confidence=0.95, draws=200_000, seed=3)


def test_monte_carlo_draws_from_a_history_shorter_than_the_drivers() -> None:
    book = book_of([replace(SHARE, key=f"S{n}", driver=f"S{n}") for n in range(40)])
    history = np.random.default_rng(1).normal(0, 0.01, size=(25, 40))
    found = value_at_risk(book, history, method=Method.MONTE_CARLO, draws=20_000)
    normal = value_at_risk(book, history, method=Method.PARAMETRIC)
    assert found.var == pytest.approx(normal.var, rel=0.05)


def test_only_full_revaluation_sees_what_a_straddle_loses() -> None:
    straddle = book_of([CALL, replace(PUT, quantity=-65)], rate=RATE)
    history = np.random.default_rng(2).normal(0, 0.01, size=(250, 1))
    normal = value_at_risk(straddle, history, method=Method.PARAMETRIC)
    drawn = value_at_risk(straddle, history, method=Method.MONTE_CARLO, seed=5)
    assert drawn.var > 2 * normal.var


def test_longer_horizons_grow_with_the_root_of_time() -> None:
    history = returns([0.01, -0.01] * 50)
    day = value_at_risk(book_of([SHARE]), history, method=Method.PARAMETRIC)
    ten = value_at_risk(book_of([SHARE]), history, method=Method.PARAMETRIC, horizon_days=10)
    assert ten.var == pytest.approx(day.var * sqrt(10))


def test_too_little_history_is_refused_and_an_empty_book_risks_nothing() -> None:
    with pytest.raises(TooLittleHistory):
        value_at_risk(book_of([SHARE]), np.zeros((LEAST_DAYS - 1, 1)), method=Method.HISTORICAL)
    empty = value_at_risk(book_of([]), np.zeros((0, 0)), method=Method.MONTE_CARLO)
    assert (empty.var, empty.cvar) == (0.0, 0.0)


@pytest.mark.parametrize(("confidence", "horizon"), [(0.5, 1), (1.0, 1), (0.99, 0), (float("nan"), 1)])
def test_nonsense_is_refused(confidence: float, horizon: int) -> None:
    with pytest.raises(ValueError, match="confidence"):
        value_at_risk(
            book_of([SHARE]),
            np.zeros((50, 1)),
            method=Method.HISTORICAL,
            confidence=confidence,
            horizon_days=horizon,
        )


@given(
    st.lists(st.floats(-0.2, 0.2), min_size=LEAST_DAYS, max_size=60),
    st.integers(-500, 500).filter(bool),
    st.sampled_from([0.9, 0.95, 0.975, 0.99]),
)
def test_the_tail_mean_is_never_below_the_quantile(moves: list[float], quantity: int, confidence: float) -> None:
    book = book_of([replace(SHARE, quantity=quantity)])
    found = value_at_risk(book, returns(moves), method=Method.HISTORICAL, confidence=confidence)
    assert found.cvar >= found.var - 1e-6
    twice = value_at_risk(
        book_of([replace(SHARE, quantity=2 * quantity)]),
        returns(moves),
        method=Method.HISTORICAL,
        confidence=confidence,
    )
    assert twice.cvar == pytest.approx(2 * found.cvar)


def test_the_stress_grid_is_the_book_revalued_and_names_its_worst() -> None:
    book = book_of([SHARE, CALL], rate=RATE)
    grid = stress_grid(book, price_moves=(-0.1, 0.0, 0.1), volatility_moves=(0.0, 0.1))
    assert grid.pnl[0][1] == pytest.approx(0.0)
    assert grid.pnl[1][1] == pytest.approx(-65 * (premium(FORWARD, YEARS, 0.24, 1.0) - CALL.price))
    assert grid.worst == min(min(row) for row in grid.pnl)
    assert scenario_pnl(book_of([SHARE]), HISTORY[1]) == pytest.approx(-250_000 * 0.1298)


def test_exposure_adds_up_however_it_is_grouped() -> None:
    book = book_of([SHARE, BANK, CALL, PUT], rate=RATE)
    for name in GROUPS:
        found = exposures(book, by=name)
        assert sum(each.share for each in found) == pytest.approx(1.0)
        assert sum(each.net for each in found) == pytest.approx(float(book.delta_values().sum()))
        assert all(abs(each.net) <= each.gross + 1e-6 for each in found)
    sectors = {each.name: each for each in exposures(book, by="sector")}
    assert sectors["Banks"].net == pytest.approx(-80_000.0)
    assert sectors["Energy"].market_value == pytest.approx(250_000.0)
    nifty = next(each for each in exposures(book, by="underlying") if each.name == "NSE:NIFTY")
    # Short call and long put of one strike: a short future.
    assert nifty.net == pytest.approx(-65 * 24_000.0)


def test_a_closed_position_is_not_in_the_book() -> None:
    assert book_of([replace(SHARE, quantity=0)]) == Book(())
