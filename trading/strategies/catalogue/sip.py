"""A systematic investment plan: the same amount every month, whatever the price."""

from collections.abc import Mapping
from datetime import date

from trading.orders.domain.states import OrderStatus
from trading.strategies.domain import Bar, Context, Doc, Interval, Kind, Setup, Strategy, integer, number

from .sizing import affordable


class SystematicInvestment(Strategy):
    key = "sip"
    title = "Systematic investment plan"
    kind = Kind.INVESTING
    doc = Doc(
        idea="Nobody knows the good month to buy. A fixed amount every month buys more when prices are low and "
        "less when they are high, and it takes the decision away from the mood of the day.",
        rules="On the first bar at or after the chosen day of each month it buys for the amount, in equal parts "
        "of each instrument, in whole lots. What is too little for a lot is kept for the next month. The amount "
        "may grow by a percentage each year. Nothing is sold; when the cash is used up, the plan rests.",
        fails_when="A market that rises from the first day pays more to whoever invests all at once. Money that "
        "is needed soon should not be in it: a plan of ten years can stand below what was paid in.",
    )
    intervals = (Interval.D1, Interval.H1)
    symbols_wanted = (1, 50)
    amount = number("Amount a month, rupees", 10_000.0, minimum=100, maximum=100_000_000, step=500)
    day = integer("Day of the month", 5, minimum=1, maximum=28)
    step_up = number("More each year, per cent", 0.0, minimum=0, maximum=50, step=1)

    def setup(self, setup: Setup) -> None:
        self.symbols = setup.symbols

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        today = ctx.now.date()
        due, paid = self._latest_due(today), ctx.recall("paid")
        if paid is None and due < today:
            ctx.remember("paid", due.isoformat())
        elif paid is None or str(paid) < due.isoformat():
            ctx.remember("paid", due.isoformat())
            self._invest(ctx, due)

    def _invest(self, ctx: Context, due: date) -> None:
        first = date.fromisoformat(str(ctx.recall("first", due.isoformat())))
        ctx.remember("first", first.isoformat())
        years = (due.year * 12 + due.month - first.year * 12 - first.month) // 12
        each = self.amount * (1 + self.step_up / 100) ** years / len(self.symbols)
        for symbol in self.symbols:
            self._buy(ctx, symbol, each)

    def _buy(self, ctx: Context, symbol: str, rupees: float) -> None:
        kept = ctx.recall(f"kept {symbol}", 0.0)
        assert isinstance(kept, int | float)
        rupees += kept
        price, units = ctx.last_price(symbol), affordable(ctx, rupees, symbol)
        is_sent = units > 0 and ctx.buy(units, symbol).status is not OrderStatus.REJECTED
        if is_sent and price is not None:
            rupees -= units * float(price)
        ctx.remember(f"kept {symbol}", rupees)

    def _latest_due(self, today: date) -> date:
        """The last instalment's day up to today, a holiday or not."""
        if today.day >= self.day:
            return today.replace(day=self.day)
        year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
        return date(year, month, self.day)
