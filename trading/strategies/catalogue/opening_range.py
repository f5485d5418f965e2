"""Opening-range breakout: the first minutes set a range, the first close beyond it is the day's trade."""

from trading.strategies.domain import (
    Bar,
    Context,
    Doc,
    Interval,
    Kind,
    OrderView,
    Side,
    Strategy,
    choice,
    clock_time,
    integer,
    number,
)
from trading.strategies.domain.signals import Sides

from .sizing import units_at_risk

_FAR, _MIDDLE = "other end of the range", "middle of the range"


class OpeningRangeBreakout(Strategy):
    key = "opening_range_breakout"
    title = "Opening-range breakout"
    kind = Kind.BREAKOUT
    doc = Doc(
        idea="The first minutes digest the night's news. Whoever is right about it shows by pushing the price out "
        "of the range that they made, and on days with a direction it does not come back (Toby Crabel).",
        rules="The range is the high and low of the session's first minutes. On the first bar that closes above "
        "it, until the last entry, it buys with a stop at the range's other end or middle and a target of a "
        "multiple of the risk; below it sells. The number of units is what loses the chosen share of equity at "
        "the stop, at most the largest position. All is closed at the exit time. So many trades a day, none after "
        "a range wider than the widest.",
        fails_when="Quiet days, on which both ends are broken and neither break goes anywhere; gaps that make the "
        "range so wide that the stop is out of proportion. Slippage at the break is larger than at other times.",
    )
    intervals = (Interval.M1, Interval.M3, Interval.M5, Interval.M15)
    minutes = integer("Minutes of the range", 15, minimum=1, maximum=120)
    sides = choice("Sides", tuple(Sides))
    stop_at = choice("Stop at the", (_FAR, _MIDDLE))
    reward = number("Target, multiple of the risk (0: none)", 2.0, minimum=0, maximum=20, step=0.5)
    trades = integer("Trades a day", 1, minimum=1, maximum=10)
    widest = number("Widest range, per cent of the price", 2.0, minimum=0.1, maximum=20)
    risk = number("Risk a trade, per cent of equity", 1.0, minimum=0.05, maximum=10, step=0.05)
    largest = number("Largest position, share of equity", 3.0, minimum=0.05, maximum=10, step=0.05)
    last_entry = clock_time("Last entry", "14:00")
    exit_at = clock_time("Exit", "15:10")

    def conflict(self) -> str | None:
        return None if self.last_entry < self.exit_at else "The last entry must be before the exit."

    def on_session(self, ctx: Context) -> None:
        for name in ("open", "high", "low", "trades"):
            ctx.remember(name, None)
        ctx.at(self.exit_at, "exit")

    def on_time(self, ctx: Context, name: str) -> None:
        ctx.close_all(tag="exit time")

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        opened = _number(ctx, "open") or bar.start
        if bar.end <= opened + self.minutes * 60:
            self._widen(ctx, bar, opened)
            return
        high, low = _number(ctx, "high"), _number(ctx, "low")
        if high is None or low is None or not self._may_enter(ctx, high, low):
            return
        if bar.close > high and self.sides != Sides.SHORT:
            self._enter(ctx, bar, Side.BUY, low if self.stop_at == _FAR else (high + low) / 2)
        elif bar.close < low and self.sides != Sides.LONG:
            self._enter(ctx, bar, Side.SELL, high if self.stop_at == _FAR else (high + low) / 2)

    def on_order(self, ctx: Context, order: OrderView) -> None:
        if order.reason:
            ctx.log(f"{order.side} {order.quantity} {order.symbol}: {order.reason}")

    def _widen(self, ctx: Context, bar: Bar, opened: float) -> None:
        high, low = _number(ctx, "high"), _number(ctx, "low")
        ctx.remember("open", opened)
        ctx.remember("high", bar.high if high is None else max(high, bar.high))
        ctx.remember("low", bar.low if low is None else min(low, bar.low))

    def _may_enter(self, ctx: Context, high: float, low: float) -> bool:
        return (
            (_number(ctx, "trades") or 0) < self.trades
            and ctx.now.time() <= self.last_entry
            and high - low <= self.widest / 100 * low
            and not ctx.position().quantity
            and not ctx.orders()
        )

    def _enter(self, ctx: Context, bar: Bar, side: Side, stop: float) -> None:
        units = units_at_risk(
            ctx, risk=self.risk / 100, share=self.largest, entry=bar.close, stop=stop, symbol=bar.symbol
        )
        if not units:
            ctx.log("The capital is too small for a lot at this risk.")
            return
        target = bar.close + self.reward * (bar.close - stop) if self.reward else None
        ctx.bracket(side, units, stop=stop, target=target, tag="break-out")
        ctx.remember("trades", (_number(ctx, "trades") or 0) + 1)


def _number(ctx: Context, name: str) -> float | None:
    value = ctx.recall(name)
    return value if isinstance(value, int | float) else None
