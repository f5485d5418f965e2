"""The paper exchange: a broker that trades against the market's latest snapshot, in memory.

It writes nothing and sends nothing, so an instruction and all of its reports fit in the caller's database
transaction: a crash leaves either both or neither, and no order is ever seen in ROUTING.
"""

from collections.abc import Sequence
from datetime import datetime

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
from trading.orders.domain.matching import match_depth
from trading.orders.domain.stops import is_reached

IOC_REMAINDER = "ioc_remainder"


class PaperExchange:
    """The book of one instrument at one moment.

    `quote` is the snapshot to trade against, or None when there is nothing to trade against now (no
    quote, a stale one, a closed session, or one that this order has used). `at` is market time.
    """

    name = "PAPER"

    def __init__(self, quote: Quote | None, at: datetime) -> None:
        self._quote = quote
        self._at = at

    def place(self, order: BrokerOrder) -> Sequence[BrokerReport]:
        return [Acknowledged(f"PAPER-{order.tag}", self._at), *self.match(order)]

    def modify(self, order: BrokerOrder) -> Sequence[BrokerReport]:
        return self.match(order)

    def cancel(self, order: BrokerOrder) -> Sequence[BrokerReport]:
        return [Cancelled("cancelled", self._at)]

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
        traded = sum(report.quantity for report in reports if isinstance(report, Execution))
        if traded < order.pending_quantity and order.validity is Validity.IOC:
            reports.append(Cancelled(IOC_REMAINDER, self._at))
        return reports

    def _executions(self, order: BrokerOrder) -> list[Execution]:
        quote = self._quote
        if quote is None or order.price is None:
            return []
        result = match_depth(
            side=order.side,
            quantity=order.pending_quantity,
            worst_price=order.price,
            validity=order.validity,
            opposite=quote.asks if order.side is Side.BUY else quote.bids,
        )
        # Named after the snapshot, so that the database itself refuses to trade against it twice.
        moment = int(quote.timestamp.timestamp() * 1000)
        return [
            Execution(
                trade_id=f"{order.tag}-{moment}-{quote.sequence}-{match.level}",
                quantity=match.quantity,
                price=match.price,
                traded_at=quote.timestamp,
            )
            for match in result.matches
        ]
