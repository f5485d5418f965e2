"""One instrument's bars as the kernel reads them, with the marks of their sessions."""

from dataclasses import dataclass
from datetime import time
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput
from trading.marketdata.domain.bars import DAY, IST_OFFSET, BarSeries, Int64Array, ist_days
from trading.marketdata.domain.indicators.bars import Bars

CLOSED, LAST, DAY_END, FIRST = 1, 2, 4, 8
"""Marks of a bar. CLOSED: at or after the square-off; LAST of a session that squares off; DAY_END: the last of its
Indian day; FIRST of a session that squares off."""

Marks = NDArray[np.uint8]
_NEVER = np.iinfo(np.int64).max
_HIGHEST_PRICE = 10**11


def at_clock(session: Int64Array, at: time) -> Int64Array:
    """The instant of a time of day in India on each session's day, for `Market.square_off`; a session that opens
    later than that has none and ends with its last bar."""
    midnight = ist_days(session) * DAY - IST_OFFSET
    instants = midnight + at.hour * 3600 + at.minute * 60 + at.second
    return np.where(instants > session, instants, _NEVER)


@dataclass(frozen=True)
class Market:
    """What is traded. `tick` in ten-thousandths of a rupee.

    `session` is the open of each bar's session and `square_off` the instant at which that session's positions must
    be gone, both in Unix seconds, one for each bar; without `square_off` positions are carried.
    """

    bars: BarSeries
    session: Int64Array
    tick: int
    lot: int = 1
    square_off: Int64Array | None = None

    def __post_init__(self) -> None:
        if self.tick <= 0 or self.lot <= 0:
            raise InvalidInput("Tick and lot must be more than nothing.", code="contract_invalid")
        lengths = {len(self.bars), len(self.session)}
        if self.square_off is not None:
            lengths.add(len(self.square_off))
        if len(lengths) != 1:
            raise InvalidInput("Bars and sessions are not of one length.", code="bars_invalid")
        if len(self.bars) and not self._is_sound():
            raise InvalidInput(
                "Bars must ascend in time, with prices above zero between their low and high.", code="bars_invalid"
            )

    def _is_sound(self) -> bool:
        bars = self.bars
        return bool(
            np.all(bars.start[1:] > bars.start[:-1])
            and np.all(bars.low > 0)
            and np.all(bars.high < _HIGHEST_PRICE)
            and np.all(np.minimum(bars.open, bars.close) >= bars.low)
            and np.all(np.maximum(bars.open, bars.close) <= bars.high)
        )

    def __len__(self) -> int:
        return len(self.bars)

    @cached_property
    def columns(self) -> Bars:
        """The bars as indicators read them."""
        no_other = np.broadcast_to(np.float64("nan"), len(self.bars))
        return Bars.of(self.bars, self.session, no_other)

    @cached_property
    def marks(self) -> Marks:
        """What the kernel must know of each bar's place in its session and day."""
        start, count = self.bars.start, len(self.bars)
        marks = np.zeros(count, dtype=np.uint8)
        if not count:
            return marks
        days = ist_days(start)
        marks[np.r_[days[1:] != days[:-1], True]] |= DAY_END
        if self.square_off is not None:
            turns = self.session[1:] != self.session[:-1]
            marks[start >= self.square_off] |= CLOSED
            marks[np.r_[turns, True]] |= LAST
            marks[np.r_[True, turns]] |= FIRST
        return marks

    @property
    def days(self) -> int:
        """Indian days that have bars."""
        return int(np.count_nonzero(self.marks & DAY_END))
