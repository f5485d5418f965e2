"""The paper exchange for accounts: the rules of `orders.paper.standing` over rows that all processes share."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from trading.brokers.domain.terms import Side
from trading.instruments.models import Instrument
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quote_latest
from trading.orders.domain.liquidity import Taken
from trading.orders.domain.tape import Flow
from trading.orders.domain.terms import Venue
from trading.orders.models import Order
from trading.orders.paper import standing
from trading.orders.paper.venue import venue_of
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.context import is_fresh
from trading.orders.services.paper.liquidity import liquidity_take, tape_flow, tape_spend


@dataclass(frozen=True, slots=True)
class SharedMarket:
    """An instrument's market, shared with every other account."""

    instrument: Instrument

    @property
    def key(self) -> str:
        return self.instrument.key

    def venue(self, quote: Quote | None) -> Venue:
        return venue_of(self.instrument, quote)

    def is_fresh(self, quote: Quote) -> bool:
        return is_fresh(quote)

    def latest(self) -> Quote | None:
        return quote_latest(self.instrument.key)

    def take(self, quote: Quote, side: Side, *, wanted: int, reachable: int) -> Taken | None:
        return liquidity_take(self.instrument, quote, side, wanted=wanted, reachable=reachable)

    def flow(self, quote: Quote, price: Decimal) -> Flow:
        return tape_flow(self.instrument, quote, price)

    def spend(self, quote: Quote, price: Decimal, wanted: int, reached: Callable[[Flow], int]) -> int:
        return tape_spend(self.instrument.pk, quote, price, wanted, reached)


def paper_place(change: OrderChange, quote: Quote | None, *, is_open: bool) -> None:
    """Enter an accepted order: it trades what it can at once, or as soon as its latency is over."""
    standing.place(change, SharedMarket(change.instrument), quote, is_open=is_open)


def paper_modify(change: OrderChange, quote: Quote | None, *, is_open: bool, keeps_place: bool) -> None:
    """Let an order trade with its new values; a new price or a larger quantity goes to the end of the queue."""
    standing.modify(change, SharedMarket(change.instrument), quote, is_open=is_open, keeps_place=keeps_place)


def paper_match(change: OrderChange, quote: Quote, *, is_open: bool) -> bool:
    """Let a resting order trade against a snapshot; whether only its place in the queue has changed."""
    return standing.match(change, SharedMarket(change.instrument), quote, is_open=is_open)


def quote_for(order: Order, quote: Quote | None, *, is_open: bool) -> Quote | None:
    """The snapshot, when the order may trade against it: a fresh one, in an open session, not used before."""
    return standing.quote_for(order, SharedMarket(order.instrument), quote, is_open=is_open)
