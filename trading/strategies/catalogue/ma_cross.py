"""Two moving averages: long while the fast one is above the slow one."""

from collections.abc import Mapping

from trading.marketdata.domain.indicators.bars import Bars
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import Doc, Kind, choice, integer
from trading.strategies.domain.signals import Lines, SidedStrategy, sign_of
from trading.strategies.domain.strategy import Signals

AVERAGES = ("sma", "ema", "wma", "hma", "kama")


class MovingAverageCross(SidedStrategy):
    key = "ma_cross"
    title = "Moving-average cross"
    kind = Kind.TREND
    doc = Doc(
        idea="Prices that have moved for a while tend to go on. An average over few bars follows the price, one "
        "over many follows it late; the fast one above the slow one says that the recent price is above its past.",
        rules="After each bar: long while the fast average is above the slow one, short while it is below, flat "
        "while either warms up or both are equal. Entries and reversals at the market on the next price.",
        fails_when="Markets that go sideways: the averages cross back and forth and each crossing pays the spread "
        "and the charges. Turning points are found late by construction, and the win rate is usually below one in "
        "two.",
    )
    average = choice("Average", AVERAGES)
    fast = integer("Fast", 20, minimum=2, maximum=200)
    slow = integer("Slow", 50, minimum=3, maximum=500)

    def conflict(self) -> str | None:
        return None if self.fast < self.slow else "Fast must be less than slow."

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {"fast": (self.average, {"period": self.fast}), "slow": (self.average, {"period": self.slow})}

    def wanted(self, bars: Bars, lines: Lines) -> Signals:
        return sign_of(lines["fast"][self.average] - lines["slow"][self.average])
