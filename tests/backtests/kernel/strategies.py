"""Small signal strategies for tests."""

from collections.abc import Mapping

import numpy as np

from trading.marketdata.domain.indicators.bars import Bars, FloatArray
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import SignalStrategy, integer


class Cross(SignalStrategy):
    """Long while the fast average is above the slow one, short while it is below."""

    key = "test-cross"
    fast = integer("Fast", 9, minimum=2, maximum=200)
    slow = integer("Slow", 21, minimum=2, maximum=400)

    def conflict(self) -> str | None:
        return None if self.fast < self.slow else "fast must be less than slow."

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {"fast": ("sma", {"period": self.fast}), "slow": ("sma", {"period": self.slow})}

    def signals(self, bars: Bars, lines: Mapping[str, Mapping[str, FloatArray]]) -> np.ndarray:
        fast, slow = lines["fast"]["sma"], lines["slow"]["sma"]
        return (fast > slow).astype(np.int8) - (fast < slow).astype(np.int8)


class Level(SignalStrategy):
    """Long below 30 of the RSI until 70."""

    key = "test-level"
    period = integer("Period", 14, minimum=2, maximum=100)

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {"rsi": ("rsi", {"period": self.period})}

    def signals(self, bars: Bars, lines: Mapping[str, Mapping[str, FloatArray]]) -> np.ndarray:
        rsi = lines["rsi"]["rsi"]
        turn = np.where(rsi < 30, 1, np.where(rsi > 70, 0, -1))
        last = np.maximum.accumulate(np.where(turn >= 0, np.arange(len(turn)), -1))
        return np.where(last >= 0, turn[last], 0).astype(np.int8)


class Broken(SignalStrategy):
    """Raises at one of its settings, and gives nonsense at another."""

    key = "test-broken"
    which = integer("Which", 0, minimum=0, maximum=3)

    def signals(self, bars: Bars, lines: Mapping[str, Mapping[str, FloatArray]]) -> np.ndarray:
        if self.which == 1:
            raise RuntimeError("no idea")
        return np.full(len(bars), 2 if self.which == 2 else 1, dtype=np.int8)
