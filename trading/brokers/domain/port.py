"""The port every broker adapter implements; the paper exchange is the first."""

from collections.abc import Sequence
from typing import Protocol

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


class OutcomeUnknown(Exception):
    """The instruction may or may not have reached the exchange; only the order book can tell."""
