"""One instrument's bars as the kernel reads them, with the marks of their sessions."""

from dataclasses import dataclass
from datetime import time
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput
from trading.marketdata.domain.bars import DAY, IST_OFFSET, BarSeries, Int64Array, ist_days
from trading.marketdata.domain.indicators.bars import Bars

from .book import FirstPieces
from .columns import HIGHEST_PRICE, Signals
from .depository import Depository
from .jit import compiled

CLOSED, LAST, DAY_END, FIRST = 1, 2, 4, 8
"""Marks of a bar. CLOSED: at or after the square-off; LAST of a session that squares off; DAY_END: the last of its
Indian day; FIRST of a session that squares off."""

Marks = NDArray[np.uint8]
Prices = tuple[Int64Array, Int64Array, Int64Array, Int64Array]
_NEVER = np.iinfo(np.int64).max


def at_clock(session: Int64Array, at: time) -> Int64Array:
    """The instant of a time of day in India on each session's day, for `Market.square_off`; a session that opens
    later than that has none and ends with its last bar."""
    midnight = ist_days(session) * DAY - IST_OFFSET
    instants = midnight + at.hour * 3600 + at.minute * 60 + at.second
    return np.where(instants > session, instants, _NEVER)


@dataclass(frozen=True, slots=True)
class Shown:
    """The bars that a strategy reads, where they are not just those that are traded.

    The first `before` of them lie before the span: lines warm up on them, nothing is traded. `of_bar` is the place
    of the bar whose signal stands at the end of each traded one, counted from the first of the span.
    """

    bars: BarSeries
    session: Int64Array
    before: int
    of_bar: Int64Array


@dataclass(frozen=True)
class Market:
    """What is traded. `tick` in ten-thousandths of a rupee.

    `session` is the open of each bar's session and `square_off` the instant at which that session's positions must
    be gone, both in Unix seconds, one for each bar; without `square_off` positions are carried. `first` is the
    first piece of each bar, which its opening orders trade on, and `pieces` how many each has; without them a bar
    is one piece. `shown` is what strategies read, without it the bars. `depository` is
    what shares cost that leave, where they are delivered.
    """

    bars: BarSeries
    session: Int64Array
    tick: int
    lot: int = 1
    square_off: Int64Array | None = None
    first: BarSeries | None = None
    pieces: Int64Array | None = None
    shown: Shown | None = None
    depository: Depository | None = None

    def __post_init__(self) -> None:
        if self.tick <= 0 or self.lot <= 0:
            raise InvalidInput("Tick and lot must be more than nothing.", code="contract_invalid")
        lengths = {len(self.bars), len(self.session)}
        if self.square_off is not None:
            lengths.add(len(self.square_off))
        if self.first is not None:
            lengths.add(len(self.first))
        if self.pieces is not None:
            lengths.add(len(self.pieces))
        if self.shown is not None:
            lengths.add(len(self.shown.of_bar))
        if len(lengths) != 1:
            raise InvalidInput("Bars and sessions are not of one length.", code="bars_invalid")
        if not _are_sound(*prices_of(self.bars), self.bars.start):
            raise InvalidInput(
                "Bars must ascend in time, with prices above zero between their low and high.", code="bars_invalid"
            )
        if self.depository is not None and {*map(len, self.depository.table())} != {self.days}:
            raise InvalidInput("The depository's fees are not one for each day.", code="depository_invalid")

    def __len__(self) -> int:
        return len(self.bars)

    @property
    def before(self) -> int:
        """How many bars before the span there are for lines to warm up on."""
        return 0 if self.shown is None else self.shown.before

    @property
    def told(self) -> int:
        """How many bars of the span strategies are told of."""
        return len(self) if self.shown is None else len(self.shown.bars) - self.shown.before

    @cached_property
    def lasted(self) -> Int64Array:
        """Pieces of bars until each bar, and all at the end."""
        if self.pieces is None:
            return np.arange(len(self) + 1, dtype=np.int64)
        return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(self.pieces)))

    def columns(self, before: int = 0) -> Bars:
        """The bars as strategies and indicators read them, from so many before the span on."""
        bars, session = self.bars, self.session
        if (shown := self.shown) is not None:
            begin = shown.before - before
            bars, session = shown.bars.part(begin, len(shown.bars)), shown.session[begin:]
        no_other = np.broadcast_to(np.float64("nan"), len(bars))
        return Bars.of(bars, session, no_other)

    def stand(self, signals: Signals, before: int) -> Signals:
        """The signals of `columns(before)` that stand at the end of each traded bar."""
        return signals if self.shown is None else signals[before:][self.shown.of_bar]

    @cached_property
    def prices(self) -> Prices:
        """Open, high, low and close, as the loop takes them."""
        return prices_of(self.bars)

    @cached_property
    def first_pieces(self) -> FirstPieces:
        """The first piece of each bar, as the loop takes it."""
        first = self.bars if self.first is None else self.first
        _, high, low, close = prices_of(first)
        return FirstPieces(high, low, close, _in_one_piece(first.volume))

    @property
    def marks(self) -> Marks:
        """What the kernel must know of each bar's place in its session and day."""
        return self._marked[0]

    @property
    def days(self) -> int:
        """Indian days that have bars."""
        return self._marked[1]

    @cached_property
    def _marked(self) -> tuple[Marks, int]:
        marks = np.empty(len(self), dtype=np.uint8)
        closing = np.empty(0, dtype=np.int64) if self.square_off is None else self.square_off
        return marks, _mark(self.bars.start, self.session, closing, marks)


def prices_of(bars: BarSeries) -> Prices:
    """Open, high, low and close, each in one piece as the machine code wants them."""
    opening, high, low, close = map(_in_one_piece, (bars.open, bars.high, bars.low, bars.close))
    return opening, high, low, close


def _in_one_piece(column: Int64Array) -> Int64Array:
    return np.require(column, np.int64, ("C", "W"))


@compiled
def _are_sound(
    opening: Int64Array, high: Int64Array, low: Int64Array, close: Int64Array, start: Int64Array
) -> bool:
    """Whether bars ascend in time, with prices above zero between their low and high."""
    sound = True
    for i in range(len(start)):
        least, most = min(opening[i], close[i]), max(opening[i], close[i])
        sound &= (low[i] > 0) & (low[i] <= least) & (most <= high[i]) & (high[i] < HIGHEST_PRICE)
    for i in range(1, len(start)):
        sound &= start[i] > start[i - 1]
    return sound


@compiled
def _mark(start: Int64Array, session: Int64Array, square_off: Int64Array, marks: Marks) -> int:
    """Write each bar's marks; returns how many Indian days there are. `square_off` is empty for none.

    The bar before the first one is the last: it ends a session and a day, as it should.
    """
    for i in range(len(start)):
        marks[i] = 0
    if len(square_off):
        for i in range(len(start)):
            marks[i] = CLOSED if start[i] >= square_off[i] else 0
        for i in range(len(start)):
            if i == 0 or session[i - 1] != session[i]:
                marks[i] |= FIRST
                marks[i - 1] |= LAST
    days, midnight = 0, 0
    for i in range(len(start)):
        if start[i] >= midnight or i == 0:
            midnight = (start[i] + IST_OFFSET) // DAY * DAY + DAY - IST_OFFSET
            marks[i - 1] |= DAY_END
            days += 1
    return days
