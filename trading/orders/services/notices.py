"""Tells an account's owner what became of an order, in the transaction in which it happened."""

from collections.abc import Sequence

from trading.instruments.models import Instrument
from trading.orders.models import Fill, Order
from trading.portfolio.models import TradingAccount


def notify_outcome(order: Order, *, instrument: Instrument, account: TradingAccount, fills: Sequence[Fill]) -> None:
    """One notice for the fills of this change, one for a refusal; nothing else is worth an interruption."""
