"""How far an order has come: its status and trades as a fold of the broker's reports."""

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from trading.brokers.domain.messages import (
    Acknowledged,
    BrokerReport,
    Cancelled,
    Execution,
    Refused,
    Triggered,
)

from .states import FINAL, OrderStatus, merge


class Overfilled(Exception):
    """The trades reported exceed the order's quantity; the data are broken."""


def pending(status: str, quantity: int, filled_quantity: int) -> int:
    """What may still trade of an order in this status."""
    return 0 if status in FINAL else quantity - filled_quantity


class Progress(Struct, frozen=True):
    """`average_price` in rupees, exact to the database's ten decimals; None before the first trade.

    `waits_for_trigger` is true of a stop order until the market has reached its trigger.
    """

    quantity: int
    status: OrderStatus
    filled_quantity: int = 0
    average_price: Decimal | None = None
    waits_for_trigger: bool = False

    @property
    def pending_quantity(self) -> int:
        """What may still trade; nothing of a final order."""
        return pending(self.status, self.quantity, self.filled_quantity)


AVERAGE_QUANTUM = Decimal("0.0000000001")


def advance(progress: Progress, report: BrokerReport) -> Progress:
    """The progress after a report. The caller drops trades it has seen (by `trade_id`) beforehand."""
    match report:
        case Acknowledged():
            accepted = OrderStatus.TRIGGER_PENDING if progress.waits_for_trigger else OrderStatus.OPEN
            return _at(progress, merge(progress.status, accepted))
        case Triggered():
            return replace(progress, status=merge(progress.status, OrderStatus.OPEN), waits_for_trigger=False)
        case Refused():
            return _at(progress, merge(progress.status, OrderStatus.REJECTED))
        case Cancelled():
            return _at(progress, merge(progress.status, OrderStatus.CANCELLED))
        case Execution():
            return _executed(progress, report)


def fold(progress: Progress, reports: Iterable[BrokerReport]) -> Progress:
    """The progress after many reports, in whatever order they came and however often; a trade counts once."""
    seen: set[str] = set()
    for report in reports:
        if isinstance(report, Execution):
            if report.trade_id in seen:
                continue
            seen.add(report.trade_id)
        progress = advance(progress, report)
    return progress


def _at(progress: Progress, status: OrderStatus) -> Progress:
    """The same in another state; an order that keeps its state is as it was."""
    return progress if progress.status is status else replace(progress, status=status)


def _executed(progress: Progress, execution: Execution) -> Progress:
    filled = progress.filled_quantity + execution.quantity
    if filled > progress.quantity:
        raise Overfilled(f"{filled} traded of {progress.quantity}")
    turnover = (progress.average_price or Decimal(0)) * progress.filled_quantity
    average = (turnover + execution.price * execution.quantity) / filled
    reported = OrderStatus.FILLED if filled == progress.quantity else OrderStatus.PARTIALLY_FILLED
    return Progress(
        quantity=progress.quantity,
        status=merge(progress.status, reported),
        filled_quantity=filled,
        average_price=average.quantize(AVERAGE_QUANTUM),
        waits_for_trigger=progress.waits_for_trigger,
    )
