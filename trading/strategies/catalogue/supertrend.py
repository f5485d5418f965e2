"""Supertrend: the side of a band that follows the price at a distance of true ranges."""

from collections.abc import Mapping

from trading.marketdata.domain.indicators.bars import Bars
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import Doc, Kind, integer, number
from trading.strategies.domain.signals import Lines, SidedStrategy, sign_of
from trading.strategies.domain.strategy import Signals


class Supertrend(SidedStrategy):
    key = "supertrend"
    title = "Supertrend"
    kind = Kind.TREND
    doc = Doc(
        idea="A trend is alive as long as the price does not come back by more than its usual range. The band "
        "follows the price at a multiple of the average true range and never retreats, so it is a trailing stop "
        "and a signal in one (Olivier Seban).",
        rules="Long while the band lies below the price, short while above; a close beyond the band turns both.",
        fails_when="Ranges narrower than twice the multiple: each turn is bought near the top and sold near the "
        "bottom. A jump in volatility widens the band just when the loss is largest.",
    )
    period = integer("ATR period", 10, minimum=2, maximum=200)
    multiplier = number("Multiple of ATR", 3.0, minimum=0.5, maximum=10)

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {"band": ("supertrend", {"period": self.period, "multiplier": self.multiplier})}

    def wanted(self, bars: Bars, lines: Lines) -> Signals:
        return sign_of(lines["band"]["direction"])
