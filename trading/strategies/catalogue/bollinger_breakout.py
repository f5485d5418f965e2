"""Bollinger bands as a fence: out of a quiet spell with the first close beyond a band."""

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from trading.marketdata.domain.indicators.bars import Bars, FloatArray
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import Doc, Kind, integer, number
from trading.strategies.domain.signals import Flags, Lines, SidedStrategy, held
from trading.strategies.domain.strategy import Signals


class BollingerBreakout(SidedStrategy):
    key = "bollinger_breakout"
    title = "Bollinger breakout"
    kind = Kind.BREAKOUT
    doc = Doc(
        idea="Volatility comes in spells: after a quiet one the bands are narrow, and a close beyond them is "
        "often the beginning of a large move (John Bollinger's squeeze).",
        rules="Enters in the direction of a close beyond a band, if the bands were narrow one bar before: their "
        "width in the lowest part of its range over the last bars. Leaves when the close is back at the middle "
        "line.",
        fails_when="False break-outs, which are most of them: the first close beyond the band is often the last. "
        "News that comes in jumps is bought after the move has happened.",
    )
    period = integer("Period", 20, minimum=5, maximum=200)
    multiplier = number("Deviations", 2.0, minimum=0.5, maximum=5)
    squeeze = number("Narrow is the lowest part of", 0.35, minimum=0.05, maximum=1, step=0.05)
    lookback = integer("Range of widths over bars", 100, minimum=10, maximum=500)

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {"bands": ("bollinger", {"period": self.period, "multiplier": self.multiplier})}

    def wanted(self, bars: Bars, lines: Lines) -> Signals:
        bands = lines["bands"]
        was_narrow = self._was_narrow(bands["bandwidth"])
        return held(
            enter_long=(bars.close > bands["upper"]) & was_narrow,
            exit_long=bars.close <= bands["middle"],
            enter_short=(bars.close < bands["lower"]) & was_narrow,
            exit_short=bars.close >= bands["middle"],
        )

    def _was_narrow(self, width: FloatArray) -> Flags:
        """Whether the bands were narrow one bar earlier; a squeeze of 1 asks for nothing but a full look-back."""
        narrow: Flags = np.zeros(len(width), dtype=np.bool_)
        if len(width) >= self.lookback:
            past = sliding_window_view(width, self.lookback)
            lowest, highest = past.min(axis=1), past.max(axis=1)
            narrow[self.lookback - 1 :] = past[:, -1] <= lowest + self.squeeze * (highest - lowest)
        return np.concatenate(([False], narrow[:-1]))[: len(width)]
