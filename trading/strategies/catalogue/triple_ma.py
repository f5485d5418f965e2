"""Three moving averages: a side only while all three are in order."""

from collections.abc import Mapping

from trading.marketdata.domain.indicators.bars import Bars
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import Doc, Kind, choice, integer
from trading.strategies.domain.signals import Lines, SidedStrategy, agreed, sign_of
from trading.strategies.domain.strategy import Signals

from .ma_cross import AVERAGES


class TripleMovingAverage(SidedStrategy):
    key = "triple_ma"
    title = "Triple moving-average cross"
    kind = Kind.TREND
    doc = Doc(
        idea="A third, middle average keeps out of the trades that two averages take in markets without "
        "direction: only when short, middle and long past agree is there a trend.",
        rules="Long while fast > middle > slow, short while fast < middle < slow, flat otherwise. It leaves when "
        "the fast average falls back through the middle one, long before the slow one turns.",
        fails_when="Slow, choppy trends, which it leaves at each pause and enters again at a worse price. It is "
        "also out of the market for long spans; compare it with what was held meanwhile.",
    )
    average = choice("Average", AVERAGES)
    fast = integer("Fast", 9, minimum=2, maximum=100)
    middle = integer("Middle", 21, minimum=3, maximum=200)
    slow = integer("Slow", 55, minimum=4, maximum=500)

    def conflict(self) -> str | None:
        return None if self.fast < self.middle < self.slow else "Fast, middle and slow must grow in this order."

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        periods = {"fast": self.fast, "middle": self.middle, "slow": self.slow}
        return {name: (self.average, {"period": period}) for name, period in periods.items()}

    def wanted(self, bars: Bars, lines: Lines) -> Signals:
        fast, middle, slow = (lines[name][self.average] for name in ("fast", "middle", "slow"))
        return agreed(sign_of(fast - middle), sign_of(middle - slow))
