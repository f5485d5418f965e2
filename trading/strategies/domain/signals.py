"""What signal strategies are written with: allowed sides, crossings, and holding a side between events."""

from abc import abstractmethod
from collections.abc import Mapping
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from trading.marketdata.domain.indicators.bars import Bars, FloatArray

from .settings import choice
from .strategy import Signals, SignalStrategy

Flags = NDArray[np.bool_]
Lines = Mapping[str, Mapping[str, FloatArray]]


class Sides(StrEnum):
    """Which sides a strategy may take. Shares cannot be held short overnight, hence the choice."""

    BOTH = "both"
    LONG = "long"
    SHORT = "short"


class SidedStrategy(SignalStrategy):
    """A signal strategy that may be kept to one side: what it wants on the other is flat."""

    sides = choice("Sides", tuple(Sides))

    @abstractmethod
    def wanted(self, bars: Bars, lines: Lines) -> Signals:
        """The side wanted after each bar if both were allowed."""

    def signals(self, bars: Bars, lines: Lines) -> Signals:
        """`wanted`, kept to the allowed sides."""
        wanted = self.wanted(bars, lines)
        lowest = 0 if self.sides == Sides.LONG else -1
        highest = 0 if self.sides == Sides.SHORT else 1
        return np.clip(wanted, lowest, highest).astype(np.int8)


def sign_of(gap: FloatArray) -> Signals:
    """1 above nought, -1 below, 0 at nought and while it warms up (NaN)."""
    return (gap > 0).view(np.int8) - (gap < 0).view(np.int8)


def agreed(first: Signals, second: Signals) -> Signals:
    """The side that both want, flat where they disagree."""
    return np.where(first == second, first, 0).astype(np.int8)


def previous(line: FloatArray) -> FloatArray:
    """The line one bar earlier; NaN at the first."""
    return np.concatenate(([np.nan], line[:-1]))


def crossed_up(line: FloatArray, other: FloatArray | float) -> Flags:
    """Bars where the line, at or below the other one bar earlier, is above it; never beside a NaN."""
    return _turned(line > other, line <= other)


def crossed_down(line: FloatArray, other: FloatArray | float) -> Flags:
    """Bars where the line, at or above the other one bar earlier, is below it; never beside a NaN."""
    return _turned(line < other, line >= other)


def _turned(now: Flags, before: Flags) -> Flags:
    """Bars that have the one, after a bar that had the other."""
    turned = np.zeros(len(now), dtype=np.bool_)
    np.logical_and(now[1:], before[:-1], out=turned[1:])
    return turned


def held(*, enter_long: Flags, exit_long: Flags, enter_short: Flags, exit_short: Flags) -> Signals:
    """The side held after each bar when entries hold until their exit or the other side's entry.

    An exit beats an entry of its own side at the same bar; where both sides would enter, neither does.
    """
    count = len(enter_long)
    # What nothing happens at changes nothing: only the other bars are worked out, and held to the next of them.
    bars = np.flatnonzero(enter_long | exit_long | enter_short | exit_short)
    if not len(bars):
        return np.zeros(count, dtype=np.int8)
    ends_long, ends_short = exit_long[bars], exit_short[bars]
    long, short = enter_long[bars] & ~ends_long, enter_short[bars] & ~ends_short
    entered_long, entered_short = _last(long & ~short), _last(short & ~long)
    is_long = (entered_long > entered_short) & (entered_long > _last(ends_long))
    is_short = (entered_short > entered_long) & (entered_short > _last(ends_short))
    sides = np.zeros(len(bars) + 1, dtype=np.int8)
    sides[1:] = is_long.view(np.int8) - is_short.view(np.int8)
    return np.repeat(sides, np.diff(bars, prepend=0, append=count))


def _last(events: Flags) -> NDArray[np.int64]:
    """The latest place up to each that has the event, -1 before the first."""
    return np.maximum.accumulate(np.where(events, np.arange(len(events)), -1))
