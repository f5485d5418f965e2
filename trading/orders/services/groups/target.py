"""Target-position ("smart") orders: the position that is wanted, instead of what to trade for it."""

from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import InvalidInput
from trading.brokers.domain.terms import Side
from trading.instruments.domain.instrument_rules import quantity_violation
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.orders.domain.gate import GateDecision
from trading.orders.domain.group import GroupIntent, GroupKind, LegIntent
from trading.orders.domain.intent import MAX_QUANTITY
from trading.orders.domain.states import LIVE, OrderStatus
from trading.orders.domain.target import TargetIntent, TargetPlan, target_hash, target_plan
from trading.orders.models import Order, OrderGroup
from trading.orders.services.groups.legs import leg_plan
from trading.orders.services.groups.place import group_audit, group_check, group_create, group_named
from trading.orders.services.groups.placing import leg_place
from trading.orders.services.order.cancel import order_withdraw
from trading.orders.services.order.submit import intent_check, order_accept
from trading.portfolio.models import Position, TradingAccount
from trading.portfolio.services import account_lock_for


def target_submit(*, actor: Actor, intent: TargetIntent) -> OrderGroup:
    """Send what takes the position of the intent's instrument, product and strategy to the target.

    Needs PLACE_ORDERS; opposite live orders are cancelled only with CANCEL_ORDERS as well. Computed under the
    account lock from the position and its live orders, and kept in the group's `findings`; a repeated request
    returns the first answer, also when there was nothing to send. An order that is refused takes the
    cancellations back. Raises what a single order would raise.
    """
    actor.require(Permission.PLACE_ORDERS)
    if intent.cancel_opposite:
        actor.require(Permission.CANCEL_ORDERS)
    if abs(intent.target_quantity) > MAX_QUANTITY:
        message = f"must be between -{MAX_QUANTITY} and {MAX_QUANTITY}"
        raise InvalidInput(message, code="invalid_quantity", errors={"target_quantity": [message]})
    group_check(_group(intent, intent.order.side, 1))
    instrument = instrument_get(intent.order.key)
    with transaction.atomic():
        account = account_lock_for(actor, intent.account_id)
        asked = target_hash(intent)
        earlier = group_named(account, intent.order.client_order_id, asked)
        if earlier is not None:
            return earlier
        position, live = _standing(intent, account, instrument)
        plan = target_plan(
            position_quantity=position,
            buying_quantity=_pending(live, Side.BUY),
            selling_quantity=_pending(live, Side.SELL),
            target=intent.target_quantity,
            cancel_opposite=intent.cancel_opposite,
        )
        _check(intent, instrument, plan)
        group = group_create(
            actor=actor,
            account=account,
            intent=_group(intent, plan.side or intent.order.side, max(plan.quantity, 1)),
            asked=asked,
            findings=_findings(intent, plan, position, live),
        )
        _carry_out(actor, account, group, intent, plan, [o for o in live if o.side in plan.cancels], instrument)
        group_audit(group, actor=actor, action="order_group.submitted")
        return group


def _group(intent: TargetIntent, side: Side, quantity: int) -> GroupIntent:
    """The target as a group of the one order that is to be sent."""
    return GroupIntent(
        account_id=intent.account_id,
        kind=GroupKind.TARGET,
        legs=(LegIntent(order=replace(intent.order, side=side, quantity=quantity)),),
        client_order_id=intent.order.client_order_id,
        autoslice=intent.autoslice,
        origin=intent.origin,
    )


def _standing(intent: TargetIntent, account: TradingAccount, instrument: Instrument) -> tuple[int, list[Order]]:
    """The signed position and the live orders of the intent's key. The caller holds the account lock."""
    key = {
        "account_id": account.id,
        "instrument_id": instrument.id,
        "product": intent.order.product,
        "strategy": intent.order.strategy,
    }
    position = Position.objects.filter(**key).values_list("quantity", flat=True).first() or 0
    live = Order.objects.filter(**key, status__in=sorted(LIVE)).select_related("instrument").order_by("id")
    return position, list(live)


def _pending(live: Iterable[Order], side: Side) -> int:
    return sum(order.pending_quantity for order in live if order.side == side)


def _check(intent: TargetIntent, instrument: Instrument, plan: TargetPlan) -> None:
    """A target that is no whole number of lots is refused even where nothing needs to be sent."""
    if intent.target_quantity:
        violation = quantity_violation(
            abs(intent.target_quantity), lot_size=instrument.lot_size, freeze_quantity=None
        )
        if violation is not None:
            raise InvalidInput(
                violation.message, code=violation.rule, errors={"target_quantity": [violation.message]}
            )
    side, quantity = plan.side or intent.order.side, plan.quantity or instrument.lot_size
    intent_check(
        replace(intent.order, side=side, quantity=quantity, key=instrument.key), is_sliced=intent.autoslice
    )


def _findings(intent: TargetIntent, plan: TargetPlan, position: int, live: list[Order]) -> dict[str, object]:
    return {
        "target_quantity": intent.target_quantity,
        "position_quantity": position,
        "buying_quantity": _pending(live, Side.BUY),
        "selling_quantity": _pending(live, Side.SELL),
        "expected_quantity": plan.expected_quantity,
        "opposite_orders": [str(order.id) for order in live if plan.side is not None and order.side != plan.side],
        "cancelled_orders": [str(order.id) for order in live if order.side in plan.cancels],
    }


class _Refused(Exception):
    """Takes the cancellations back."""

    def __init__(self, decision: GateDecision) -> None:
        super().__init__()
        self.decision = decision


def _carry_out(
    actor: Actor,
    account: TradingAccount,
    group: OrderGroup,
    intent: TargetIntent,
    plan: TargetPlan,
    cancelled: list[Order],
    instrument: Instrument,
) -> None:
    sent = None if plan.side is None else leg_plan(_group(intent, plan.side, plan.quantity), 1, _leg(intent, plan))
    try:
        with transaction.atomic():
            for order in cancelled:
                order_withdraw(order, account=account, actor=actor)
            if sent is None:
                return
            placed = leg_place(actor=actor, account=account, group=group, leg=sent)
            if cancelled and placed[0].status == OrderStatus.REJECTED:
                raise _Refused(GateDecision("target", False, placed[0].status_code, placed[0].status_message))
    except _Refused as refused:
        account = account_lock_for(actor, account.id)
        group.findings = {**group.findings, "cancelled_orders": []}
        group.save(update_fields=["findings"])
        assert sent is not None
        order_accept(
            actor=actor,
            account=account,
            instrument=instrument,
            intent=sent.whole,
            group=group,
            leg=1,
            refused=refused.decision,
        )


def _leg(intent: TargetIntent, plan: TargetPlan) -> LegIntent:
    assert plan.side is not None
    return LegIntent(order=replace(intent.order, side=plan.side, quantity=plan.quantity))
