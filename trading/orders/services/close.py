"""Closing a position with one MARKET order."""

from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import Conflict, Unprocessable
from core.ids import new_id
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.intent import OrderIntent, Origin
from trading.orders.domain.states import LIVE
from trading.orders.models import Order
from trading.portfolio.models import Position
from trading.portfolio.selectors import position_get
from trading.portfolio.services import account_lock_for

from .submit import intent_check, order_accept, order_named


@transaction.atomic
def position_close(
    *, actor: Actor, position_id: UUID, client_order_id: str = "", origin: Origin = Origin.MANUAL
) -> Order:
    """Sell or buy back the whole open quantity at market. Needs PLACE_ORDERS.

    One close at a time: while an earlier one is live it is `Conflict` (`close_in_flight`), and a flat
    position is `Conflict` (`position_flat`). The same `client_order_id` returns the first close again.
    """
    actor.require(Permission.PLACE_ORDERS)
    account = account_lock_for(actor, position_get(actor, position_id).account_id)
    position = position_get(actor, position_id)
    tag = f"close:{position.id.hex}"
    earlier = order_named(account, client_order_id)
    if earlier is not None:
        if earlier.tag != tag:
            raise Unprocessable("This key was used for a different order.", code="idempotency_mismatch")
        return earlier
    if position.quantity == 0:
        raise Conflict("The position is closed already.", code="position_flat")
    if Order.objects.filter(account_id=account.id, tag=tag, status__in=sorted(LIVE)).exists():
        raise Conflict("A close of this position is in the market already.", code="close_in_flight")
    intent = _closing(position, client_order_id or f"close-{new_id().hex}", origin, tag)
    return order_accept(actor=actor, account=account, instrument=intent_check(intent), intent=intent)


def _closing(position: Position, client_order_id: str, origin: Origin, tag: str) -> OrderIntent:
    return OrderIntent(
        account_id=position.account_id,
        key=position.instrument.key,
        side=Side.SELL if position.quantity > 0 else Side.BUY,
        quantity=abs(position.quantity),
        order_type=OrderType.MARKET,
        product=Product(position.product),
        client_order_id=client_order_id,
        origin=origin,
        strategy=position.strategy,
        tag=tag,
    )
