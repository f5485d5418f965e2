"""Gaps: an open far from the last close is faded or followed."""

from trading.strategies.domain import (
    Bar,
    Context,
    Doc,
    Interval,
    Kind,
    Setup,
    Side,
    Strategy,
    choice,
    clock_time,
    integer,
    number,
)
from trading.strategies.domain.signals import Sides

from .sizing import units_at_risk

_FADE, _FOLLOW = "fade", "follow"


class GapTrading(Strategy):
    key = "gap"
    title = "Gap"
    kind = Kind.BREAKOUT
    doc = Doc(
        idea="Overnight news makes the first price jump, and the crowd of the open often carries it too far. "
        "Small gaps tend to be filled within the day; large ones, with real news behind them, more often run on.",
        rules="After the first bars of a session it measures the gap between the session's open and the last "
        "close of the session before. If it lies between the least and the most: fading, it trades back towards "
        "that close, which is the target, with a stop as far beyond the entry as a multiple of the way to the "
        "target; following, it trades with the gap, the stop is that close and the target a multiple of the risk. "
        "A gap that is filled before the entry is left alone. All is closed at the exit time.",
        fails_when="Fading a gap that has a reason: results, a takeover, a war. A split or bonus looks like a "
        "gap; prices must be adjusted, and the widest gap keeps the worst away.",
    )
    intervals = (Interval.M1, Interval.M3, Interval.M5, Interval.M15)
    way = choice("Way", (_FADE, _FOLLOW))
    sides = choice("Sides", tuple(Sides))
    least = number("Least gap, per cent", 0.5, minimum=0.05, maximum=20, step=0.05)
    most = number("Most, per cent", 3.0, minimum=0.1, maximum=40)
    wait = integer("Bars before the entry", 1, minimum=1, maximum=60)
    stop = number("Stop, multiple of the way to the target", 1.0, minimum=0.1, maximum=10)
    reward = number("Target when following, multiple of the risk", 1.5, minimum=0.1, maximum=10)
    risk = number("Risk a trade, per cent of equity", 1.0, minimum=0.05, maximum=10, step=0.05)
    largest = number("Largest position, share of equity", 3.0, minimum=0.05, maximum=10, step=0.05)
    exit_at = clock_time("Exit", "15:10")

    def conflict(self) -> str | None:
        return None if self.least < self.most else "The least gap must be less than the most."

    def setup(self, setup: Setup) -> None:
        setup.warm_up(1)

    def on_session(self, ctx: Context) -> None:
        before = ctx.bars(1)
        ctx.remember("close", before[-1].close if before else None)
        ctx.remember("open", None)
        ctx.remember("bars", 0)
        ctx.at(self.exit_at, "exit")

    def on_time(self, ctx: Context, name: str) -> None:
        ctx.close_all(tag="exit time")

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        seen, close = ctx.recall("bars", 0), ctx.recall("close")
        assert isinstance(seen, int)
        ctx.remember("bars", seen + 1)
        if seen == 0:
            ctx.remember("open", bar.open)
        opened = ctx.recall("open")
        if seen + 1 == self.wait and isinstance(close, float) and isinstance(opened, float):
            self._enter(ctx, bar, opened, close)

    def _enter(self, ctx: Context, bar: Bar, opened: float, close: float) -> None:
        gap = opened / close - 1
        up = gap > 0
        left = bar.close > close if up else bar.close < close
        if not self.least <= abs(gap) * 100 <= self.most or not left or ctx.position().quantity:
            return
        side = Side.BUY if up == (self.way == _FOLLOW) else Side.SELL
        if self.sides == (Sides.SHORT if side is Side.BUY else Sides.LONG):
            return
        if self.way == _FADE:
            target, stop = close, bar.close + self.stop * (bar.close - close)
        else:
            target, stop = bar.close + self.reward * (bar.close - close), close
        units = units_at_risk(
            ctx, risk=self.risk / 100, share=self.largest, entry=bar.close, stop=stop, symbol=bar.symbol
        )
        if units:
            ctx.bracket(side, units, stop=stop, target=target, tag=f"gap {gap:+.2%}")
        else:
            ctx.log("The capital is too small for a lot at this risk.")
