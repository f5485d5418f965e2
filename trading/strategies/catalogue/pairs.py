"""Pairs: two shares that belong together, traded when they part."""

from collections.abc import Mapping
from dataclasses import astuple
from math import log

import numpy as np

from trading.orders.domain.states import OrderStatus
from trading.strategies.domain import (
    Bar,
    Context,
    Doc,
    Interval,
    Kind,
    LegWish,
    Setup,
    Side,
    Strategy,
    choice,
    integer,
    number,
)

from .cointegration import LEVELS, Cointegration, engle_granger
from .sizing import units_for

_ALWAYS = "untested"


class PairsTrading(Strategy):
    key = "pairs"
    title = "Pairs (cointegration)"
    kind = Kind.PAIRS
    doc = Doc(
        idea="Two shares of one trade are moved by the same news. If a fixed mix of them has always come back to "
        "its mean (they are cointegrated), a large distance from it is a mistake of the moment and not of their "
        "worth.",
        rules="Every so many bars, while flat, the logarithm of the first share's price is regressed on the "
        "second's over the last bars, and the residuals are tested by Engle and Granger. While the test holds: "
        "when the residual is further than the entry from nought, in deviations, the dear one is sold and the "
        "cheap one bought, the second with beta times the money of the first. Both legs are closed when the "
        "residual is back within the exit, beyond the stop, or after the longest holding. After a stop it waits "
        "for a new regression.",
        fails_when="The tie breaks: a merger, a scandal, a new line of business. The test looks back and says "
        "nothing of tomorrow; of many pairs tried, some pass by chance. Shares can be sold short within the day "
        "only, so over days use their futures.",
    )
    intervals = (Interval.M5, Interval.M15, Interval.H1, Interval.D1)
    symbols_wanted = (2, 2)
    window = integer("Bars of the regression", 120, minimum=30, maximum=1000)
    every = integer("Bars between regressions", 20, minimum=1, maximum=500)
    level = choice("Significance", (*(f"{level:.0%}" for level in reversed(LEVELS)), _ALWAYS))
    lags = integer("Lags of the test", 1, minimum=0, maximum=10)
    entry = number("Entry, deviations", 2.0, minimum=0.5, maximum=6)
    exit = number("Exit, deviations", 0.25, minimum=0, maximum=3, step=0.05)
    stop = number("Stop, deviations", 4.0, minimum=1, maximum=12)
    longest = integer("Longest holding, bars", 60, minimum=1, maximum=2000)
    invested = number("Both legs together, share of equity", 1.0, minimum=0.1, maximum=3, step=0.05)

    def conflict(self) -> str | None:
        return None if self.exit < self.entry < self.stop else "Exit, entry and stop must grow in this order."

    def setup(self, setup: Setup) -> None:
        self.first, self.second = setup.symbols
        self.fit: Cointegration | None = None
        setup.warm_up(self.window)

    def on_start(self, ctx: Context) -> None:
        match ctx.recall("fit"):
            case [alpha, beta, deviation, statistic, observations]:
                self.fit = Cointegration(alpha, beta, deviation, statistic, observations)  # type: ignore[arg-type]

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        if self.first not in bars or self.second not in bars:
            return
        is_flat = not ctx.positions()
        if self._count(ctx, "waited", start=self.every) >= self.every and is_flat:
            self._regress(ctx)
        if self.fit is None:
            return
        score = self.fit.score(log(bars[self.first].close), log(bars[self.second].close))
        if is_flat:
            self._enter(ctx, score)
        else:
            self._leave(ctx, score)

    def _regress(self, ctx: Context) -> None:
        """Fit both over the bars that they have in common; without cointegration there is nothing to trade on."""
        closes = {bar.start: bar.close for bar in ctx.bars(self.window, self.first)}
        both = [(closes[bar.start], bar.close) for bar in ctx.bars(self.window, self.second) if bar.start in closes]
        ctx.remember("waited", 0 if len(both) >= self.window else self.every)
        self.fit = None
        if len(both) >= self.window:
            y, x = np.log(np.array(both)).T
            self.fit = self._usable(engle_granger(y, x, self.lags))
        ctx.remember("fit", list(astuple(self.fit)) if self.fit else None)

    def _usable(self, fit: Cointegration | None) -> Cointegration | None:
        if fit is None or fit.beta <= 0:
            return None
        if self.level == _ALWAYS or fit.holds(float(self.level.rstrip("%")) / 100):
            return fit
        return None

    def _enter(self, ctx: Context, score: float) -> None:
        if self.fit is None or not self.entry <= abs(score) < self.stop:
            return
        money = self.invested * float(ctx.equity) / (1 + self.fit.beta)
        units = {
            self.first: units_for(ctx, money, self.first),
            self.second: units_for(ctx, money * self.fit.beta, self.second),
        }
        if not all(units.values()):
            ctx.log(f"{score:+.2f} deviations, but the capital is too small for a lot of each.")
            return
        dear, cheap = (self.first, self.second) if score > 0 else (self.second, self.first)
        lots = {symbol: count // ctx.contract(symbol).lot_size for symbol, count in units.items()}
        legs = [LegWish(Side.BUY, cheap, lots[cheap]), LegWish(Side.SELL, dear, lots[dear])]
        ctx.log(f"{score:+.2f} deviations (beta {self.fit.beta:.3f}, t {self.fit.statistic:.2f})")
        if all(order.status is not OrderStatus.REJECTED for order in ctx.legs(legs, tag="entry")):
            ctx.remember("held", 0)
            ctx.remember("side", 1 if score > 0 else -1)
        else:
            # Without both legs there is no pair; another try on the next bar would meet the same refusal.
            ctx.remember("waited", 0)
            self.fit = None
            ctx.remember("fit", None)

    def _leave(self, ctx: Context, score: float) -> None:
        held = self._count(ctx, "held")
        side = ctx.recall("side", 1)
        assert isinstance(side, int)
        distance = score * side
        reason = (
            "back"
            if distance <= self.exit
            else "stop"
            if distance >= self.stop
            else "too long"
            if held > self.longest
            else ""
        )
        if not reason:
            return
        ctx.close_all(tag=reason)
        if reason != "back":
            self.fit = None
            ctx.remember("fit", None)
            ctx.remember("waited", 0)

    @staticmethod
    def _count(ctx: Context, name: str, start: int = 0) -> int:
        before = ctx.recall(name, start)
        assert isinstance(before, int)
        ctx.remember(name, before + 1)
        return before + 1
