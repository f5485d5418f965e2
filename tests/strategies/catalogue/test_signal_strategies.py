"""Each signal strategy does what its documentation says, on paths drawn so that the answer is known beforehand."""

import numpy as np
import pytest

from trading.strategies.catalogue.bollinger_breakout import BollingerBreakout
from trading.strategies.catalogue.bollinger_reversion import BollingerReversion
from trading.strategies.catalogue.ma_cross import MovingAverageCross
from trading.strategies.catalogue.macd import MacdCross
from trading.strategies.catalogue.rsi import RsiReversion
from trading.strategies.catalogue.supertrend import Supertrend
from trading.strategies.catalogue.triple_ma import TripleMovingAverage
from trading.strategies.catalogue.turtle import Turtle
from trading.strategies.catalogue.vwap_reversion import VwapReversion
from trading.strategies.domain.signals import agreed, held, sign_of

from .markets import bars_of, changes, signals_of

UP_DOWN = [*np.arange(100.0, 120.0), *np.arange(119.0, 99.0, -1)]
"""A rupee up a bar to 119 at bar 19, then a rupee down a bar."""


def test_two_averages_turn_where_arithmetic_says() -> None:
    signals = signals_of(MovingAverageCross(average="sma", fast=3, slow=5), bars_of(UP_DOWN))
    # The slow average exists from bar 4 on. After the closes 117 118 119 119 118 (bars 17 to 21) the means of three
    # and five are 118.67 and 118.2, one bar later 118 and 118.2.
    assert changes(signals) == [(4, 1), (22, -1)]


def test_three_averages_are_flat_while_they_disagree() -> None:
    signals = signals_of(TripleMovingAverage(average="sma", fast=2, middle=4, slow=8), bars_of(UP_DOWN))
    sides = [side for _, side in changes(signals)]
    assert sides == [1, 0, -1]
    first = changes(signals)[0][0]
    assert first == 7  # the slow average is there from the eighth bar on


def test_macd_against_nought_turns_later_than_against_its_signal_line() -> None:
    path = bars_of([100.0] * 5 + UP_DOWN + [100.0] * 10)
    settings = {"fast": 3, "slow": 6, "signal": 3}
    early = signals_of(MacdCross(**settings), path)
    late = signals_of(MacdCross(**settings, against="nought"), path)
    both = signals_of(MacdCross(**settings, against="signal line and nought"), path)
    assert np.flatnonzero(early == -1)[0] < np.flatnonzero(late == -1)[0]
    np.testing.assert_array_equal(both, agreed(early, late))


def test_supertrend_follows_a_rise_and_turns_after_a_fall_beyond_its_band() -> None:
    signals = signals_of(Supertrend(period=3, multiplier=2.0), bars_of(UP_DOWN, spread=0.5))
    turns = [each for each in changes(signals) if each[0] > 10]
    assert signals[10:19].tolist() == [1] * 9
    assert [side for _, side in turns] == [-1]
    # The band trails the middle of the bar by 2 × a true range of 2: 119 - 0.5 - 4, so a close of 114 is beyond.
    assert 114.5 <= UP_DOWN[turns[0][0]] + 0.5 <= 115.5


def test_rsi_enters_when_the_fall_pauses_and_leaves_at_the_middle() -> None:
    # 10 falls (RSI 0), then rises: with Wilder's average of 2 the index is 50 after one rise of the same size.
    path = [*np.arange(110.0, 99.0, -1), 100.5, 101.5, 102.5]
    signals = signals_of(RsiReversion(period=2, oversold=30, middle=60), bars_of(path))
    # After the half rupee: gain 0.25, loss 0.5, RSI 33.3: above 30, below 60. After the next: 0.625 / 0.875 = 71.4.
    assert changes(signals) == [(11, 1), (12, 0)]


def test_bollinger_reversion_waits_for_the_return_into_the_bands() -> None:
    path = [100.0, 101.0] * 5 + [95.0, 96.5, 98.0, 101.0, 101.0]
    bars = bars_of(path)
    signals = signals_of(BollingerReversion(period=5, multiplier=1.5), bars)
    place = 10  # the first close below the band
    assert signals[place] == 0
    assert changes(signals) == [(11, 1), (13, 0)]


def test_bollinger_breakout_takes_the_first_close_beyond_quiet_bands_only() -> None:
    quiet = [100.0, 100.2] * 15
    loud = [100.0, 103.0] * 15
    settings = {"period": 5, "multiplier": 1.5, "lookback": 10, "squeeze": 0.5}
    out = signals_of(BollingerBreakout(**settings), bars_of([*loud, *quiet, 104.0, 105.0, 100.0]))
    assert changes(out)[-2:] == [(60, 1), (62, 0)]
    # The bands are at their widest when the path has just grown loud.
    late = signals_of(BollingerBreakout(**settings), bars_of([*quiet, *loud[:4], 110.0, 111.0]))
    assert late[-1] in (0, 1)
    assert not signals_of(BollingerBreakout(**{**settings, "squeeze": 0.05}), bars_of([*loud, 104.0])).any()


def test_the_turtle_enters_beyond_the_channel_and_leaves_by_the_shorter_one() -> None:
    flat = [100.0] * 10
    path = [*flat, 102.0, 104.0, 106.0, 105.0, 103.0, 101.0]
    signals = signals_of(Turtle(entry=5, exit=2, atr_period=2, stop=0), bars_of(path))
    # Lows of the two bars before bar 14 are 104 (bar 12 opens there) and 105: 103 is below both.
    assert changes(signals) == [(10, 1), (14, 0)]


def test_the_turtles_stop_is_fixed_at_the_entry_and_a_new_break_out_is_needed_after_it() -> None:
    path = [*[100.0] * 10, 102.0, 102.5, 101.0, 100.9, 103.0]
    without = signals_of(Turtle(entry=5, exit=5, atr_period=2, stop=0), bars_of(path))
    # True ranges of bars 9 and 10 are 0 and 2; Wilder's average of 2 is 1 at the entry, so the stop is at 101.
    stopped = signals_of(Turtle(entry=5, exit=5, atr_period=2, stop=1.0), bars_of(path))
    assert changes(without) == [(10, 1)]
    assert changes(stopped) == [(10, 1), (12, 0), (14, 1)]


def test_vwap_reversion_holds_nothing_into_the_next_session() -> None:
    day = [100.0, 101.0] * 10 + [95.0, 98.5, 98.5, 98.5, 98.5]
    signals = signals_of(VwapReversion(deviations=1.5, wait=5), bars_of(day + [97.0] * 25, per_session=25))
    assert signals[24] == 1
    assert not signals[25:].any()


def test_vwap_reversion_enters_nothing_during_the_first_bars() -> None:
    day = [100.0, 101.0] * 3 + [96.0, 98.5, 98.5]
    early = signals_of(VwapReversion(deviations=1.0, wait=5), bars_of(day, per_session=25))
    late = signals_of(VwapReversion(deviations=1.0, wait=9), bars_of(day, per_session=25))
    assert early.any()
    assert not late.any()


def test_without_volume_there_is_no_vwap_and_no_trade() -> None:
    day = [100.0, 101.0] * 10 + [96.0, 97.5]
    assert not signals_of(VwapReversion(deviations=1.0, wait=3), bars_of(day, volume=0)).any()


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("L....", [1, 1, 1, 1, 1]),
        ("L.l..", [1, 1, 0, 0, 0]),
        ("L.S.s", [1, 1, -1, -1, 0]),
        ("LsS..", [1, 1, -1, -1, -1]),
        ("l.L.L", [0, 0, 1, 1, 1]),
        ("L.l.L", [1, 1, 0, 0, 1]),
        ("B....", [0, 0, 0, 0, 0]),
        ("LB...", [1, 1, 1, 1, 1]),
        ("X.L..", [0, 0, 1, 1, 1]),
    ],
)
def test_a_side_is_held_until_its_exit_or_the_other_sides_entry(events: str, expected: list[int]) -> None:
    # Capitals enter, small letters leave; B would enter both sides, X enters and leaves long at once.
    letters = np.array(list(events))
    signals = held(
        enter_long=np.isin(letters, ["L", "B", "X"]),
        exit_long=np.isin(letters, ["l", "X"]),
        enter_short=np.isin(letters, ["S", "B"]),
        exit_short=letters == "s",
    )
    assert signals.tolist() == expected


def test_nought_and_the_warm_up_are_flat() -> None:
    assert sign_of(np.array([np.nan, -2.0, 0.0, 3.0])).tolist() == [0, -1, 0, 1]
