"""What all options strategies do alike: enter a shape, watch it at every bar, leave it, come back, roll it.

A subclass names a shape and its defaults. Everything is judged at closed bars of the underlying and traded at
MARKET, so a stop fills at the next price, not at its own.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from trading.brokers.domain.terms import Side
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.option_choice import ExpiryRule
from trading.orders.domain.shapes import SHAPES
from trading.strategies.domain.context import Context
from trading.strategies.domain.market import Bar, Fill, OrderView
from trading.strategies.domain.strategy import Kind
from trading.strategies.domain.wish import LegWish

from . import rules
from .book import Book, Leg, Trade, sold_first
from .choosing import Expiries, expiries_for, legs_for
from .plan import PlannedLeg, plan_of
from .terms import ALL, COST, EXPIRY, ROLL, SESSION, SETTLEMENT, OptionTerms

_BOOK = "book"
ENTRY, EXIT = "entry", "exit"


class OptionStrategy(OptionTerms):
    """The life of a trade. `shape` names one of SHAPES; `later` is the rule for legs that expire later."""

    kind = Kind.OPTIONS
    intervals = (Interval.M1, Interval.M3, Interval.M5, Interval.M15)
    shape: ClassVar[str] = ""
    keeps_underlying: ClassVar[bool] = False
    """Whether shares or futures of the shape stay when only time has run out."""

    def plan(self) -> tuple[PlannedLeg, ...]:
        """The legs that an entry looks for."""
        return plan_of(SHAPES[self.shape], getattr(self, "width", None))

    def later(self) -> ExpiryRule | None:
        """The expiry of legs that live longer; None where the shape has none."""
        return None

    def basis(self, trade: Trade) -> Decimal:
        """The premium in rupees that percentages of stop and target are of."""
        return trade.premium

    def adjust(self, ctx: Context, trade: Trade, prices: Mapping[str, Decimal]) -> None:
        """What else is done with an open trade at a bar."""

    def on_start(self, ctx: Context) -> None:
        self._book = Book.of_json(ctx.recall(_BOOK))
        for leg in self._book.trade.legs if self._book.trade else []:
            ctx.watch(leg.symbol)

    def on_session(self, ctx: Context) -> None:
        self._reconcile(ctx)
        ctx.at(self.entry_time, ENTRY)
        if self.until != SETTLEMENT:
            ctx.at(self.exit_time, EXIT)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if bar.symbol == ctx.contract().symbol:
            self._look(ctx)

    def on_time(self, ctx: Context, name: str) -> None:
        self._look(ctx)

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        trade = self._book.trade
        if trade is None or (leg := trade.leg(fill.symbol)) is None:
            return
        leg.add(fill)
        self._finish_if_flat(ctx, trade)
        self._save(ctx)

    def on_order(self, ctx: Context, order: OrderView) -> None:
        trade = self._book.trade
        if trade is not None and order.tag == ENTRY and trade.leg(order.symbol) is not None and not trade.closing:
            self._leave(ctx, trade, f"entry refused: {order.reason or order.reason_code or order.status}")

    def _look(self, ctx: Context) -> None:
        trade = self._book.trade
        if trade is None:
            self._enter_if_due(ctx)
        elif trade.closing:
            self._close(ctx, trade)
            self._finish_if_flat(ctx, trade)
        elif trade.was_entered:
            self._watch(ctx, trade)
        elif not self._has_pending(ctx, ENTRY):
            self._leave(ctx, trade, "nothing was entered")

    # Entering

    def _enter_if_due(self, ctx: Context) -> None:
        book, today = self._book, ctx.now.date()
        if book.rolled_from is None and not self.may_enter_at(today, ctx.now.time()):
            return
        expiries = expiries_for(self, ctx.expiries(), today, later=self.later(), after=book.rolled_from)
        if expiries is None:
            return
        book.enter_period(str(expiries.near if self.carries else today))
        if not self._may_enter_again(ctx):
            return
        legs = legs_for(ctx, self, self.plan(), expiries)
        if legs is not None:
            self._enter(ctx, legs, expiries)

    def _may_enter_again(self, ctx: Context) -> bool:
        book = self._book
        if book.is_done or book.entries > self.reentries:
            return False
        return book.ended_at is None or ctx.now >= book.ended_at + timedelta(minutes=self.reentry_delay)

    def _enter(self, ctx: Context, legs: list[Leg], expiries: Expiries) -> None:
        for leg in legs:
            ctx.watch(leg.symbol)
        prices = self._prices(ctx, legs)
        if prices is None or not self._premium_suits(legs, prices):
            return
        book = self._book
        units = min(leg.units for leg in legs if leg.right is not None)
        trade = Trade(expiries.near, ctx.now.date(), units, self._with_held(legs, prices))
        book.trade, book.rolled_from = trade, None
        book.entries += 1
        self._save(ctx)
        wishes = [
            LegWish(
                leg.side, leg.symbol, leg.units // ctx.contract(leg.symbol).lot_size, product=leg.product, tag=ENTRY
            )
            for leg in trade.legs
            if not leg.quantity
        ]
        ctx.log(f"enter {', '.join(f'{wish.side} {wish.lots} {wish.symbol}' for wish in wishes)}")
        ctx.legs(wishes, tag=ENTRY)

    def _premium_suits(self, legs: Sequence[Leg], prices: Mapping[str, Decimal]) -> bool:
        units = min(leg.units for leg in legs if leg.right is not None)
        paid = sum(
            (leg.side.sign * leg.units * prices[leg.symbol] for leg in legs if leg.right is not None), Decimal(0)
        )
        net = abs(float(paid / units))
        return net >= self.least_premium and not (self.most_premium and net > self.most_premium)

    def _with_held(self, legs: list[Leg], prices: Mapping[str, Decimal]) -> list[Leg]:
        """The legs, with the underlying that is held already in the place of a new one."""
        held, self._book.held = self._book.held, None
        if held is None:
            return legs
        for place, leg in enumerate(legs):
            if leg.symbol == held.symbol:
                held.restart(prices[held.symbol])
                legs[place] = held
        return legs

    # Watching and leaving

    def _watch(self, ctx: Context, trade: Trade) -> None:
        if self._is_time(ctx, trade):
            self._leave(ctx, trade, rules.TIME)
            return
        prices = self._prices(ctx, trade.open_legs)
        if prices is None or self._has_pending(ctx, ENTRY):
            return
        reason = rules.trade_exit(self, trade.profit(prices), self.basis(trade)) or self._delta_exit(ctx, trade)
        if reason:
            self._leave(ctx, trade, reason)
            return
        self._leave_legs(ctx, trade, prices)
        if not trade.closing:
            self.adjust(ctx, trade, prices)

    def _is_time(self, ctx: Context, trade: Trade) -> bool:
        today, clock = ctx.now.date(), ctx.now.time()
        if self.until == SESSION:
            return today > trade.opened_on or clock >= self.exit_time
        if self.until in (EXPIRY, ROLL):
            return (trade.expiry - today).days <= self.days_before and clock >= self.exit_time
        return False

    def _delta_exit(self, ctx: Context, trade: Trade) -> str:
        if not (self.exit_delta or self.leg_delta):
            return ""
        deltas = self.deltas(ctx, trade)
        if deltas is None:
            return ""
        if self.exit_delta and abs(rules.net_delta(trade, deltas)) >= self.exit_delta * trade.units:
            return rules.DELTA_EXIT
        sold = [leg for leg in trade.open_legs if leg.leads and leg.quantity < 0]
        is_deep = self.leg_delta and any(abs(deltas[leg.symbol]) >= self.leg_delta for leg in sold)
        return rules.DELTA_EXIT if is_deep else ""

    def _leave_legs(self, ctx: Context, trade: Trade, prices: Mapping[str, Decimal]) -> None:
        if not (self.leg_stop or self.leg_target):
            return
        for symbol, reason in rules.leg_exits(self, trade, prices).items():
            lead = trade.leg(symbol)
            if lead is None:
                continue
            if reason == rules.STOP and self.after_leg_stop == ALL:
                self._leave(ctx, trade, rules.STOP)
                return
            if reason == rules.STOP and self.after_leg_stop == COST:
                for other in trade.open_legs:
                    other.at_cost = other.leads and other is not lead
            self._close_legs(ctx, trade.with_guards(lead))
            if not [leg for leg in trade.open_legs if leg.leads and leg.symbol not in self._leaving(ctx)]:
                self._leave(ctx, trade, reason)
                return

    def _leaving(self, ctx: Context) -> set[str]:
        """Symbols whose exit is on its way."""
        return {order.symbol for order in ctx.orders() if order.tag == EXIT}

    def _has_pending(self, ctx: Context, tag: str) -> bool:
        return any(order.tag == tag for order in ctx.orders())

    def _leave(self, ctx: Context, trade: Trade, reason: str) -> None:
        ctx.log(f"out: {reason}")
        trade.closing = reason
        for order in ctx.orders():
            if order.tag == ENTRY:
                ctx.cancel(order.id)
        self._close(ctx, trade)
        self._finish_if_flat(ctx, trade)
        self._save(ctx)

    def _close(self, ctx: Context, trade: Trade) -> None:
        self._close_legs(ctx, self._ending(trade))

    def _ending(self, trade: Trade) -> list[Leg]:
        """The open legs that go when the trade ends."""
        is_over = trade.closing in (rules.TIME, rules.SETTLED)
        if not (is_over and self.keeps_underlying):
            return trade.open_legs
        return [leg for leg in trade.open_legs if leg.right is not None or not _outlives(leg, trade)]

    def _close_legs(self, ctx: Context, legs: Sequence[Leg]) -> None:
        on_its_way = self._leaving(ctx)
        for leg in sold_first(legs):
            if leg.symbol in on_its_way:
                continue
            side = Side.SELL if leg.quantity > 0 else Side.BUY
            send = ctx.sell if side is Side.SELL else ctx.buy
            send(abs(leg.quantity), leg.symbol, product=leg.product, tag=EXIT)

    def _finish_if_flat(self, ctx: Context, trade: Trade) -> None:
        """End the trade once nothing of it is open that should not be."""
        is_started = trade.was_entered or trade.closing
        if not is_started or self._ending(trade) or self._has_pending(ctx, ENTRY):
            return
        book = self._book
        book.trade = None
        book.ended_at = ctx.now
        book.held = next(iter(trade.open_legs), None)
        book.is_done = trade.closing not in (rules.STOP, rules.TARGET, rules.DELTA_EXIT, "")
        if trade.closing == rules.TIME and self.until == ROLL:
            book.rolled_from = trade.expiry
            self._enter_if_due(ctx)

    # What has happened without us

    def _reconcile(self, ctx: Context) -> None:
        """Before a session: what has expired or was delivered is gone, and what lived on without it goes too."""
        trade = self._book.trade
        if trade is None:
            return
        today = ctx.now.date()
        for leg in trade.open_legs:
            held = ctx.position(leg.symbol)
            if held.quantity != leg.quantity:
                leg.settle(held.quantity, held.last_price)
        if trade.was_entered and today > trade.expiry and not trade.closing:
            trade.closing = rules.SETTLED
            self._finish_if_flat(ctx, trade)
        self._save(ctx)

    def deltas(self, ctx: Context, trade: Trade) -> dict[str, float] | None:
        """Of each open option by symbol, None while one is not known."""
        found = {}
        for leg in trade.open_legs:
            if leg.right is None:
                continue
            greeks = ctx.greeks(leg.symbol)
            if greeks is None:
                return None
            found[leg.symbol] = greeks.delta
        return found

    def _prices(self, ctx: Context, legs: Sequence[Leg]) -> dict[str, Decimal] | None:
        found = {}
        for leg in legs:
            price = ctx.last_price(leg.symbol)
            if price is None:
                return None
            found[leg.symbol] = price
        return found

    def _save(self, ctx: Context) -> None:
        ctx.remember(_BOOK, self._book.as_json())


def _outlives(leg: Leg, trade: Trade) -> bool:
    return leg.expiry is None or leg.expiry > trade.expiry
