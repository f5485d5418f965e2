"""An order at the paper exchange: entering it, trading against the depth, waiting in its queue."""

from dataclasses import dataclass

from trading.brokers.domain.messages import Execution
from trading.brokers.domain.terms import OrderType, Side, Validity
from trading.instruments.models import Instrument
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quote_latest
from trading.orders.domain.liquidity import Taken
from trading.orders.domain.queue import QueuePlace, displayed_at, join, look
from trading.orders.domain.tape import Flow, Waiting
from trading.orders.models import Order
from trading.orders.paper.exchange import PaperExchange, trade_id
from trading.orders.paper.venue import venue_of
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.context import is_fresh
from trading.orders.services.paper.liquidity import liquidity_take, tape_flow, tape_spend

# How often a newer snapshot may come in between before the order rests and the matcher takes over.
TRIES = 3


@dataclass(frozen=True, slots=True)
class SharedLiquidity:
    """What is displayed of an instrument, shared with every other account."""

    instrument: Instrument

    def take(self, quote: Quote, side: Side, *, wanted: int, reachable: int) -> Taken | None:
        return liquidity_take(self.instrument, quote, side, wanted=wanted, reachable=reachable)


def paper_place(change: OrderChange, quote: Quote | None, *, is_open: bool) -> None:
    """Enter an accepted order: it trades what it can at once, or as soon as its latency is over."""
    order = change.order
    terms = venue_of(change.instrument, None).terms
    order.eligible_at = terms.eligible_at(change.at)
    exchange = PaperExchange(None, change.at)
    change.apply([exchange.acknowledge(order.to_broker_order(change.instrument.key))])
    used = _trade(change, quote, is_open=is_open)
    _stand(change, used)


def paper_modify(change: OrderChange, quote: Quote | None, *, is_open: bool, keeps_place: bool) -> None:
    """Let an order trade with its new values; a new price or a larger quantity goes to the end of the queue."""
    used = _trade(change, quote, is_open=is_open)
    order = change.order
    if not keeps_place:
        order.priority_at = change.at
        _stand(change, used)
    elif order.slice_left is not None:
        order.slice_left = min(order.slice_left, order.pending_quantity)


def paper_match(change: OrderChange, quote: Quote, *, is_open: bool) -> bool:
    """Let a resting order trade against a snapshot; whether only its place in the queue has changed."""
    used = _trade(change, quote, is_open=is_open)
    if used is None or change.executions or change.is_final or not rests_passively(change.order):
        return False
    return _wait(change, used)


def rests_passively(order: Order) -> bool:
    """Whether others may trade with the order at its own price: a limit that stands in the book."""
    return (
        OrderType(order.order_type).has_limit
        and order.validity == Validity.DAY
        and not order.waits_for_trigger
        and order.pending_quantity > 0
    )


def quote_for(order: Order, quote: Quote | None, *, is_open: bool) -> Quote | None:
    """The snapshot, when the order may trade against it: a fresh one, in an open session, not used before."""
    if quote is None or not is_open or not is_fresh(quote) or uses_again(order, quote):
        return None
    return quote


def uses_again(order: Order, quote: Quote) -> bool:
    """Whether the order has traded against this snapshot, or against a later one of the same feed run."""
    if order.matched_at is None or order.matched_sequence is None:
        return False
    return quote.timestamp < order.matched_at or (
        quote.timestamp == order.matched_at and quote.sequence <= order.matched_sequence
    )


def _trade(change: OrderChange, quote: Quote | None, *, is_open: bool) -> Quote | None:
    """Take from the displayed depth; returns the snapshot that was looked at, None when there was none to use."""
    order = change.order
    if order.waits_for_trigger:
        return None
    for _ in range(TRIES):
        usable = quote_for(order, quote, is_open=is_open)
        if order.eligible_at is not None and (usable is None or usable.timestamp < order.eligible_at):
            return None
        exchange = PaperExchange(
            usable,
            change.at,
            venue=venue_of(change.instrument, usable),
            liquidity=SharedLiquidity(change.instrument),
        )
        reports = exchange.match(order.to_broker_order(change.instrument.key))
        if not exchange.is_superseded:
            change.apply(reports)
            _remember(change, usable)
            return usable
        quote = quote_latest(change.instrument.key)
    return None


def _remember(change: OrderChange, quote: Quote | None) -> None:
    """Note the snapshot that the order has just traded against, so that it is never consumed twice."""
    if quote is not None and change.executions:
        change.order.matched_sequence = quote.sequence
        change.order.matched_at = quote.timestamp


def _stand(change: OrderChange, quote: Quote | None) -> None:
    """Put what is left of a limit order at the end of the queue at its price."""
    order = change.order
    order.slice_left = _slice(order)
    if not rests_passively(order) or order.worst_price is None:
        return
    if quote is None:
        order.queue_ahead, order.queue_mark = None, 0
        return
    flow = tape_flow(change.instrument, quote, order.worst_price)
    _keep(order, join(_displayed(order, quote), flow))


def _wait(change: OrderChange, quote: Quote) -> bool:
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
    units = tape_spend(change.instrument.pk, quote, price, wanted, reached)
    _keep(order, place)
    if units == 0:
        return place != before
    execution = Execution(trade_id(order.id.hex, quote, "q"), units, price, quote.timestamp)
    change.apply([execution])
    _remember(change, quote)
    if order.slice_left is not None:
        _refresh(change, units)
    return True


def _refresh(change: OrderChange, units: int) -> None:
    """Show the next part of an order with a disclosed quantity once one has traded; it stands last again.

    Behind whom, the next snapshot says: what has traded by now is for those who stood here before.
    """
    order = change.order
    order.slice_left = (order.slice_left or 0) - units
    if order.slice_left <= 0:
        order.slice_left = _slice(order)
        order.priority_at = change.at
        _keep(order, QueuePlace(None, 0))


def _slice(order: Order) -> int | None:
    if not order.disclosed_quantity or order.pending_quantity == 0:
        return None
    return min(order.disclosed_quantity, order.pending_quantity)


def _keep(order: Order, place: QueuePlace) -> None:
    order.queue_ahead, order.queue_mark = place.ahead, place.mark


def _displayed(order: Order, quote: Quote) -> int | None:
    side = Side(order.side)
    assert order.worst_price is not None
    return displayed_at(side, order.worst_price, quote.bids if side is Side.BUY else quote.asks)
