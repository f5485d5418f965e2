"""Gaps, constant prices, no volume, too few bars, none; and how soon a beginning is forgotten."""

import numpy as np
import pytest

from tests.marketdata.indicators.series import SESSION_BARS, flat, wandering
from trading.marketdata.domain.indicators import Bars, Indicator, registry
from trading.marketdata.domain.indicators.parameters import Kind

EVERY = registry.all()
ALL = pytest.mark.parametrize("indicator", EVERY, ids=lambda each: each.name)
SETTLING = pytest.mark.parametrize(
    "indicator", [each for each in EVERY if each.warm_up is not None], ids=lambda each: each.name
)


@ALL
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_bars_give_as_few_values(indicator: Indicator, count: int) -> None:
    for line in indicator.compute(wandering(count)).values():
        assert len(line) == count
        assert not np.isinf(line).any()


@ALL
def test_nothing_that_moves_gives_no_noise(indicator: Indicator) -> None:
    """After a lively hour, bars in which nothing moves and nothing trades: values are finite or none at all."""
    lively, quiet = wandering(150), flat(600)
    bars = Bars(*(np.r_[one, other] for one, other in zip(columns(lively), columns(quiet), strict=True)))
    for name, line in indicator.compute(bars).items():
        assert not np.isinf(line).any(), name
        late = line[-100:]
        # To rounding, a value that has nothing to follow stands still: at one number, or at none.
        known = late[~np.isnan(late)]
        assert len(known) in (0, 100), name
        if len(known) and indicator.warm_up is not None:
            assert np.ptp(known) <= 1e-6 * max(1.0, abs(float(known[0]))), name


def columns(bars: Bars) -> list[np.ndarray]:
    return [getattr(bars, name) for name in bars.__slots__]


@pytest.mark.parametrize(
    ("name", "output", "value"),
    [
        ("rsi", "rsi", 50.0),
        ("mfi", "mfi", 50.0),
        ("stochastic", "k", 50.0),
        ("stochrsi", "k", 50.0),
        ("williams_r", "williams_r", -50.0),
        ("ultimate", "ultimate", 50.0),
        ("cci", "cci", 0.0),
        ("cmf", "cmf", 0.0),
        ("adx", "adx", 0.0),
        ("stddev", "stddev", 0.0),
        ("atr", "atr", 0.0),
        ("macd", "macd", 0.0),
        ("sma", "sma", 100.1),
        ("kama", "kama", 100.1),
        ("bollinger", "upper", 100.1),
        ("linreg", "linreg", 100.1),
    ],
)
def test_what_constant_prices_give(name: str, output: str, value: float) -> None:
    line = registry.get(name).compute(flat(200))[output]
    assert line[-1] == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("name", ["vwap", "vwma", "correlation", "beta"])
def test_where_a_ratio_has_no_base_there_is_no_value(name: str) -> None:
    indicator = registry.get(name)
    assert np.isnan(indicator.compute(flat(200))[indicator.outputs[0].name]).all()


@ALL
def test_a_gap_is_passed_over(indicator: Indicator) -> None:
    bars = wandering(200)
    gaps = [0, 40, 41, 42, 120, 199]
    for column in columns(bars):
        column[gaps] = np.nan
    kept = np.setdiff1d(np.arange(200), gaps)
    rest = Bars(*(column[kept] for column in columns(bars)))
    expected = indicator.compute(rest)
    for name, line in indicator.compute(bars).items():
        assert np.isnan(line[gaps]).all()
        np.testing.assert_array_equal(line[kept], expected[name])
    running = indicator.incremental()
    assert all(np.isnan(value) for value in running.push({"close": 100.0}).values()) or indicator.inputs == (
        "source",
    )


@ALL
@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_the_bounds_themselves_are_good_settings(indicator: Indicator, end: str) -> None:
    chosen: dict[str, object] = {
        each.name: getattr(each, end) for each in indicator.parameters if each.kind in (Kind.INTEGER, Kind.NUMBER)
    }
    if "slow" in chosen:
        chosen["fast"] = 2
        chosen["slow"] = max(3, int(str(chosen["slow"]).split(".")[0]))
    bars = wandering(1_200)
    for name, line in indicator.compute(bars, **chosen).items():
        assert not np.isinf(line).any(), name


@SETTLING
@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_after_the_warm_up_the_beginning_no_longer_shows(indicator: Indicator, scale: float) -> None:
    """The rule of `indicators/settling.py`: computed from so many bars before, values are those of all history."""
    chosen: dict[str, object] = {
        each.name: min(500, max(int(each.minimum or 0), int(int(each.default) * scale)))
        for each in indicator.parameters
        if each.kind is Kind.INTEGER
    }
    bars = wandering(16_000 + 7, 21)
    warm_up = indicator.warm_up_bars(indicator.read(chosen)) or 0
    first = len(bars) - 300
    begin = max(0, first - warm_up)
    if indicator.anchored is not None:
        begin = (first // SESSION_BARS - indicator.anchored) * SESSION_BARS
    whole, late = indicator.compute(bars, **chosen), indicator.compute(bars[begin:], **chosen)
    for name, line in late.items():
        np.testing.assert_allclose(line[first - begin :], whole[name][first:], rtol=1e-7, atol=1e-7, err_msg=name)
