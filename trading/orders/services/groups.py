"""Placing orders that belong together: one transaction, one audit entry, a report for each leg."""

from accounts.domain.actor import Actor
from trading.orders.domain.group import GroupIntent
from trading.orders.models import OrderGroup


def group_submit(*, actor: Actor, intent: GroupIntent) -> OrderGroup:
    """Place the orders of a group, buys first, in one transaction under the account's lock. Needs PLACE_ORDERS.

    The same `client_order_id` with the same request returns the first group again; with another request it
    is `Unprocessable` (`idempotency_mismatch`). Each leg goes through the door that a single order goes through.
    """
    raise NotImplementedError
