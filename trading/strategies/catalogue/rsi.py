"""RSI reversion: buy what has fallen too fast, leave when it is back to the middle."""

from collections.abc import Mapping

from trading.marketdata.domain.indicators.bars import Bars
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import Doc, Kind, integer, number
from trading.strategies.domain.signals import Lines, SidedStrategy, crossed_down, crossed_up, held
from trading.strategies.domain.strategy import Signals


class RsiReversion(SidedStrategy):
    key = "rsi_reversion"
    title = "RSI reversion"
    kind = Kind.REVERSION
    doc = Doc(
        idea="Wilder's relative strength index measures how one-sided the recent changes were. Where nearly all "
        "went one way, the move is often overdone and part of it is given back.",
        rules="Enters long when the index rises back above the oversold level (so the fall has already paused), "
        "short when it falls back below the overbought level. Leaves when the index reaches the exit level, or by "
        "an entry of the other side.",
        fails_when="Strong trends: the index stays oversold or overbought for weeks while the price runs on, and "
        "the strategy stands against it again and again. It has no stop of its own; give the run one.",
    )
    period = integer("Period", 14, minimum=2, maximum=200)
    oversold = number("Oversold", 30.0, minimum=1, maximum=49, step=1)
    overbought = number("Overbought", 70.0, minimum=51, maximum=99, step=1)
    middle = number("Exit level", 50.0, minimum=20, maximum=80, step=1)

    def conflict(self) -> str | None:
        return None if self.oversold < self.middle < self.overbought else "The exit level lies between the others."

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {"rsi": ("rsi", {"period": self.period})}

    def wanted(self, bars: Bars, lines: Lines) -> Signals:
        rsi = lines["rsi"]["rsi"]
        return held(
            enter_long=crossed_up(rsi, self.oversold),
            exit_long=rsi >= self.middle,
            enter_short=crossed_down(rsi, self.overbought),
            exit_short=rsi <= self.middle,
        )
