"""One recurrence: however bars are cut into pieces, and whatever is looked at meanwhile, values are the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.marketdata.indicators.series import SESSION_BARS, sessions, wandering
from trading.marketdata.domain.indicators import Bars, Indicator, registry
from trading.marketdata.domain.indicators.parameters import Kind

ALL = pytest.mark.parametrize("indicator", registry.all(), ids=lambda each: each.name)


@st.composite
def bars(draw: st.DrawFn) -> Bars:
    """Up to 120 bars with ties, repeated prices, bars without volume, a gap here and there, new sessions."""
    count = draw(st.integers(0, 120))
    paise = st.integers(5, 500_000)
    rows = draw(st.lists(st.tuples(paise, paise, paise, paise), min_size=count, max_size=count))
    volumes = draw(st.lists(st.integers(0, 10**7), min_size=count, max_size=count))
    others = draw(st.lists(paise, min_size=count, max_size=count))
    prices = np.array(rows, dtype=np.float64).reshape(-1, 4) / 100
    low, high = prices.min(axis=1, initial=np.inf), prices.max(axis=1, initial=0)
    close = prices[:, 1].copy()
    for gap in draw(st.lists(st.integers(0, 119), max_size=3)):
        if gap < count:
            close[gap] = np.nan
    return Bars(
        prices[:, 0],
        high,
        low,
        close,
        np.array(volumes, dtype=np.float64),
        sessions(count),
        np.array(others, dtype=np.float64) / 100,
    )


@st.composite
def settings_of(draw: st.DrawFn, indicator: Indicator) -> dict[str, object]:
    """Random parameters, periods short enough to matter in 120 bars."""
    chosen: dict[str, object] = {}
    for parameter in indicator.parameters:
        low, high = parameter.minimum or 0, parameter.maximum or 0
        if parameter.kind is Kind.INTEGER:
            chosen[parameter.name] = draw(st.integers(int(low), min(int(high), 30)))
        elif parameter.kind is Kind.NUMBER:
            chosen[parameter.name] = draw(st.floats(low, high))
        elif parameter.kind is Kind.CHOICE:
            chosen[parameter.name] = draw(st.sampled_from(parameter.choices))
    if "slow" in chosen:
        chosen["slow"] = max(int(chosen["slow"]), int(chosen["fast"]) + 1)  # type: ignore[call-overload]
    return chosen


@ALL
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_split_and_any_look_ahead_gives_the_values_of_the_whole(
    indicator: Indicator, data: st.DataObject
) -> None:
    series = data.draw(bars())
    parameters = data.draw(settings_of(indicator))
    whole = indicator.compute(series, **parameters)
    running = indicator.incremental(**parameters)
    at = 0
    while at < len(series):
        piece = data.draw(st.integers(1, len(series) - at))
        if piece == 1:
            bar = series.row(at)
            looked = running.peek(bar)
            running.peek({**bar, "close": 1.0, "high": 9999.0, "volume": 1.0})
            values = {name: np.array([value]) for name, value in running.push(bar).items()}
            np.testing.assert_array_equal(list(looked.values()), [line[0] for line in values.values()])
        else:
            values = running.extend(series[at : at + piece])
        for name, line in values.items():
            np.testing.assert_array_equal(line, whole[name][at : at + piece], err_msg=f"{name} at {at}")
        at += piece
    assert {name: len(line) for name, line in whole.items()} == dict.fromkeys(whole, len(series))


@ALL
def test_a_clone_goes_its_own_way(indicator: Indicator) -> None:
    series = wandering(80)
    running = indicator.incremental()
    running.extend(series[:60])
    clone = running.clone()
    clone.extend(series[60:70])
    expected = indicator.compute(series)
    for name, line in running.extend(series[60:]).items():
        np.testing.assert_array_equal(line, expected[name][60:])


SETTLING = [each for each in registry.all() if each.warm_up is not None]
"""All but running totals, which remember their beginning by definition."""


@pytest.mark.parametrize("indicator", SETTLING, ids=lambda each: each.name)
def test_rounding_does_not_add_up_over_a_hundred_thousand_bars(indicator: Indicator) -> None:
    """Late values, long after a spike of volume, are those of a computation that saw only the last bars."""
    series = wandering(100_000, 3)
    series.volume[50_000] = 1e12
    # The late ones begin with a session, for what is anchored to one.
    late = series[(100_000 // SESSION_BARS - 80) * SESSION_BARS :]
    whole = indicator.compute(series)
    for name, line in indicator.compute(late).items():
        np.testing.assert_allclose(whole[name][-500:], line[-500:], rtol=1e-9, atol=1e-9, err_msg=name)
