"""Closing a position with one MARKET order."""

from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import Conflict, Unprocessable
from core.ids import new_id
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.intent import MAX_QUANTITY, OrderIntent, Origin
from trading.orders.domain.states import LIVE, OrderStatus
from trading.orders.models import Order
from trading.portfolio.models import Position, TradingAccount
from trading.portfolio.selectors import position_get
from trading.portfolio.services import account_lock_for

from .cancel import cancellation_audit, order_withdraw
from .submit import intent_check, order_accept, order_named


@transaction.atomic
def position_close(
    *, actor: Actor, position_id: UUID, client_order_id: str = "", origin: Origin = Origin.MANUAL
) -> Order:
    """Sell or buy back the open quantity at market, or as much of it as the exchange takes in one order.

    Needs PLACE_ORDERS.
    Exits that rest are cancelled with it, or they would open a new position once this one is gone; a close
    that is refused leaves them as they are. One close at a time: while an earlier one is live it is `Conflict`
    (`close_in_flight`), and a flat position is `Conflict` (`position_flat`). The same `client_order_id`
    returns the first close again.
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
    instrument = intent_check(intent)
    try:
        with transaction.atomic():
            return _close(actor, account, position, intent)
    except _CloseRefused:
        # The account's balance in memory is that of the attempt.
        account = account_lock_for(actor, account.id)
        return order_accept(actor=actor, account=account, instrument=instrument, intent=intent)


class _CloseRefused(Exception):
    """Takes the cancellations back."""


def _close(actor: Actor, account: TradingAccount, position: Position, intent: OrderIntent) -> Order:
    exits = list(
        Order.objects.filter(
            account_id=account.id,
            instrument_id=position.instrument_id,
            product=position.product,
            strategy=position.strategy,
            side=intent.side,
            status__in=sorted(LIVE),
        )
        .select_related("instrument")
        .order_by("id")
    )
    for resting in exits:
        order_withdraw(resting, account=account, actor=actor, reason="position_closed")
    order = order_accept(actor=actor, account=account, instrument=position.instrument, intent=intent)
    if exits and order.status == OrderStatus.REJECTED:
        raise _CloseRefused
    for resting in exits:
        cancellation_audit(resting, actor=actor)
    return order


def _closing(position: Position, client_order_id: str, origin: Origin, tag: str) -> OrderIntent:
    return OrderIntent(
        account_id=position.account_id,
        key=position.instrument.key,
        side=Side.SELL if position.quantity > 0 else Side.BUY,
        quantity=_closable(position),
        order_type=OrderType.MARKET,
        product=Product(position.product),
        client_order_id=client_order_id,
        origin=origin,
        strategy=position.strategy,
        tag=tag,
    )


def _closable(position: Position) -> int:
    freeze, lot = position.instrument.freeze_quantity, position.instrument.lot_size
    most = MAX_QUANTITY if freeze is None else min(freeze, MAX_QUANTITY)
    return min(abs(position.quantity), most // lot * lot)
