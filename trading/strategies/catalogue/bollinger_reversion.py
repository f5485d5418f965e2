"""Bollinger bands as a rubber band: from beyond a band back to the middle."""

from collections.abc import Mapping

from trading.marketdata.domain.indicators.bars import Bars
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import Doc, Kind, integer, number
from trading.strategies.domain.signals import Lines, SidedStrategy, crossed_down, crossed_up, held
from trading.strategies.domain.strategy import Signals


class BollingerReversion(SidedStrategy):
    key = "bollinger_reversion"
    title = "Bollinger reversion"
    kind = Kind.REVERSION
    doc = Doc(
        idea="Within a range, a close further than two deviations from its average is rare, and the next ones are "
        "more often nearer to it than further away.",
        rules="Enters long when the close comes back above the lower band after a close at or below it, short "
        "when it comes back below the upper band. Leaves when the close reaches the middle line.",
        fails_when="A break-out that begins a trend: the bands widen and the price walks along one of them while "
        "this strategy keeps betting on its return. It has no stop of its own; give the run one.",
    )
    period = integer("Period", 20, minimum=5, maximum=200)
    multiplier = number("Deviations", 2.0, minimum=0.5, maximum=5)

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {"bands": ("bollinger", {"period": self.period, "multiplier": self.multiplier})}

    def wanted(self, bars: Bars, lines: Lines) -> Signals:
        bands = lines["bands"]
        return held(
            enter_long=crossed_up(bars.close, bands["lower"]),
            exit_long=bars.close >= bands["middle"],
            enter_short=crossed_down(bars.close, bands["upper"]),
            exit_short=bars.close <= bands["middle"],
        )
