"""`order_submit`: the only door through which an order comes in, whoever asks."""

from functools import partial
from typing import Any
from uuid import UUID

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.db import writes
from core.db.prepared import Prepared, Question, asked_ahead
from core.errors import InvalidInput, Unprocessable
from core.ids import new_id
from trading.instruments.domain.instrument_rules import Violation, price_violation, quantity_violation
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.orders.domain.gate import GateDecision, OrderAction
from trading.orders.domain.intent import OrderIntent, decided_at, request_hash, shape_errors
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Order, OrderGroup, TriggerLeg
from trading.orders.selectors.orders import guards_of_position, live_of_account
from trading.orders.services.live.routing import order_route
from trading.orders.services.order.after_market import order_queue
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.context import Situation, situation_of
from trading.orders.services.order.gates import gate_questions, verdict_on
from trading.orders.services.order.notices import notify_outcome
from trading.orders.services.order.posting import order_save
from trading.portfolio.domain.trade import product_allowed
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors.positions import positions_of_account
from trading.portfolio.services import account_lock_for
from trading.portfolio.services.accounts import account_lock_question
from trading.portfolio.services.positions import position_of_key


def order_submit(*, actor: Actor, intent: OrderIntent) -> Order:
    """Accept or refuse an order, and on the paper exchange trade it, in one transaction.

    Needs PLACE_ORDERS. The same `client_order_id` with the same request returns the first order again;
    with another request it is `Unprocessable` (`idempotency_mismatch`). A refusal by an exchange rule or a
    gate is an order in REJECTED, stored and returned. A malformed request, an unknown instrument or
    account raises `InvalidInput` or `NotFound` and writes nothing.
    """
    actor.require(Permission.PLACE_ORDERS)
    instrument = intent_check(intent)
    with writes.until_commit(), asked_ahead(*_questions(actor, intent, instrument)):
        account = account_lock_for(actor, intent.account_id)
        earlier = _earlier(account, intent)
        return earlier or order_accept(actor=actor, account=account, instrument=instrument, intent=intent)


def _questions(actor: Actor, intent: OrderIntent, instrument: Instrument) -> list[Question[Any]]:
    """What any new order asks the database: the account's lock first, then what is read behind it."""
    account_id = intent.account_id
    position = {
        "account_id": account_id,
        "instrument_id": instrument.pk,
        "product": intent.product.value,
        "strategy": intent.strategy,
    }
    return [
        account_lock_question(actor, account_id),
        _named.question(account_id=account_id, client_order_id=intent.client_order_id),
        positions_of_account.question(account_id=account_id, today=clock.trading_date()),
        live_of_account.question(account_id=account_id),
        position_of_key.question(**position),
        guards_of_position.question(**position),
        *gate_questions(organisation_id=actor.organisation_id, account_id=account_id, strategy=intent.strategy),
    ]


def intent_check(intent: OrderIntent, *, is_sliced: bool = False) -> Instrument:
    """The instrument of a well-formed intent; raises `InvalidInput` or `NotFound` with a stable code.

    `is_sliced` is for an order that will reach the exchange in parts, so that its whole may pass the freeze.
    """
    errors = shape_errors(intent)
    if errors:
        code = next(iter(errors.values()))[0][0]
        raise InvalidInput(
            "The order is not well formed.",
            code=code,
            errors={field: [message for _, message in found] for field, found in errors.items()},
        )
    instrument = instrument_get(intent.key)
    freeze = None if is_sliced else instrument.freeze_quantity
    quantity = quantity_violation(intent.quantity, lot_size=instrument.lot_size, freeze_quantity=freeze)
    _refuse_violation("quantity", quantity)
    for field, price in (("price", intent.price), ("trigger_price", intent.trigger_price)):
        if price is not None:
            _refuse_violation(field, price_violation(price, tick_size=instrument.tick_size))
    if not product_allowed(instrument.instrument_type, intent.product):
        message = f"{instrument.key} cannot be traded as {intent.product}."
        raise InvalidInput(message, code="product_not_allowed", errors={"product": [message]})
    return instrument


def order_accept(
    *,
    actor: Actor,
    account: TradingAccount,
    instrument: Instrument,
    intent: OrderIntent,
    group: OrderGroup | None = None,
    leg: int | None = None,
    refused: GateDecision | None = None,
    trigger_leg: TriggerLeg | None = None,
) -> Order:
    """Decide on a checked intent and trade it. The caller holds the account lock and knows that it is new.

    An order of a `group` is its `leg`; the group's own audit entry then stands for all of its orders.
    `refused` is a decision made against it already, over the whole that it belongs to. An order of a trigger
    names the leg that it came from, so that the leg follows what becomes of it.
    """
    situation = situation_of(
        actor=actor, account=account, instrument=instrument, intent=intent, action=OrderAction.SUBMIT
    )
    context = situation.context if refused is None else situation.context.as_whole
    verdict = verdict_on(context, today=situation.today)
    order = _order_row(account, instrument, intent, situation)
    order.group, order.leg = group, leg
    if trigger_leg is not None:
        order.trigger_leg, order.trigger_id = trigger_leg, trigger_leg.trigger_id
    change = OrderChange(order, account=account, instrument=instrument, actor=actor.label, at=situation.context.now)
    change.has_company = context.open_orders > 0
    refusal = refused or verdict.refusal
    if refusal is not None:
        change.refuse(refusal)
    elif intent.after_market:
        order_queue(change, situation)
    else:
        order_route(change, situation)
    hold = situation.need.for_remainder(order.pending_quantity)
    with writes.together():
        fills = order_save(change, hold_paise=hold, is_new=True)
        verdict.record(order)
        notify_outcome(order, instrument=instrument, account=account, fills=fills)
        if group is None:
            writes.call_last(partial(_audit, actor, order, instrument))
    return order


_named = Prepared(
    lambda account_id, client_order_id: Order.objects.filter(
        account_id=account_id, client_order_id=client_order_id
    ).select_related("instrument"),
    account_id=UUID,
    client_order_id=str,
)


def order_named(account: TradingAccount, client_order_id: str) -> Order | None:
    """The order that the account gave this name to, if any. The caller holds the account lock."""
    return _named.first(account_id=account.id, client_order_id=client_order_id)


def _earlier(account: TradingAccount, intent: OrderIntent) -> Order | None:
    earlier = order_named(account, intent.client_order_id)
    if earlier is not None and earlier.request_hash != request_hash(intent):
        raise Unprocessable("This client_order_id was used for a different order.", code="idempotency_mismatch")
    return earlier


def _order_row(account: TradingAccount, instrument: Instrument, intent: OrderIntent, situation: Situation) -> Order:
    at = situation.context.now
    return Order(
        id=new_id(),
        organisation_id=account.organisation_id,
        account=account,
        instrument=instrument,
        client_order_id=intent.client_order_id,
        request_hash=request_hash(intent),
        side=intent.side,
        quantity=intent.quantity,
        order_type=intent.order_type,
        product=intent.product,
        validity=intent.validity,
        price=intent.price,
        trigger_price=intent.trigger_price,
        worst_price=situation.worst_price,
        decision_price=decided_at(intent, situation.quote.ltp if situation.quote else None),
        is_after_market=intent.after_market,
        valid_on=situation.valid_on,
        disclosed_quantity=intent.disclosed_quantity,
        origin=intent.origin,
        strategy=intent.strategy,
        tag=intent.tag,
        status=OrderStatus.PENDING_ROUTE,
        placed_by=situation.context.actor_label,
        placed_by_user=situation.context.user_id,
        created_at=at,
        updated_at=at,
    )


def _audit(actor: Actor, order: Order, instrument: Instrument) -> None:
    """Last in the transaction, because it locks the head of the organisation's audit chain."""
    audit_record(
        actor=actor,
        action="order.submitted",
        object_type="order",
        object_id=str(order.id),
        data={
            "account": str(order.account_id),
            "symbol": instrument.key,
            "side": order.side,
            "quantity": order.quantity,
            "order_type": order.order_type,
            "price": None if order.price is None else str(order.price),
            "status": order.status,
            "code": order.status_code,
        },
    )


def _refuse_violation(field: str, violation: Violation | None) -> None:
    if violation is not None:
        raise InvalidInput(violation.message, code=violation.rule, errors={field: [violation.message]})
