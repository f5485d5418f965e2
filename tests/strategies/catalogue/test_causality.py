"""No signal of the house knows the future: cut off what comes later, and what came before stays the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.strategies.domain.strategy import SignalStrategy

from .markets import bars_of, sided_strategies, signals_of

QUICK = {
    "ma_cross": {"fast": 3, "slow": 7},
    "triple_ma": {"fast": 2, "middle": 4, "slow": 8},
    "macd_cross": {"fast": 3, "slow": 6, "signal": 3},
    "supertrend": {"period": 3, "multiplier": 1.5},
    "rsi_reversion": {"period": 3},
    "bollinger_reversion": {"period": 6, "multiplier": 1.0},
    "bollinger_breakout": {"period": 6, "multiplier": 1.0, "lookback": 10, "squeeze": 0.6},
    "turtle": {"entry": 5, "exit": 3, "atr_period": 3},
    "vwap_reversion": {"deviations": 1.0, "wait": 3},
}
"""Short periods, so that a short path makes every one of them trade."""


@pytest.mark.parametrize("strategy", sided_strategies(), ids=lambda each: each.key)
@given(
    steps=st.lists(st.floats(-0.04, 0.04), min_size=30, max_size=120),
    cut=st.floats(0.2, 1.0),
    per_session=st.sampled_from([0, 12, 25]),
)
@settings(max_examples=40, deadline=None)
def test_what_comes_later_changes_no_signal_before(
    strategy: type[SignalStrategy], steps: list[float], cut: float, per_session: int
) -> None:
    bars = bars_of(100 * np.exp(np.cumsum(steps)), spread=0.1, per_session=per_session)
    keep = max(1, int(len(bars) * cut))
    wanted = strategy(**QUICK[strategy.key])
    whole, beginning = signals_of(wanted, bars), signals_of(wanted, bars[:keep])
    assert whole.dtype == beginning.dtype == np.int8
    assert len(whole) == len(bars)
    assert np.isin(whole, (-1, 0, 1)).all()
    np.testing.assert_array_equal(whole[:keep], beginning)


@pytest.mark.parametrize("strategy", sided_strategies(), ids=lambda each: each.key)
def test_it_trades_on_a_lively_path_and_may_be_kept_to_one_side(strategy: type[SignalStrategy]) -> None:
    steps = np.random.default_rng(7).normal(0, 0.01, 2000)
    bars = bars_of(100 * np.exp(np.cumsum(steps)), spread=0.1, per_session=75)
    both, long, short = (
        signals_of(strategy(**QUICK[strategy.key], sides=side), bars) for side in ("both", "long", "short")
    )
    assert (both == 1).any()
    assert (both == -1).any()
    np.testing.assert_array_equal(long, np.maximum(both, 0))
    np.testing.assert_array_equal(short, np.minimum(both, 0))


@pytest.mark.parametrize("strategy", sided_strategies(), ids=lambda each: each.key)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_bars_want_nothing(strategy: type[SignalStrategy], count: int) -> None:
    assert not signals_of(strategy(), bars_of([100.0, 101.0][:count])).any()
