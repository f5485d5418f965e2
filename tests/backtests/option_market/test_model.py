"""Modelled option bars against py_vollib and QuantLib, and against what they must be whatever the market."""

import itertools
from datetime import UTC, date, datetime
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from py_vollib.black import black
from QuantLib import Option, blackFormula

from backtests.domain.option_market import OptionModel
from backtests.domain.option_market.model import (
    Terms,
    future_bars,
    implied,
    option_bars,
    realised,
    smile,
    variance_years,
)
from core.clock import IST
from core.errors import InvalidInput
from trading.marketdata.domain.bars import BarSeries
from trading.marketdata.domain.options.life import SECONDS_PER_YEAR, expires_at

EXPIRY = date(2022, 1, 6)
TICK = 0.05
FLAT = OptionModel(volatility=0.16, skew=0.0, curvature=0.0)


def minutes(*spots: float, at: datetime = datetime(2022, 1, 3, 4, 0, tzinfo=UTC)) -> BarSeries:
    """Minutes that go from one spot to the next."""
    start = int(at.timestamp())
    rows = [
        (start + 60 * place, before, max(before, after), min(before, after), after)
        for place, (before, after) in enumerate(itertools.pairwise(spots))
    ]
    table = np.array([(begin, *(round(price * 10_000) for price in rest), 0, 0) for begin, *rest in rows])
    return BarSeries.from_columns(table)


def terms(strike: float = 17_500, *, is_call: bool = True) -> Terms:
    return Terms(is_call, strike, EXPIRY, TICK, 50)


def left_of(spot: BarSeries) -> NDArray[np.float64]:
    """Sessions after each bar's own up to Thursday."""
    return np.array([6.0 - datetime.fromtimestamp(int(start), UTC).day for start in spot.start])


def variance_at(second: int) -> float:
    """Years of 252 sessions: six tenths of a day in its session, the rest in the night before."""
    at = datetime.fromtimestamp(second, IST)
    session = min(max((15.5 - at.hour - at.minute / 60) / 6.25, 0.0), 1.0)
    return (0.6 * session + 6 - at.day) / 252


def years_at(second: int) -> float:
    return (expires_at(EXPIRY).timestamp() - second) / SECONDS_PER_YEAR


@settings(max_examples=60, deadline=None)
@given(
    spots=st.lists(st.floats(16_500, 18_500), min_size=2, max_size=6),
    strike=st.sampled_from([16_800, 17_500, 18_000]),
    is_call=st.booleans(),
    volatility=st.floats(0.08, 0.6),
)
def test_every_price_is_that_of_py_vollib_and_quantlib_to_half_a_tick(
    spots: list[float], strike: int, is_call: bool, volatility: float
) -> None:
    spot = minutes(*spots)
    made = option_bars(
        terms(strike, is_call=is_call), spot, 60, np.full(len(spot), volatility), left_of(spot), FLAT
    )
    best, worst = (spot.high, spot.low) if is_call else (spot.low, spot.high)
    for name, prices, later in (("open", spot.open, 0), ("close", spot.close, 60)):
        for got, price, start in zip(getattr(made, name), prices, spot.start, strict=True):
            assert (
                abs(got / 1e4 - _reference(price / 1e4, strike, start + later, volatility, is_call))
                <= TICK / 2 + 1e-6
            )
    for place in range(len(spot)):
        top = _reference(best[place] / 1e4, strike, spot.start[place] + 60, volatility, is_call)
        bottom = _reference(worst[place] / 1e4, strike, spot.start[place] + 60, volatility, is_call)
        assert made.high[place] / 1e4 >= top - TICK
        assert made.low[place] / 1e4 <= bottom + TICK


def _reference(spot: float, strike: float, second: int, volatility: float, is_call: bool) -> float:
    years = years_at(second)
    forward, discount = spot * exp(FLAT.rate * years), exp(-FLAT.rate * years)
    deviation = volatility * sqrt(variance_at(second))
    first = black("c" if is_call else "p", forward, strike, years, FLAT.rate, deviation / sqrt(years))
    second_opinion = blackFormula(Option.Call if is_call else Option.Put, strike, forward, deviation, discount)
    assert first == pytest.approx(second_opinion, abs=1e-6)
    return max(first, TICK)


@settings(max_examples=60, deadline=None)
@given(spots=st.lists(st.floats(15_000, 20_000), min_size=2, max_size=8), strike=st.sampled_from([16_000, 17_500]))
def test_call_less_put_is_the_discounted_forward_less_the_strike(spots: list[float], strike: int) -> None:
    spot = minutes(*spots)
    level = np.full(len(spot), 0.2)
    model = OptionModel()
    call = option_bars(terms(strike), spot, 60, level, left_of(spot), model)
    put = option_bars(terms(strike, is_call=False), spot, 60, level, left_of(spot), model)
    years = np.array([years_at(int(start) + 60) for start in spot.start])
    fair = spot.close / 1e4 - strike * np.exp(-model.rate * years)
    assert np.abs((call.close - put.close) / 1e4 - fair).max() <= 2 * TICK


@settings(max_examples=40, deadline=None)
@given(spots=st.lists(st.floats(16_000, 19_000), min_size=2, max_size=8), strike=st.sampled_from([16_000, 17_500]))
def test_bars_are_possible(spots: list[float], strike: int) -> None:
    spot = minutes(*spots)
    made = option_bars(terms(strike), spot, 60, np.full(len(spot), 0.15), left_of(spot), OptionModel())
    assert (made.low <= np.minimum(made.open, made.close)).all()
    assert (made.high >= np.maximum(made.open, made.close)).all()
    assert (made.low >= 500).all()
    assert all(not (getattr(made, name) % 500).any() for name in ("open", "high", "low", "close"))
    assert (made.volume > 0).all()


def test_the_last_minute_closes_at_the_intrinsic_value() -> None:
    last = datetime(2022, 1, 6, 9, 59, tzinfo=UTC)
    spot = minutes(17_590, 17_610, at=last)
    made = option_bars(terms(), spot, 60, np.full(1, 0.15), left_of(spot), OptionModel())
    assert made.close[0] == 110 * 10_000


def test_lower_strikes_are_dearer_in_volatility_with_a_negative_skew() -> None:
    model = OptionModel(skew=-0.05, curvature=0.02)
    found = [
        float(smile(model, np.array([0.16]), np.array([17_500.0]), k, np.array([0.02]))[0])
        for k in (17_000, 18_000)
    ]
    assert found[0] > 0.16 > 0.15 < found[1] < found[0]
    assert float(
        smile(model, np.array([0.16]), np.array([17_500.0]), 17_500, np.array([0.02]))[0]
    ) == pytest.approx(0.16)


def test_a_future_is_the_carried_spot_and_meets_it_at_its_end() -> None:
    spot = minutes(17_500, 17_500, at=datetime(2022, 1, 3, 4, 0, tzinfo=UTC))
    made = future_bars(EXPIRY, spot, 60, TICK, 50, FLAT)
    assert made.close[0] / 1e4 == pytest.approx(
        17_500 * exp(FLAT.rate * years_at(int(spot.start[0]) + 60)), abs=TICK
    )
    end = minutes(17_500, 17_480, at=datetime(2022, 1, 6, 9, 59, tzinfo=UTC))
    assert future_bars(EXPIRY, end, 60, TICK, 50, FLAT).close[0] == 17_480 * 10_000


def test_realised_volatility_of_daily_closes() -> None:
    closes = np.array([100.0, 101.0, 99.0, 100.0])
    moves = [log(101 / 100), log(99 / 101), log(100 / 99)]
    assert realised(closes, 3) == pytest.approx(sqrt(252 * sum(move**2 for move in moves) / 3))
    assert np.isnan(realised(closes[:2], 20))


def test_a_close_implies_the_volatility_it_was_made_with() -> None:
    at = int(datetime(2022, 1, 3, 10, 0, tzinfo=UTC).timestamp())
    price = _reference(17_480.0, 17_600, at, 0.213, True)
    assert implied(terms(17_600), price, 17_480.0, at, 3, FLAT) == pytest.approx(0.213)
    assert np.isnan(implied(terms(17_600), 0.05, 18_000.0, at, 3, FLAT)), "below its intrinsic value"


def test_a_night_a_weekend_and_a_session_carry_their_shares_of_variance() -> None:
    clock, left = np.array([9.25, 12.375, 15.5, 20.0, 3.0]) * 3600, np.array([1.0, 1.0, 1.0, 1.0, 0.0])
    found = variance_years(clock, left, 0.6) * 252
    assert found == pytest.approx([1.6, 1.3, 1.0, 1.0, 0.6]), (
        "what the night brings is still to come at its beginning"
    )


@pytest.mark.parametrize(
    "given", [{"volatility": 0.0}, {"volatility": 9.0}, {"markup": 0.1}, {"skew": 2.0}, {"sessions": 1}]
)
def test_a_model_that_cannot_be_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        OptionModel(**given)  # type: ignore[arg-type]
    assert refusal.value.code == "option_model_invalid"
