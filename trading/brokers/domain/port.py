"""The ports every broker adapter implements; the paper exchange is the first."""

from collections.abc import Sequence
from typing import Protocol

from .book import BookEntry, BrokerPosition, BrokerTrade
from .messages import BrokerOrder, BrokerReport


class Broker(Protocol):
    """Sends an instruction at most once and reports what it learnt.

    An adapter never retries an order call and never guesses: it returns reports only for answers that
    are known to be final, and raises `OutcomeUnknown` for everything else.
    """

    name: str

    def place(self, order: BrokerOrder) -> Sequence[BrokerReport]:
        """Send a new order."""
        ...

    def modify(self, order: BrokerOrder) -> Sequence[BrokerReport]:
        """Replace price and quantity of an order in the book; `order` holds the new values."""
        ...

    def cancel(self, order: BrokerOrder) -> Sequence[BrokerReport]:
        """Take what is left of an order out of the book."""
        ...


class LiveBroker(Protocol):
    """A broker across a network, bound to one account there.

    The order calls are as `Broker`'s, and send nothing after `send_by` (on `time.monotonic`): a process that was
    frozen between its decision and its socket raises `NotSent`. A modification that the broker takes, or
    a cancel, is told by an empty sequence where the answer says no more than "taken". The reads are complete or
    raise `ReadFailed`; they may be repeated, the order calls never.
    """

    name: str

    def place(self, order: BrokerOrder, *, send_by: float) -> Sequence[BrokerReport]:
        """Send a new order."""
        ...

    def modify(self, broker_order_id: str, order: BrokerOrder, *, send_by: float) -> Sequence[BrokerReport]:
        """Replace the terms of an order in the book; `order` holds the new values."""
        ...

    def cancel(self, broker_order_id: str, *, send_by: float) -> Sequence[BrokerReport]:
        """Take what is left of an order out of the book."""
        ...

    def order_book(self) -> Sequence[BookEntry]:
        """Every order of the day at this account, whoever sent it."""
        ...

    def trades(self) -> Sequence[BrokerTrade]:
        """Every trade of the day at this account."""
        ...

    def positions(self) -> Sequence[BrokerPosition]:
        """What the account holds, by instrument and product."""
        ...


class OutcomeUnknown(Exception):
    """The instruction may or may not have reached the exchange; only the order book can tell."""


class NotSent(Exception):
    """Not a byte of the instruction has left: it is certain that the broker does not have it."""


class InstructionRefused(Exception):
    """A final answer that a cancel or a modification was not taken; the order itself stands as it was."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ReadFailed(Exception):
    """A read is missing, incomplete or contradicts itself. It says nothing about any order."""
