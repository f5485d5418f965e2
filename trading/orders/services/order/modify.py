"""Changing the terms of an order that waits or rests."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict, InvalidInput, Unprocessable
from trading.orders.domain.gate import GateDecision, OrderAction
from trading.orders.domain.intent import OrderIntent
from trading.orders.domain.modification import (
    OrderModification,
    illegal_modification,
    lowers_risk,
    modified,
    status_after,
)
from trading.orders.domain.queue import keeps_place
from trading.orders.domain.states import OrderStatus, move, rework
from trading.orders.models import Order, OrderEventType
from trading.orders.selectors.orders import order_get
from trading.orders.services.live.instructions import is_being_changed, modification_request
from trading.orders.services.order.cancel import is_over
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.context import Situation, situation_of
from trading.orders.services.order.gates import UNASKED, verdict_on
from trading.orders.services.order.notices import notify_outcome
from trading.orders.services.order.posting import order_save
from trading.orders.services.order.submit import intent_check
from trading.orders.services.paper.orders import paper_modify
from trading.orders.services.triggers.by_order import illegal_of_trigger
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_lock_for


def order_modify(*, actor: Actor, order_id: UUID, modification: OrderModification) -> Order:
    """Replace price, trigger, quantity, disclosed quantity or type of a live order. Needs PLACE_ORDERS.

    What each state allows is in `domain/modification.py`; gates and hold are judged anew, unless the modification
    only lowers the risk. A quantity equal to what has filled completes the order. Raises `Conflict` where the
    order's state forbids it (`order_filled`, `order_cancelled`, `session_over`, `order_not_working`, …),
    `InvalidInput` for values that cannot be, and `Unprocessable` with the gate's code when a gate refuses: the
    refusal is stored, the order stays as it was.
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
    before, intent = modified_intent(order, modification)
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
    spared = lowers_risk(before, intent)
    verdict = UNASKED if spared else verdict_on(situation.context, today=situation.today)
    change = OrderChange(order, account=account, instrument=instrument, actor=actor.label, at=situation.context.now)
    refusal = verdict.refusal
    if refusal is None and (account.is_paper or order.is_queued):
        _replace(change, account, situation, most_held=order.hold_paise if spared else None)
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
        data={**_terms(intent), "status": order.status, "code": refusal.code if refusal else ""},
    )
    return order, refusal


def modified_intent(order: Order, modification: OrderModification) -> tuple[OrderIntent, OrderIntent]:
    """What the order is and what it would be; raises `Conflict` or `InvalidInput` where its state forbids that."""
    before = order.to_intent(order.instrument.key)
    illegal = illegal_modification(order.standing, before, modification)
    if illegal is None:
        illegal = illegal_of_trigger(order, modification)
    if illegal is not None and illegal.field:
        raise InvalidInput(illegal.message, code=illegal.code, errors={illegal.field: [illegal.message]})
    if illegal is not None:
        raise Conflict(illegal.message, code=illegal.code)
    if is_over(order, clock.now()):
        raise Conflict("The order's session is over.", code="session_over")
    if is_being_changed(order):
        raise Conflict("The broker has not answered the last change yet.", code="change_pending")
    return before, modified(before, modification)


def _replace(change: OrderChange, account: TradingAccount, situation: Situation, *, most_held: int | None) -> None:
    """Put the new terms into force; `most_held` caps the hold in paise where no gate was asked about more."""
    order, intent = change.order, situation.context.intent
    before = order.to_intent(change.instrument.key)
    _take_over(order, before, situation)
    was, terms = _terms(before), _terms(intent)
    changed = {name: value for name, value in terms.items() if value != was[name]}
    change.event(OrderEventType.MODIFIED, **changed, was={name: was[name] for name in changed})
    if not change.is_final and not order.is_queued:
        paper_modify(
            change,
            situation.quote,
            is_open=situation.context.session.is_open,
            keeps_place=keeps_place(before, intent),
        )
    hold = situation.need.for_remainder(order.pending_quantity)
    fills = order_save(change, hold_paise=hold if most_held is None else min(hold, most_held))
    notify_outcome(order, instrument=change.instrument, account=account, fills=fills)


def _take_over(order: Order, before: OrderIntent, situation: Situation) -> None:
    """Write the new terms into the row. A stop that has triggered keeps its name until its type is changed."""
    intent = situation.context.intent
    order.quantity = intent.quantity
    order.price = intent.price
    order.disclosed_quantity = intent.disclosed_quantity
    order.worst_price = situation.worst_price
    if intent.order_type is not before.order_type or order.triggered_at is None:
        order.order_type = intent.order_type
        order.trigger_price = intent.trigger_price
        if intent.trigger_price is not None:
            order.decision_price = intent.trigger_price
    target = status_after(OrderStatus(order.status), before.order_type, intent.order_type)
    order.status = rework(OrderStatus(order.status), target)
    if order.filled_quantity == order.quantity:
        order.status = move(OrderStatus(order.status), OrderStatus.FILLED)


def _terms(intent: OrderIntent) -> dict[str, Any]:
    """What a modification can change, as JSON values."""
    return {
        "order_type": str(intent.order_type),
        "quantity": intent.quantity,
        "price": None if intent.price is None else str(intent.price),
        "trigger_price": None if intent.trigger_price is None else str(intent.trigger_price),
        "disclosed_quantity": intent.disclosed_quantity,
    }
