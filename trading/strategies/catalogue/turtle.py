"""Donchian channels as the turtles traded them: break-outs of one length, exits of a shorter one, a stop by ATR."""

from collections.abc import Mapping

import numba
import numpy as np

from trading.marketdata.domain.indicators.bars import Bars, FloatArray
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import Doc, Kind, integer, number
from trading.strategies.domain.signals import Lines, SidedStrategy, previous
from trading.strategies.domain.strategy import Signals


class Turtle(SidedStrategy):
    key = "turtle"
    title = "Donchian channel (turtle)"
    kind = Kind.BREAKOUT
    doc = Doc(
        idea="A price above everything of the last weeks has no seller left who is in loss; large trends all "
        "begin with such a break-out (Richard Donchian, later Richard Dennis's turtles).",
        rules="Enters long on a close above the highest high of the entry channel, which ends one bar before, "
        "short on a close below its lowest low. Leaves on a close beyond the shorter exit channel on the other "
        "side, or on a close further than the stop, a multiple of the average true range at the entry, from the "
        "entry's close. After a stop it waits for the next break-out. One unit; the turtles' adding to winners is "
        "left out.",
        fails_when="Most break-outs fail; it lives on a few large trends a year and loses for months between "
        "them. On a single share in a range it does nothing but pay charges.",
    )
    entry = integer("Entry channel", 20, minimum=2, maximum=300)
    exit = integer("Exit channel", 10, minimum=2, maximum=300)
    atr_period = integer("ATR period", 20, minimum=2, maximum=200)
    stop = number("Stop in ATR (0: none)", 2.0, minimum=0, maximum=20, step=0.5)

    def conflict(self) -> str | None:
        return None if self.exit <= self.entry else "The exit channel must not be longer than the entry channel."

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {
            "entry": ("donchian", {"period": self.entry}),
            "exit": ("donchian", {"period": self.exit}),
            "range": ("atr", {"period": self.atr_period}),
        }

    def wanted(self, bars: Bars, lines: Lines) -> Signals:
        return _walked(
            bars.close,
            previous(lines["entry"]["upper"]),
            previous(lines["entry"]["lower"]),
            previous(lines["exit"]["upper"]),
            previous(lines["exit"]["lower"]),
            self.stop * lines["range"]["atr"],
        )


@numba.njit(cache=True)
def _walked(
    close: FloatArray,
    entry_upper: FloatArray,
    entry_lower: FloatArray,
    exit_upper: FloatArray,
    exit_lower: FloatArray,
    distance: FloatArray,
) -> Signals:
    """The side held after each bar. A `distance` of 0 or NaN at the entry is no stop. Comparisons with NaN fail."""
    sides = np.zeros(len(close), dtype=np.int8)
    side, stop = 0, np.nan
    for i in range(len(close)):
        price = close[i]
        if (side > 0 and (price < exit_lower[i] or price <= stop)) or (
            side < 0 and (price > exit_upper[i] or price >= stop)
        ):
            side = 0
        entered = 1 if price > entry_upper[i] else -1 if price < entry_lower[i] else 0
        if entered not in (0, side):
            side = entered
            stop = price - side * distance[i] if distance[i] > 0 else np.nan
        sides[i] = side
    return sides
