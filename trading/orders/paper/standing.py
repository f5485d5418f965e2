"""An order at the paper exchange: entering it, trading against the depth, waiting in its queue.

Pure rules, the same wherever the state is kept: the database keeps it for accounts, memory for back-tests. What is
the market's own and shared by all orders comes through a port, `PaperMarket`.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from trading.brokers.domain.messages import BrokerOrder, BrokerReport, Execution
from trading.brokers.domain.terms import OrderType, Side, Validity
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.liquidity import Taken
from trading.orders.domain.queue import QueuePlace, displayed_at, join, look
from trading.orders.domain.tape import Flow, Waiting
from trading.orders.domain.terms import Venue

from .exchange import PaperExchange, trade_id

# How often a newer snapshot may come in between before the order rests and the matcher takes over.
TRIES = 3


class PaperMarket(Protocol):
    """One instrument's market: what all paper orders share of it."""

    @property
    def key(self) -> str: ...

    def venue(self, quote: Quote | None) -> Venue:
        """Its terms, and its band as of a quote."""
        ...

    def is_fresh(self, quote: Quote) -> bool:
        """Whether the feed has confirmed the quote lately enough to trade on it."""
        ...

    def latest(self) -> Quote | None:
        """The newest snapshot."""
        ...

    def take(self, quote: Quote, side: Side, *, wanted: int, reachable: int) -> Taken | None:
        """Displayed units for one order, see `domain.liquidity.take`."""
        ...

    def flow(self, quote: Quote, price: Decimal) -> Flow:
        """What has traded at a price, as counted now."""
        ...

    def spend(self, quote: Quote, price: Decimal, wanted: int, reached: Callable[[Flow], int]) -> int:
        """Give an order up to `wanted` of the flow at a price; `reached` tells how many are its to have."""
        ...


class PaperOrder(Protocol):
    """What the exchange reads and keeps of an order; prices in rupees. Sides and types may be plain words."""

    id: UUID
    validity: Any
    disclosed_quantity: int
    queue_ahead: int | None
    queue_mark: int
    slice_left: int | None

    # Rows have these as columns of their own kind, so they are read only as far as types go.
    @property
    def side(self) -> Any: ...
    @property
    def order_type(self) -> Any: ...
    @property
    def worst_price(self) -> Decimal | None: ...
    @property
    def waits_for_trigger(self) -> bool: ...
    @property
    def pending_quantity(self) -> int: ...
    def to_broker_order(self, key: str) -> BrokerOrder: ...


class PaperChange(Protocol):
    """One order's changes as they happen, at market time `at`."""

    at: datetime
    executions: list[Execution]

    @property
    def order(self) -> Any:
        """A `PaperOrder` with `matched_at`, `matched_sequence`, `eligible_at` and `priority_at` besides."""
        ...

    @property
    def is_final(self) -> bool: ...

    def apply(self, reports: Iterable[BrokerReport]) -> None:
        """Fold reports into the order."""
        ...


def place(change: PaperChange, market: PaperMarket, quote: Quote | None, *, is_open: bool) -> None:
    """Enter an accepted order: it trades what it can at once, or as soon as its latency is over."""
    order = change.order
    order.eligible_at = market.venue(None).terms.eligible_at(change.at)
    exchange = PaperExchange(None, change.at)
    change.apply([exchange.acknowledge(order.to_broker_order(market.key))])
    used = _trade(change, market, quote, is_open=is_open)
    _stand(change, market, used)


def modify(
    change: PaperChange, market: PaperMarket, quote: Quote | None, *, is_open: bool, keeps_place: bool
) -> None:
    """Let an order trade with its new values; a new price or a larger quantity goes to the end of the queue."""
    used = _trade(change, market, quote, is_open=is_open)
    order = change.order
    if not keeps_place:
        order.priority_at = change.at
        _stand(change, market, used)
    elif order.slice_left is not None:
        order.slice_left = min(order.slice_left, order.pending_quantity)


def match(change: PaperChange, market: PaperMarket, quote: Quote, *, is_open: bool) -> bool:
    """Let a resting order trade against a snapshot; whether only its place in the queue has changed."""
    used = _trade(change, market, quote, is_open=is_open)
    if used is None or change.executions or change.is_final or not rests_passively(change.order):
        return False
    return _wait(change, market, used)


def rests_passively(order: PaperOrder) -> bool:
    """Whether others may trade with the order at its own price: a limit that stands in the book."""
    return (
        OrderType(order.order_type).has_limit
        and order.validity == Validity.DAY
        and not order.waits_for_trigger
        and order.pending_quantity > 0
    )


def quote_for(order: Any, market: PaperMarket, quote: Quote | None, *, is_open: bool) -> Quote | None:
    """The snapshot, when the order may trade against it: a fresh one, in an open session, not used before."""
    if quote is None or not is_open or not market.is_fresh(quote) or uses_again(order, quote):
        return None
    return quote


def uses_again(order: Any, quote: Quote) -> bool:
    """Whether the order has traded against this snapshot, or against a later one of the same feed run."""
    if order.matched_at is None or order.matched_sequence is None:
        return False
    return bool(
        quote.timestamp < order.matched_at
        or (quote.timestamp == order.matched_at and quote.sequence <= order.matched_sequence)
    )


def _trade(change: PaperChange, market: PaperMarket, quote: Quote | None, *, is_open: bool) -> Quote | None:
    """Take from the displayed depth; returns the snapshot that was looked at, None when there was none to use."""
    order = change.order
    if order.waits_for_trigger:
        return None
    for _ in range(TRIES):
        usable = quote_for(order, market, quote, is_open=is_open)
        if order.eligible_at is not None and (usable is None or usable.timestamp < order.eligible_at):
            return None
        exchange = PaperExchange(usable, change.at, venue=market.venue(usable), liquidity=market)
        reports = exchange.match(order.to_broker_order(market.key))
        if not exchange.is_superseded:
            change.apply(reports)
            _remember(change, usable)
            return usable
        quote = market.latest()
    return None


def _remember(change: PaperChange, quote: Quote | None) -> None:
    """Note the snapshot that the order has just traded against, so that it is never consumed twice."""
    if quote is not None and change.executions:
        change.order.matched_sequence = quote.sequence
        change.order.matched_at = quote.timestamp


def _stand(change: PaperChange, market: PaperMarket, quote: Quote | None) -> None:
    """Put what is left of a limit order at the end of the queue at its price."""
    order = change.order
    order.slice_left = _slice(order)
    if not rests_passively(order) or order.worst_price is None:
        return
    if quote is None:
        order.queue_ahead, order.queue_mark = None, 0
        return
    flow = market.flow(quote, order.worst_price)
    _keep(order, join(_displayed(order, quote), flow))


def _wait(change: PaperChange, market: PaperMarket, quote: Quote) -> bool:
    """Let what traded at the order's price reach it; whether its place has changed."""
    order = change.order
    price = order.worst_price
    assert price is not None
    before = place = QueuePlace(order.queue_ahead, order.queue_mark)
    displayed = _displayed(order, quote)
    is_passed = Waiting(Side(order.side), price, order.pending_quantity).is_passed(quote.ltp)

    def reached(flow: Flow) -> int:
        nonlocal place
        place = look(before, flow=flow, displayed=displayed, is_passed=is_passed)
        return place.reached(flow)

    wanted = order.pending_quantity if order.slice_left is None else order.slice_left
    units = market.spend(quote, price, wanted, reached)
    _keep(order, place)
    if units == 0:
        return place != before
    execution = Execution(trade_id(order.id.hex, quote, "q"), units, price, quote.timestamp)
    change.apply([execution])
    _remember(change, quote)
    if order.slice_left is not None:
        _refresh(change, units)
    return True


def _refresh(change: PaperChange, units: int) -> None:
    """Show the next part of an order with a disclosed quantity once one has traded; it stands last again.

    Behind whom, the next snapshot says: what has traded by now is for those who stood here before.
    """
    order = change.order
    order.slice_left = (order.slice_left or 0) - units
    if order.slice_left <= 0:
        order.slice_left = _slice(order)
        order.priority_at = change.at
        _keep(order, QueuePlace(None, 0))


def _slice(order: PaperOrder) -> int | None:
    if not order.disclosed_quantity or order.pending_quantity == 0:
        return None
    return min(order.disclosed_quantity, order.pending_quantity)


def _keep(order: PaperOrder, place: QueuePlace) -> None:
    order.queue_ahead, order.queue_mark = place.ahead, place.mark


def _displayed(order: PaperOrder, quote: Quote) -> int | None:
    side = Side(order.side)
    assert order.worst_price is not None
    return displayed_at(side, order.worst_price, quote.bids if side is Side.BUY else quote.asks)
