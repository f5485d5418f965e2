"""Momentum rotation: hold what has risen most of a universe, look again every month."""

from collections.abc import Mapping
from datetime import date

import numpy as np

from trading.strategies.domain import (
    Bar,
    Context,
    Doc,
    Interval,
    Kind,
    Setup,
    Strategy,
    choice,
    flag,
    integer,
    number,
)

from .sizing import affordable, units_for

_RETURN, _PER_RISK = "return", "return per volatility"
_MONTH, _WEEK, _QUARTER = "month", "week", "quarter"


class MomentumRotation(Strategy):
    key = "momentum_rotation"
    title = "Momentum rotation"
    kind = Kind.MOMENTUM
    doc = Doc(
        idea="Shares that have risen more than others over the last months have, on average, gone on doing so for "
        "some months more (Jegadeesh and Titman, 1993). The last weeks are left out, because over those there is "
        "more often a reversal.",
        rules="At the first bar of each month (week, quarter) it ranks the universe by the return over the "
        "look-back, leaving out the latest bars, and holds the best few in equal parts. What has fallen out of "
        "them is sold first. With the filter, nothing that has fallen is bought and its part stays in cash. Parts "
        "that are kept are touched only when they have drifted from their size; what the money is not there for "
        "yet is bought on the next bars.",
        fails_when="Sharp turns of the market, when last year's losers rise fastest; crowds that leave the same "
        "few shares together. A universe chosen today holds only those that survived: its past looks better than "
        "it was.",
    )
    intervals = (Interval.D1, Interval.W1)
    symbols_wanted = (2, 200)
    lookback = integer("Look-back, bars", 126, minimum=5, maximum=500)
    skip = integer("Latest bars left out", 21, minimum=0, maximum=60)
    top = integer("How many to hold", 3, minimum=1, maximum=50)
    ranking = choice("Ranked by", (_RETURN, _PER_RISK))
    every = choice("Looked at every", (_MONTH, _WEEK, _QUARTER))
    rising_only = flag("Only what has risen", default=True)
    invested = number("Invested share of equity", 0.95, minimum=0.1, maximum=1, step=0.01)
    drift = number("Drift that is put right, share of a part", 0.25, minimum=0.02, maximum=1, step=0.01)

    def conflict(self) -> str | None:
        return None if self.skip < self.lookback else "Fewer bars must be left out than looked back over."

    def setup(self, setup: Setup) -> None:
        self.symbols = setup.symbols
        setup.warm_up(self.lookback + 1)

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        period = self._period(ctx.now.date())
        if ctx.recall("period") != period:
            ctx.remember("period", period)
            self._rotate(ctx, bars)
        else:
            self._complete(ctx, bars)

    def _rotate(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        """Sell what has fallen out, and put right what has drifted."""
        chosen = self._chosen(ctx, bars)
        ctx.log(f"Holding {', '.join(chosen) or 'nothing'}")
        for holding in ctx.positions():
            if holding.symbol not in chosen:
                ctx.close(holding.symbol, tag="fell out")
        for symbol in chosen:
            self._size(ctx, symbol)
        ctx.remember("missing", [symbol for symbol in chosen if not ctx.position(symbol).quantity])

    def _complete(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        """Buy what the money of the rotation's day was not there for: of a sale it may come a day later."""
        match ctx.recall("missing"):
            case [*symbols] if symbols:
                missing = [str(symbol) for symbol in symbols if not ctx.position(str(symbol)).quantity]
                ctx.remember("missing", list(missing))
                for symbol in missing:
                    if symbol in bars and not ctx.orders(symbol):
                        self._size(ctx, symbol)

    def _chosen(self, ctx: Context, bars: Mapping[str, Bar]) -> list[str]:
        """The best of those that trade today and have the whole look-back, the best first."""
        scores = {symbol: score for symbol in bars if (score := self._score(ctx, symbol)) is not None}
        ranked = sorted(scores, key=lambda symbol: (-scores[symbol], symbol))
        return [symbol for symbol in ranked[: self.top] if scores[symbol] > 0 or not self.rising_only]

    def _score(self, ctx: Context, symbol: str) -> float | None:
        past = ctx.bars(self.lookback + 1, symbol)
        if len(past) <= self.lookback:
            return None
        closes = np.array([bar.close for bar in past[: len(past) - self.skip]])
        gained = float(closes[-1] / closes[0] - 1)
        if self.ranking == _RETURN:
            return gained
        deviation = float(np.std(np.diff(np.log(closes)), ddof=1)) if len(closes) > 2 else 0.0
        return gained / deviation if deviation > 0 else 0.0

    def _size(self, ctx: Context, symbol: str) -> None:
        holding, equity = ctx.position(symbol), float(ctx.equity)
        part = self.invested / self.top * equity
        missing = part - holding.quantity * float(holding.last_price)
        if abs(missing) <= self.drift * part:
            return
        if missing > 0 and (units := affordable(ctx, missing, symbol)):
            ctx.buy(units, symbol, tag="rotation")
        elif missing < 0 and (units := units_for(ctx, -missing, symbol)):
            ctx.sell(units, symbol, tag="rotation")

    def _period(self, today: date) -> str:
        if self.every == _WEEK:
            year, week, _ = today.isocalendar()
            return f"{year} week {week}"
        return f"{today.year} {today.month if self.every == _MONTH else f'quarter {(today.month + 2) // 3}'}"
