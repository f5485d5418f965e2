"""MACD: the side of the difference of two exponential averages."""

from collections.abc import Mapping

from trading.marketdata.domain.indicators.bars import Bars
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import Doc, Kind, choice, integer
from trading.strategies.domain.signals import Lines, SidedStrategy, agreed, sign_of
from trading.strategies.domain.strategy import Signals

_SIGNAL, _NOUGHT, _BOTH = "signal line", "nought", "signal line and nought"


class MacdCross(SidedStrategy):
    key = "macd_cross"
    title = "MACD cross"
    kind = Kind.TREND
    doc = Doc(
        idea="The difference of a fast and a slow exponential average measures how quickly the price moves; its "
        "own average, the signal line, tells whether that speed is growing or fading (Gerald Appel).",
        rules="Long while the difference is above what it is compared with, short while below: the signal line "
        "(early, many trades), nought (late, few), or both at once (flat where they disagree).",
        fails_when="Sideways markets, where the difference swings around its signal line every few bars; and "
        "after long quiet spells, when a small move looks like a large change of speed.",
    )
    fast = integer("Fast", 12, minimum=2, maximum=200)
    slow = integer("Slow", 26, minimum=3, maximum=400)
    signal = integer("Signal", 9, minimum=2, maximum=100)
    against = choice("Compared with", (_SIGNAL, _NOUGHT, _BOTH))

    def conflict(self) -> str | None:
        return None if self.fast < self.slow else "Fast must be less than slow."

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {"macd": ("macd", {"fast": self.fast, "slow": self.slow, "signal": self.signal})}

    def wanted(self, bars: Bars, lines: Lines) -> Signals:
        macd, signal = lines["macd"]["macd"], lines["macd"]["signal"]
        by_signal, by_nought = sign_of(macd - signal), sign_of(macd)
        if self.against == _SIGNAL:
            return by_signal
        if self.against == _NOUGHT:
            return by_nought
        return agreed(by_signal, by_nought)
