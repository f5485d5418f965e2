"""The paper exchange of a back-test: orders come in, are judged, trade, rest, and end, by the house's own rules."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from core.errors import NotFound
from trading.brokers.domain.messages import Execution
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.gate import GateDecision, OrderAction, SessionFacts
from trading.orders.domain.intent import Origin
from trading.orders.domain.modification import OrderModification, illegal_modification, modified, status_after
from trading.orders.domain.queue import keeps_place
from trading.orders.domain.reasons import CANCEL_MESSAGES, CANCEL_PENDING
from trading.orders.domain.states import FINAL, WORKING, OrderStatus
from trading.orders.paper import standing
from trading.orders.paper.exchange import PaperExchange
from trading.strategies.domain.market import Fill
from trading.strategies.domain.wish import BracketWish, OrderWish

from .account import Account
from .clock import Clock
from .contract_margins import ContractMargins
from .floor import Floor
from .guards import Guard
from .judging import Asked, Judge, hold_targets, malformed
from .market import SymbolMarket
from .orders import SimChange, SimOrder, draft, fill_of
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
        self.orders: dict[UUID, SimOrder] = {}
        self.live: dict[UUID, SimOrder] = {}
        self.resting: dict[str, list[SimOrder]] = {}
        self._looked: dict[str, int] = {}
        self.guards: list[Guard] = []
        self._count = 0

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
        change = self._change(order, market)
        refusal = refused or malformed(intent, market)
        if refusal is not None:
            self._refuse(change, refusal)
            return order
        tariff = self._floor.tariff(order.symbol, order.product)
        asked = Asked(replace(intent, after_market=True) if waits else intent, market, tariff, session)
        found = self._judge.judge(asked, list(self.live.values()), now=change.at, today=self._clock.day)
        order.worst_price = found.worst
        if found.refusal is not None:
            self._refuse(change, found.refusal)
            return order
        self.live[order.id] = order
        if waits:
            order.is_queued = True
            change.explain(AFTER_MARKET, f"Waits for the session of {order.valid_on:%d %b %Y}.")
            change.has_events = True
        else:
            self._enter(change, market, session)
        self._save(change, market, hold_paise=found.need.for_remainder(order.pending_quantity))
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
        change = self._change(order, market)
        found = self._judge.judge(asked, list(self.live.values()), now=change.at, today=self._clock.day)
        if found.refusal is not None:
            return found.refusal
        order.status = status_after(order.status, before.order_type, after.order_type)
        order.quantity, order.order_type = after.quantity, after.order_type
        order.price, order.trigger_price, order.worst_price = after.price, after.trigger_price, found.worst
        change.has_events = True
        if order.quantity == order.filled_quantity:
            order.status = OrderStatus.FILLED
        elif not order.is_queued:
            stays = keeps_place(before, after)
            standing.modify(change, market, market.latest(), is_open=session.is_open, keeps_place=stays)
        self._save(change, market, hold_paise=found.need.for_remainder(order.pending_quantity))
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
            change = self._change(order, self._floor.markets[order.symbol])
            change.end(status, reason, message or CANCEL_MESSAGES.get(reason, ""))
            self._save(change, self._floor.markets[order.symbol])

    def execute(self, order: SimOrder, trade: Execution) -> None:
        """Let an order trade what was decided elsewhere: its share of an auction."""
        change = self._change(order, self._floor.markets[order.symbol])
        change.apply([trade])
        self._save(change, self._floor.markets[order.symbol])

    def expire(self, order: SimOrder) -> None:
        """Its session is over."""
        self.withdraw(order, "session_over", OrderStatus.EXPIRED, "The session ended before the order had filled.")

    def release(self, symbol: str) -> None:
        """Send the orders that waited for the opening of their session, once their market has a price."""
        market, session = self._floor.markets[symbol], self._floor.session(symbol)
        for order in [each for each in self.live.values() if each.is_queued and each.symbol == symbol]:
            change = self._change(order, market)
            tariff = self._floor.tariff(order.symbol, order.product)
            asked = Asked(order.to_intent(), market, tariff, session, action=OrderAction.RELEASE, order=order)
            others = [each for each in self.live.values() if each is not order]
            found = self._judge.judge(asked, others, now=change.at, today=self._clock.day)
            change.explain("", "")
            order.is_queued, order.worst_price = False, found.worst
            if found.refusal is not None:
                self._refuse(change, found.refusal)
                continue
            self._enter(change, market, session)
            self._save(change, market, hold_paise=found.need.for_remainder(order.pending_quantity))

    def match(self, symbol: str, quote: Quote) -> None:
        """Let a snapshot act on the orders that rest on an instrument, in price-time priority."""
        market = self._floor.markets[symbol]
        rows = sorted((order.resting() for order in self.resting.get(symbol, ())), key=lambda row: row.turn)
        waiting = [row.waiting for row in rows if row.waiting is not None and not row.crosses(quote)]
        tape = market.look(quote, [each for each in waiting if each is not None])
        now = self._clock.at
        for row in rows:
            if row.is_concerned(quote, tape, now=now):
                self._match(self.orders[row.order_id], market, quote)

    @property
    def is_idle(self) -> bool:
        """Whether nothing rests and nothing is guarded, so that no snapshot can change anything."""
        return not (self.resting or self.guards)

    def trade(self) -> None:
        """Let every snapshot that has come act on what rests."""
        if self.is_idle:
            return
        for symbol in sorted(self._watched()):
            market = self._floor.markets[symbol]
            sequence = market.sequence()
            if sequence == self._looked.get(symbol):
                continue
            self._looked[symbol] = sequence
            quote = market.latest()
            if quote is not None and market.is_fresh(quote):
                if symbol in self.resting:
                    self.match(symbol, quote)
                if self.guards:
                    self._guard(symbol, quote)
        self._cancellations_due()

    def next_event(self) -> float:
        """When the next snapshot of a watched instrument comes, or a cancellation arrives."""
        watched = self._watched()
        found = min((self._floor.markets[symbol].next_snapshot() for symbol in watched), default=float("inf"))
        for orders in self.resting.values():
            for order in orders:
                if order.cancel_at is not None:
                    found = min(found, order.cancel_at.timestamp())
        return found

    def _watched(self) -> set[str]:
        """Instruments whose next snapshot may do something."""
        return {*self.resting, *(guard.entry.symbol for guard in self.guards)}

    def _guard(self, symbol: str, quote: Quote) -> None:
        """Let a snapshot act on the exits of an instrument, and drop those that have nothing left to guard."""
        for guard in [each for each in self.guards if each.entry.symbol == symbol]:
            entry = guard.entry
            key = (entry.symbol, entry.product, entry.strategy)
            if self._floor.session(symbol).is_open:
                guard.look(quote, self._account.state(key).quantity, self._fire, self.withdraw)
            if guard.is_over(self._account.state(key).quantity):
                self.guards.remove(guard)
                for order in guard.exits:
                    self.withdraw(order, "trigger_over")

    def _fire(self, strategy: str, wish: OrderWish) -> SimOrder:
        return self.submit(strategy, wish, Origin.TRIGGER)

    def release_all(self) -> None:
        """Send what waited for the session, once its market has a price."""
        for symbol in sorted({order.symbol for order in self.live.values() if order.is_queued}):
            self.release(symbol)

    def _cancellations_due(self) -> None:
        """Take out what was asked to be cancelled and has been by now, whether or not there is a price."""
        for order in [each for orders in self.resting.values() for each in orders]:
            if order.cancel_at is not None and self._clock.at >= order.cancel_at:
                self.withdraw(order, "cancelled")

    def submit_all(self, strategy: str, wishes: Sequence[OrderWish]) -> list[SimOrder]:
        """Several, all or none: judged together first, in the order given (bought legs before sold ones)."""
        asked = [self._asked(strategy, wish) for wish in wishes]
        live = list(self.live.values())
        refusal = self._judge.refusal_of_all(asked, live, now=self._clock.at, today=self._clock.day)
        return [self.submit(strategy, wish, refused=refusal) for wish in wishes]

    def _asked(self, strategy: str, wish: OrderWish) -> Asked:
        market = self._floor.markets[wish.symbol]
        intent = draft(strategy, wish, Origin.STRATEGY, self._clock, market, None).to_intent()
        tariff = self._floor.tariff(wish.symbol, wish.product)
        return Asked(intent, market, tariff, self._floor.session(wish.symbol))

    def submit_bracket(self, strategy: str, wish: BracketWish) -> SimOrder:
        """An entry with exits that guard whatever fills."""
        entry = self.submit(strategy, wish.entry)
        if entry.status is not OrderStatus.REJECTED and (wish.stop or wish.target or wish.trail):
            market = self._floor.markets[entry.symbol]
            if entry.symbol not in self._watched():
                self._looked[entry.symbol] = market.sequence()
            self.guards.append(Guard.of(entry, wish, market.listing.contract.tick_size))
        return entry

    def named(self, order_id: str) -> SimOrder:
        """Raises NotFound, `unknown_order`."""
        found = self.orders.get(UUID(order_id))
        if found is None:
            raise NotFound(f"There is no order {order_id}.", code="unknown_order")
        return found

    def working(self, strategy: str) -> Iterator[SimOrder]:
        """A strategy's live orders, the oldest first."""
        return (order for order in list(self.live.values()) if order.strategy == strategy)

    def _order(
        self, strategy: str, wish: OrderWish, origin: Origin, market: SymbolMarket, waits_for: SessionFacts | None
    ) -> SimOrder:
        order = draft(strategy, wish, origin, self._clock, market, waits_for)
        self._count += 1
        order.id = UUID(int=self._count)
        self.orders[order.id] = order
        return order

    def _change(self, order: SimOrder, market: SymbolMarket) -> SimChange:
        tick = market.listing.contract.tick_size
        return SimChange(order, self._clock.at, protection=self._protection, tick=tick)

    def _enter(self, change: SimChange, market: SymbolMarket, session: SessionFacts) -> None:
        change.order.status = OrderStatus.ROUTING
        standing.place(change, market, market.latest(), is_open=session.is_open)

    def _refuse(self, change: SimChange, refusal: GateDecision) -> None:
        change.end(OrderStatus.REJECTED, refusal.code, refusal.message)
        self._save(change, self._floor.markets[change.order.symbol])

    def _match(self, order: SimOrder, market: SymbolMarket, quote: Quote) -> None:
        if order.status in FINAL:
            return
        change = self._change(order, market)
        if order.cancel_at is not None and change.at >= order.cancel_at:
            self.withdraw(order, "cancelled")
            return
        is_open = self._floor.session(order.symbol).is_open
        if order.waits_for_trigger and not self._trigger(change, market, quote, is_open=is_open):
            return
        standing.match(change, market, quote, is_open=is_open)
        if change.has_events:
            if change.is_final and order.status_code == CANCEL_PENDING:
                change.explain("", "")
            self._save(change, market)

    def _trigger(self, change: SimChange, market: SymbolMarket, quote: Quote, *, is_open: bool) -> bool:
        """Whether the snapshot triggers the stop and the account can pay for what follows."""
        order = change.order
        if quote.timestamp < order.created_at.replace(microsecond=0):
            return False
        usable = standing.quote_for(order, market, quote, is_open=is_open)
        triggered = PaperExchange(usable, change.at).trigger(order.to_broker_order(order.symbol))
        if not triggered:
            return False
        change.apply(triggered)
        held = self._account.state((order.symbol, order.product, order.strategy)).quantity
        targets = self._targets(order, market, held)
        needed = next((paise for claim, paise in targets if claim is order), order.hold_paise)
        if self._account.hold(order, needed):
            return True
        self._give_up(order)
        return False

    def _save(self, change: SimChange, market: SymbolMarket, *, hold_paise: int | None = None) -> None:
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
        self._keep(order)
        self._audience.changed(order)
        if not is_funded:
            self._give_up(order)
        if change.executions and self.live:
            self._holds_follow(order, market)

    def reblock(self, market: SymbolMarket) -> None:
        """Bring the margin of a contract's underlying in step with positions and prices."""
        if not self._account.is_endless:
            self._account.block(self._margins.reblock(market.listing, self._clock.at))

    def _keep(self, order: SimOrder) -> None:
        """Have it among the live and the resting ones as its state says."""
        resting = self.resting.get(order.symbol)
        if order.status in FINAL:
            self.live.pop(order.id, None)
            if resting is not None and order in resting:
                resting.remove(order)
                if not resting:
                    del self.resting[order.symbol]
        elif order.status in WORKING and (resting is None or order not in resting):
            if resting is None and not any(guard.entry.symbol == order.symbol for guard in self.guards):
                self._looked[order.symbol] = self._floor.markets[order.symbol].sequence()
            self.resting.setdefault(order.symbol, []).append(order)

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
        return hold_targets(list(self.live.values()), order, held, tariff)

    def _give_up(self, order: SimOrder) -> None:
        message = "The funds do not cover the position that the rest of the order would open."
        self.withdraw(order, "insufficient_funds", message=message)
