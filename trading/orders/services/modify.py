"""Changing the price or the quantity of an order that rests."""

from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict, InvalidInput, Unprocessable
from trading.brokers.domain.terms import OrderType, Validity
from trading.orders.domain.gate import GateDecision, OrderAction
from trading.orders.domain.intent import OrderIntent
from trading.orders.domain.states import FINAL, WORKING, OrderStatus, move
from trading.orders.models import Order, OrderEventType
from trading.orders.paper.exchange import PaperExchange
from trading.orders.selectors import order_get
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_lock_for

from .cancel import is_over
from .change import OrderChange
from .context import Situation, situation_of
from .gates import verdict_on
from .instructions import is_being_changed, modification_request
from .matching import quote_for, remember_snapshot
from .notices import notify_outcome
from .posting import order_save
from .submit import intent_check


@dataclass(frozen=True, slots=True)
class OrderModification:
    """The values to replace; None leaves one as it is. `quantity` is the whole order's, with what has filled."""

    quantity: int | None = None
    price: Decimal | None = None


def order_modify(*, actor: Actor, order_id: UUID, modification: OrderModification) -> Order:
    """Replace price or quantity of a resting order; gates and hold are judged anew. Needs PLACE_ORDERS.

    A quantity equal to what has filled completes the order. Raises `Conflict` (`order_final`,
    `order_not_working`, `ioc_not_modifiable`), `InvalidInput` for values that cannot be, and `Unprocessable`
    with the gate's code when a gate refuses: the refusal is stored, the order stays as it was.
    """
    actor.require(Permission.PLACE_ORDERS)
    order, refusal = _modify(actor, order_id, modification)
    if refusal is not None:
        raise Unprocessable(refusal.message, code=refusal.code)
    return order


@transaction.atomic
def _modify(actor: Actor, order_id: UUID, modification: OrderModification) -> tuple[Order, GateDecision | None]:
    account = account_lock_for(actor, order_get(actor, order_id).account_id)
    order = order_get(actor, order_id)
    instrument = order.instrument
    before = order.to_intent(instrument.key)
    intent = _changed(order, before, modification)
    if intent == before:
        return order, None
    intent_check(intent)
    situation = situation_of(
        actor=actor,
        account=account,
        instrument=instrument,
        intent=intent,
        action=OrderAction.MODIFY,
        order=order,
    )
    verdict = verdict_on(situation.context, today=situation.today)
    change = OrderChange(order, account=account, instrument=instrument, actor=actor.label, at=situation.context.now)
    refusal = verdict.refusal
    if refusal is None and account.is_paper:
        _replace(change, account, situation)
    elif refusal is None:
        modification_request(change, situation)
    else:
        change.event(OrderEventType.MODIFY_REFUSED, code=refusal.code, message=refusal.message)
        order_save(change)
    verdict.record(order)
    audit_record(
        actor=actor,
        action="order.modified",
        object_type="order",
        object_id=str(order.id),
        data={
            "quantity": intent.quantity,
            "price": None if intent.price is None else str(intent.price),
            "status": order.status,
            "code": refusal.code if refusal else "",
        },
    )
    return order, refusal


def _changed(order: Order, before: OrderIntent, modification: OrderModification) -> OrderIntent:
    """The intent with the new values, once the order's state is known to allow them."""
    if order.status in FINAL:
        raise Conflict(f"The order is {order.status.lower()} already.", code="order_final")
    if is_over(order, clock.now()):
        raise Conflict("The order's session is over.", code="order_final")
    if order.validity == Validity.IOC:
        raise Conflict("An IOC order cannot be modified.", code="ioc_not_modifiable")
    if order.status not in WORKING:
        raise Conflict("The order is not in the market yet.", code="order_not_working")
    if is_being_changed(order):
        raise Conflict("The broker has not answered the last change yet.", code="change_pending")
    if modification.price is not None and order.order_type == OrderType.MARKET:
        message = "A MARKET order takes no price."
        raise InvalidInput(message, code="price_not_allowed", errors={"price": [message]})
    quantity = order.quantity if modification.quantity is None else modification.quantity
    if quantity < order.filled_quantity:
        message = f"{order.filled_quantity} have traded already."
        raise InvalidInput(message, code="quantity_below_filled", errors={"quantity": [message]})
    return replace(
        before,
        quantity=quantity,
        price=before.price if modification.price is None else modification.price,
        disclosed_quantity=min(before.disclosed_quantity, quantity),
    )


def _replace(change: OrderChange, account: TradingAccount, situation: Situation) -> None:
    order, intent = change.order, situation.context.intent
    was = {"quantity": order.quantity, "price": None if order.price is None else str(order.price)}
    order.quantity = intent.quantity
    order.price = intent.price
    order.disclosed_quantity = intent.disclosed_quantity
    order.worst_price = situation.worst_price
    if order.filled_quantity == order.quantity:
        order.status = move(OrderStatus(order.status), OrderStatus.FILLED)
    change.event(
        OrderEventType.MODIFIED,
        quantity=intent.quantity,
        price=None if intent.price is None else str(intent.price),
        was=was,
    )
    quote = quote_for(order, situation.quote, is_open=situation.context.session.is_open)
    if not change.is_final:
        broker_order = order.to_broker_order(change.instrument.key)
        change.apply(PaperExchange(quote, change.at).modify(broker_order))
        remember_snapshot(change, quote)
    fills = order_save(change, hold_paise=situation.need.for_remainder(order.pending_quantity))
    notify_outcome(order, instrument=change.instrument, account=account, fills=fills)
