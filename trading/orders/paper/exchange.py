"""The paper exchange: a broker that trades against the market's latest snapshot, in memory.

It writes nothing and sends nothing, so an instruction and all of its reports fit in the caller's database
transaction: a crash leaves either both or neither, and no order is ever seen in ROUTING. What other orders have
taken of the snapshot it learns through a port, `Liquidity`.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from trading.brokers.domain.messages import (
    Acknowledged,
    BrokerOrder,
    BrokerReport,
    Cancelled,
    Execution,
    Triggered,
)
from trading.brokers.domain.terms import Side, Validity
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.liquidity import Taken
from trading.orders.domain.matching import match_depth, offers, reach
from trading.orders.domain.slippage import SlippageModel, slipped
from trading.orders.domain.stops import is_reached
from trading.orders.domain.terms import PLAIN_VENUE, Venue

IOC_REMAINDER = "ioc_remainder"


class Liquidity(Protocol):
    """Who else takes from the snapshot."""

    def take(self, quote: Quote, side: Side, *, wanted: int, reachable: int) -> Taken | None:
        """Up to `wanted` of the first `reachable` displayed units; None when there is a newer snapshot."""
        ...


class Alone:
    """Nobody else takes: for a backtest's single account."""

    def take(self, quote: Quote, side: Side, *, wanted: int, reachable: int) -> Taken | None:
        return Taken(0, min(wanted, reachable))


class PaperExchange:
    """The book of one instrument at one moment.

    `quote` is the snapshot to trade against, or None when there is nothing to trade against now (no
    quote, a stale one, a closed session, or one that this order has used). `at` is market time.
    `is_superseded` says afterwards that the snapshot was not the newest: then nothing has happened.
    """

    name = "PAPER"

    def __init__(
        self,
        quote: Quote | None,
        at: datetime,
        *,
        venue: Venue = PLAIN_VENUE,
        liquidity: Liquidity | None = None,
    ) -> None:
        self._quote = quote
        self._at = at
        self._venue = venue
        self._liquidity = liquidity or Alone()
        self.is_superseded = False

    def place(self, order: BrokerOrder) -> Sequence[BrokerReport]:
        return [self.acknowledge(order), *self.match(order)]

    def modify(self, order: BrokerOrder) -> Sequence[BrokerReport]:
        return self.match(order)

    def cancel(self, order: BrokerOrder) -> Sequence[BrokerReport]:
        return [Cancelled("cancelled", self._at)]

    def acknowledge(self, order: BrokerOrder) -> Acknowledged:
        """The order is in the book; whether it trades at once is `match`'s to say."""
        return Acknowledged(f"PAPER-{order.tag}", self._at)

    def trigger(self, order: BrokerOrder) -> list[Triggered]:
        """The report that a waiting stop has been reached by the last price, if it has."""
        quote = self._quote
        if quote is None or not order.waits_for_trigger or order.trigger_price is None:
            return []
        if not is_reached(order.side, order.trigger_price, quote.ltp):
            return []
        return [Triggered(self._at, quote.ltp)]

    def match(self, order: BrokerOrder) -> list[BrokerReport]:
        """Trade what the snapshot allows; what is left of an IOC order is cancelled. A stop waits."""
        if order.waits_for_trigger:
            return []
        reports: list[BrokerReport] = list(self._executions(order))
        if self.is_superseded:
            return []
        traded = sum(report.quantity for report in reports if isinstance(report, Execution))
        if traded < order.pending_quantity and order.validity is Validity.IOC:
            reports.append(Cancelled(IOC_REMAINDER, self._at))
        return reports

    def _executions(self, order: BrokerOrder) -> list[Execution]:
        quote, venue = self._quote, self._venue
        if quote is None or order.price is None:
            return []
        opposite = offers(
            quote.asks if order.side is Side.BUY else quote.bids,
            participation=venue.terms.participation,
            lot_size=venue.lot_size,
        )
        worst = venue.bounded(order.side, order.price)
        reachable = reach(order.side, worst, opposite)
        if reachable == 0:
            return []
        taken = self._liquidity.take(quote, order.side, wanted=order.pending_quantity, reachable=reachable)
        if taken is None:
            self.is_superseded = True
            return []
        result = match_depth(
            side=order.side,
            quantity=taken.quantity,
            worst_price=worst,
            validity=order.validity,
            opposite=opposite,
            taken=taken.start,
        )
        return [
            Execution(
                trade_id=trade_id(order.tag, quote, str(match.level)),
                quantity=match.quantity,
                price=self._paid(match.price, order.side, worst, taken.quantity, quote),
                traded_at=quote.timestamp,
            )
            for match in result.matches
        ]

    def _paid(self, price: Decimal, side: Side, worst: Decimal, quantity: int, quote: Quote) -> Decimal:
        terms = self._venue.terms
        if terms.slippage_model is SlippageModel.NONE:
            return price
        spread = quote.ask - quote.bid if quote.ask is not None and quote.bid is not None else Decimal(0)
        return slipped(
            price,
            side=side,
            worst_price=worst,
            model=terms.slippage_model,
            value=terms.slippage_value,
            tick_size=self._venue.tick_size,
            spread=spread,
            quantity=quantity,
            day_volume=quote.volume,
        )


def trade_id(tag: str, quote: Quote, place: str) -> str:
    """Named after the snapshot, so that the database itself refuses to trade against it twice."""
    moment = int(quote.timestamp.timestamp() * 1000)
    return f"{tag}-{moment}-{quote.sequence}-{place}"
