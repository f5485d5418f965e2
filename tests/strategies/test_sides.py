"""What signal strategies are written with, against the rules read out bar by bar."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trading.strategies.domain.signals import crossed_down, crossed_up, held

_COUNTS = st.integers(0, 40)
_FLAGS = _COUNTS.flatmap(lambda count: st.tuples(*[arrays(np.bool_, count)] * 4))
_PRICES = st.sampled_from([1.0, 2.0, 3.0, float("nan")])
_LINES = _COUNTS.flatmap(lambda count: st.tuples(*[arrays(np.float64, count, elements=_PRICES)] * 2))


def _step(side: int, enters_long: bool, leaves_long: bool, enters_short: bool, leaves_short: bool) -> int:
    long, short = enters_long and not leaves_long, enters_short and not leaves_short
    if long != short:
        return 1 if long else -1
    return 0 if (side > 0 and leaves_long) or (side < 0 and leaves_short) else side


@given(_FLAGS)
def test_a_side_is_held_from_its_entry_to_its_exit_or_the_other_sides_entry(flags: tuple[Any, ...]) -> None:
    side, expected = 0, []
    for row in zip(*(each.tolist() for each in flags), strict=True):
        side = _step(side, *row)
        expected.append(side)
    enter_long, exit_long, enter_short, exit_short = flags
    found = held(enter_long=enter_long, exit_long=exit_long, enter_short=enter_short, exit_short=exit_short)
    assert found.dtype == np.int8
    assert found.tolist() == expected


@given(_LINES, st.booleans())
def test_a_crossing_is_at_or_below_one_bar_ago_and_above_now(lines: tuple[Any, Any], is_level: bool) -> None:
    line, other = lines[0], 2.0 if is_level else lines[1]
    pairs = list(zip(line.tolist(), np.broadcast_to(other, len(line)).tolist(), strict=True))
    before = [(float("nan"),) * 2, *pairs][: len(pairs)]
    up = [a <= b and c > d for (a, b), (c, d) in zip(before, pairs, strict=True)]
    down = [a >= b and c < d for (a, b), (c, d) in zip(before, pairs, strict=True)]
    assert crossed_up(line, other).tolist() == up
    assert crossed_down(line, other).tolist() == down
