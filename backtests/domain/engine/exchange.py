"""The paper exchange of a back-test: orders come in, are judged, trade, rest, and end, by the house's own rules."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from trading.brokers.domain.messages import Execution
from trading.brokers.domain.terms import Product
from trading.orders.domain.gate import GateDecision, OrderAction, SessionFacts
from trading.orders.domain.intent import Origin
from trading.orders.domain.modification import OrderModification, illegal_modification, modified, status_after
from trading.orders.domain.queue import keeps_place
from trading.orders.domain.reasons import CANCEL_MESSAGES, CANCEL_PENDING
from trading.orders.domain.states import FINAL, WORKING, OrderStatus
from trading.orders.paper import standing
from trading.strategies.domain.market import Fill
from trading.strategies.domain.wish import BracketWish, OrderWish

from .account import Account
from .book import OrderBook
from .clock import Clock
from .contract_margins import ContractMargins
from .floor import Floor
from .guards import Guard
from .judging import Asked, Judge, hold_targets, malformed
from .market import SymbolMarket
from .orders import NO_ACCOUNT, SimChange, SimOrder, draft, fill_of
from .result import FillRow

AFTER_MARKET = "after_market"


class Audience(Protocol):
    """Whoever is told what becomes of orders."""

    def filled(self, order: SimOrder, fill: Fill, row: FillRow) -> None: ...

    def changed(self, order: SimOrder) -> None: ...


class Exchange:
    """All orders of a run. Order ids count upwards, so that a run is the same every time."""

    def __init__(
        self,
        clock: Clock,
        floor: Floor,
        account: Account,
        margins: ContractMargins,
        audience: Audience,
        *,
        protection: Decimal,
    ) -> None:
        self._clock, self._floor, self._account, self._margins = clock, floor, account, margins
        self._judge = Judge(account, margins, protection)
        self._audience, self._protection = audience, protection
        self.book = OrderBook()

    def submit(
        self,
        strategy: str,
        wish: OrderWish,
        origin: Origin = Origin.STRATEGY,
        refused: GateDecision | None = None,
    ) -> SimOrder:
        """Judge an order and let it trade, or wait for its session; a refusal is an order too. `refused` is a
        decision made against it already, over the whole that it belongs to."""
        market = self._floor.markets[wish.symbol]
        session = self._floor.session(wish.symbol)
        waits = not session.takes_orders and session.takes_after_market and wish.product is not Product.INTRADAY
        order = self._order(strategy, wish, origin, market, session if waits else None)
        intent = order.to_intent()
        change = self.change(order, market)
        refusal = refused or malformed(intent, market)
        if refusal is not None:
            self._refuse(change, refusal)
            return order
        tariff = self._floor.tariff(order.symbol, order.product)
        asked = Asked(replace(intent, after_market=True) if waits else intent, market, tariff, session)
        found = self._judge.judge(asked, list(self.book.live.values()), now=change.at, today=self._clock.day)
        order.worst_price = found.worst
        if found.refusal is not None:
            self._refuse(change, found.refusal)
            return order
        self.book.live[order.id] = order
        if waits:
            order.is_queued = True
            change.explain(AFTER_MARKET, f"Waits for the session of {order.valid_on:%d %b %Y}.")
            change.has_events = True
        else:
            self._enter(change, market, session)
        self.save(change, market, hold_paise=found.need.for_remainder(order.pending_quantity))
        return order

    def modify(self, order: SimOrder, modification: OrderModification) -> GateDecision | None:
        """Change a live order; the reason why it cannot be, if so: then it is as it was."""
        market, session = self._floor.markets[order.symbol], self._floor.session(order.symbol)
        before = order.to_intent()
        illegal = illegal_modification(order.standing, before, modification)
        if illegal is not None:
            return GateDecision("modification", False, illegal.code, illegal.message)
        after = modified(before, modification)
        refusal = malformed(after, market)
        if refusal is not None:
            return refusal
        tariff = self._floor.tariff(order.symbol, order.product)
        asked = Asked(after, market, tariff, session, action=OrderAction.MODIFY, order=order)
        change = self.change(order, market)
        found = self._judge.judge(asked, list(self.book.live.values()), now=change.at, today=self._clock.day)
        if found.refusal is not None:
            return found.refusal
        order.status = status_after(order.status, before.order_type, after.order_type)
        order.quantity, order.price, order.worst_price = after.quantity, after.price, found.worst
        # A stop that has triggered keeps its name until its type is changed, as on the paper exchange.
        if after.order_type is not before.order_type or order.triggered_at is None:
            order.order_type, order.trigger_price = after.order_type, after.trigger_price
        change.has_events = True
        if order.quantity == order.filled_quantity:
            order.status = OrderStatus.FILLED
        elif not order.is_queued:
            stays = keeps_place(before, after)
            standing.modify(change, market, market.latest(), is_open=session.is_open, keeps_place=stays)
        self.save(change, market, hold_paise=found.need.for_remainder(order.pending_quantity))
        return None

    def cancel(self, order: SimOrder) -> None:
        """On its strategy's request: at once, or once the cancellation has reached the exchange."""
        market = self._floor.markets[order.symbol]
        now = self._clock.at
        arrives = market.terms.cancelled_at(now)
        if arrives is not None and order.status in WORKING:
            if order.cancel_at is None:
                order.cancel_at = arrives
                order.status_code, order.status_message = CANCEL_PENDING, CANCEL_MESSAGES[CANCEL_PENDING]
            return
        self.withdraw(order, "cancelled")

    def withdraw(
        self, order: SimOrder, reason: str, status: OrderStatus = OrderStatus.CANCELLED, message: str = ""
    ) -> None:
        """Take a live order out of the market at once."""
        if order.status not in FINAL:
            change = self.change(order, self._floor.markets[order.symbol])
            change.end(status, reason, message or CANCEL_MESSAGES.get(reason, ""))
            self.save(change, self._floor.markets[order.symbol])

    def execute(self, order: SimOrder, trade: Execution) -> None:
        """Let an order trade what was decided elsewhere: its share of an auction."""
        change = self.change(order, self._floor.markets[order.symbol])
        change.apply([trade])
        self.save(change, self._floor.markets[order.symbol])

    def expire(self, order: SimOrder) -> None:
        """Its session is over."""
        self.withdraw(order, "session_over", OrderStatus.EXPIRED, "The session ended before the order had filled.")

    def change(self, order: SimOrder, market: SymbolMarket) -> SimChange:
        """What happens to an order now; `save` when it has happened."""
        return SimChange(order, self._clock.at, protection=self._protection, tick=market.listing.contract.tick_size)

    def release(self, symbol: str) -> None:
        """Send the orders that waited for the opening of their session, once their market has a price."""
        market, session = self._floor.markets[symbol], self._floor.session(symbol)
        for order in [each for each in self.book.queued() if each.symbol == symbol]:
            change = self.change(order, market)
            tariff = self._floor.tariff(order.symbol, order.product)
            asked = Asked(order.to_intent(), market, tariff, session, action=OrderAction.RELEASE, order=order)
            others = [each for each in self.book.live.values() if each is not order]
            found = self._judge.judge(asked, others, now=change.at, today=self._clock.day)
            change.explain("", "")
            order.is_queued, order.worst_price = False, found.worst
            if found.refusal is not None:
                self._refuse(change, found.refusal)
                continue
            self._enter(change, market, session)
            self.save(change, market, hold_paise=found.need.for_remainder(order.pending_quantity))

    def release_all(self) -> None:
        """Send what waited for the session, once its market has a price."""
        for symbol in sorted({order.symbol for order in self.book.queued()}):
            self.release(symbol)

    def submit_all(self, strategy: str, wishes: Sequence[OrderWish]) -> list[SimOrder]:
        """Several, all or none: judged together first, in the order given (bought legs before sold ones)."""
        asked = [self._asked(strategy, wish) for wish in wishes]
        live = list(self.book.live.values())
        refusal = self._judge.refusal_of_all(asked, live, now=self._clock.at, today=self._clock.day)
        return [self.submit(strategy, wish, refused=refusal) for wish in wishes]

    def _asked(self, strategy: str, wish: OrderWish) -> Asked:
        market = self._floor.markets[wish.symbol]
        intent = draft(NO_ACCOUNT, strategy, wish, Origin.STRATEGY, self._clock, market, None).to_intent()
        tariff = self._floor.tariff(wish.symbol, wish.product)
        return Asked(intent, market, tariff, self._floor.session(wish.symbol))

    def submit_bracket(self, strategy: str, wish: BracketWish) -> SimOrder:
        """An entry with exits that guard whatever fills."""
        entry = self.submit(strategy, wish.entry)
        if entry.status is not OrderStatus.REJECTED and (wish.stop or wish.target or wish.trail):
            market = self._floor.markets[entry.symbol]
            self.book.guard(Guard.of(entry, wish, market.listing.contract.tick_size), market.sequence())
        return entry

    def _order(
        self, strategy: str, wish: OrderWish, origin: Origin, market: SymbolMarket, waits_for: SessionFacts | None
    ) -> SimOrder:
        order = draft(self.book.next_id(), strategy, wish, origin, self._clock, market, waits_for)
        self.book.orders[order.id] = order
        return order

    def _enter(self, change: SimChange, market: SymbolMarket, session: SessionFacts) -> None:
        change.order.status = OrderStatus.ROUTING
        standing.place(change, market, market.latest(), is_open=session.is_open)

    def _refuse(self, change: SimChange, refusal: GateDecision) -> None:
        change.end(OrderStatus.REJECTED, refusal.code, refusal.message)
        self.save(change, self._floor.markets[change.order.symbol])

    def fund_triggered(self, order: SimOrder, market: SymbolMarket) -> bool:
        """Whether the account can pay for what a stop has become; given up if it cannot."""
        held = self._account.state((order.symbol, order.product, order.strategy)).quantity
        targets = self._targets(order, market, held)
        needed = next((paise for claim, paise in targets if claim is order), order.hold_paise)
        if self._account.hold(order, needed):
            return True
        self._give_up(order)
        return False

    def save(self, change: SimChange, market: SymbolMarket, *, hold_paise: int | None = None) -> None:
        """Post what has traded, set what the order holds, and tell its strategy."""
        order = change.order
        left = order.quantity - order.filled_quantity + sum(each.quantity for each in change.executions)
        tariff = self._floor.tariff(order.symbol, order.product) if change.executions else None
        for execution in change.executions:
            assert tariff is not None
            left -= execution.quantity
            row, _ = self._account.fill(order, execution, market.listing, tariff, day=self._clock.day, pending=left)
            if market.listing.underlying:
                self.reblock(market)
            self._audience.filled(order, fill_of(row), row)
        is_final = order.status in FINAL
        wanted = 0 if is_final else order.hold_paise if hold_paise is None else hold_paise
        is_funded = self._account.hold(order, wanted)
        self.book.keep(order, market.sequence())
        self._audience.changed(order)
        if not is_funded:
            self._give_up(order)
        if change.executions and self.book.live:
            self._holds_follow(order, market)

    def reblock(self, market: SymbolMarket) -> None:
        """Bring the margin of a contract's underlying in step with positions and prices."""
        if not self._account.is_endless:
            self._account.block(self._margins.reblock(market.listing, self._clock.at))

    def _holds_follow(self, order: SimOrder, market: SymbolMarket) -> None:
        """The position has moved: fund what the live orders on it open now, give up what cannot be funded."""
        held = self._account.state((order.symbol, order.product, order.strategy)).quantity
        for claim, paise in self._targets(order, market, held):
            if not self._account.hold(claim, paise):
                self._give_up(claim)

    def _targets(self, order: SimOrder, market: SymbolMarket, held: int) -> list[tuple[SimOrder, int]]:
        if market.listing.underlying or self._account.is_endless:
            return []
        tariff = self._floor.tariff(order.symbol, order.product)
        return hold_targets(list(self.book.live.values()), order, held, tariff)

    def _give_up(self, order: SimOrder) -> None:
        message = "The funds do not cover the position that the rest of the order would open."
        self.withdraw(order, "insufficient_funds", message=message)
