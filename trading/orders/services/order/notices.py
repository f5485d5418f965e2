"""Tells an account's owner what became of an order, in the transaction in which it happened."""

from collections.abc import Sequence
from decimal import Decimal

from core.money import format_inr
from notifications.models import NotificationKind
from notifications.services import notification_send
from trading.instruments.models import Instrument
from trading.orders.domain.intent import Origin
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Fill, Order
from trading.portfolio.models import TradingAccount


def notify_outcome(order: Order, *, instrument: Instrument, account: TradingAccount, fills: Sequence[Fill]) -> None:
    """One notice for the fills of this change, one for what was refused or could not be funded any more.

    Nothing else is worth an interruption.
    """
    if fills:
        kind = NotificationKind.TRADE_EXECUTED
        quantity = sum(fill.quantity for fill in fills)
        average = sum((fill.price * fill.quantity for fill in fills), Decimal(0)) / quantity
        title = f"{_DONE[order.side]} {quantity} {instrument.key} at {format_inr(average)}"
        body = f"{order.filled_quantity} of {order.quantity} filled."
    elif order.status == OrderStatus.REJECTED and order.origin == Origin.TRIGGER:
        # Its trigger raises the alarm, once, and not again with every retry.
        return
    elif order.status == OrderStatus.REJECTED:
        kind = NotificationKind.ORDER_REJECTED
        title = f"Refused: {order.side} {order.quantity} {instrument.key}"
        body = order.status_message
    elif order.status_code == "insufficient_funds":
        kind = NotificationKind.RISK
        title = f"Cancelled: {order.side} {order.quantity} {instrument.key}"
        body = order.status_message
    else:
        return
    notification_send(
        organisation_id=order.organisation_id,
        user_id=account.owner_id,
        kind=kind,
        title=title,
        body=body,
        link=f"/orders/{order.id}/",
    )


_DONE = {"BUY": "Bought", "SELL": "Sold"}
