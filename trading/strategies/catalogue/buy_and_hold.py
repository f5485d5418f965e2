"""Buy once and keep: what every other strategy has to beat."""

from collections.abc import Mapping

from trading.strategies.domain import Bar, Context, Doc, Fill, Interval, Kind, Setup, Strategy, number

from .sizing import affordable


class BuyAndHold(Strategy):
    key = "buy_and_hold"
    title = "Buy and hold"
    kind = Kind.INVESTING
    doc = Doc(
        idea="Owning a share of businesses has paid more than cash over long spans. It trades once, so charges "
        "and mistakes of timing hardly matter.",
        rules="On the first bar of each instrument it buys with an equal part of the invested share of the "
        "capital, in whole lots, and keeps it; an order that is refused is sent again. Nothing is sold; dividends "
        "and splits act on the position as on any other.",
        fails_when="It sits through every fall: half of the value has been lost before and will be again. One "
        "share can go to nought; spread it over several.",
    )
    intervals = (Interval.D1, Interval.W1, Interval.H1)
    symbols_wanted = (1, 200)
    invested = number("Invested share of the capital", 0.95, minimum=0.05, maximum=1, step=0.01)

    def setup(self, setup: Setup) -> None:
        self.each = self.invested / len(setup.symbols)

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        for symbol in bars:
            if not ctx.recall(symbol) and not ctx.orders(symbol):
                units = affordable(ctx, self.each * float(ctx.capital), symbol)
                if units:
                    ctx.buy(units, symbol)

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        ctx.remember(fill.symbol, True)
