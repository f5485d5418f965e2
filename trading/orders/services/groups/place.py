"""Placing orders that belong together: one transaction, one audit entry, a report for each leg."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict, InvalidInput, Unprocessable
from trading.orders.domain.group import (
    SINGLE,
    GroupIntent,
    GroupKind,
    GroupStatus,
    LegIntent,
    group_hash,
    group_shape_errors,
)
from trading.orders.domain.intent import OrderIntent
from trading.orders.domain.states import LIVE
from trading.orders.models import Order, OrderGroup, RefusedLeg
from trading.orders.selectors.groups import group_get, group_state
from trading.orders.services.groups.legs import LegRefusal, PlannedLeg, leg_plan, legs_plan
from trading.orders.services.groups.placing import place_each, place_together
from trading.orders.services.order.cancel import order_withdraw
from trading.orders.services.order.submit import order_named
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_lock_for

ENDED = {
    GroupStatus.NOTHING: "The group has no orders.",
    GroupStatus.REFUSED: "The group was refused.",
    GroupStatus.PARTIAL: "The group has ended, partly filled.",
    GroupStatus.FILLED: "The group is filled already.",
    GroupStatus.CANCELLED: "The group is cancelled already.",
}


def group_submit(*, actor: Actor, intent: GroupIntent) -> OrderGroup:
    """Place the orders of a group, buys first, in one transaction under the account's lock. Needs PLACE_ORDERS.

    The same `client_order_id` with the same request returns the first group again; with another request it
    is `Unprocessable` (`idempotency_mismatch`). Each leg goes through the door that a single order goes through.
    A leg that cannot be an order is reported in a basket and in a multi-leg order; of a kind that means
    one order it raises what a single order would.
    """
    actor.require(Permission.PLACE_ORDERS)
    group_check(intent)
    with transaction.atomic():
        account = account_lock_for(actor, intent.account_id)
        asked = group_hash(intent)
        earlier = group_named(account, intent.client_order_id, asked)
        if earlier is not None:
            return earlier
        single = intent.kind in SINGLE
        legs: list[PlannedLeg | LegRefusal] = [leg_plan(intent, 1, intent.legs[0])] if single else legs_plan(intent)
        group = group_create(actor=actor, account=account, intent=intent, asked=asked, findings=_findings(legs))
        place = place_together if intent.all_or_nothing else place_each
        place(actor=actor, account=account, group=group, legs=legs)
        group_audit(group, actor=actor, action="order_group.submitted")
        return group


def order_submit_sliced(*, actor: Actor, intent: OrderIntent) -> OrderGroup:
    """Place an order that may be above the exchange's freeze quantity as a group of slices, all or none.

    Within the freeze quantity the group has one order. The order's name is the group's.
    """
    leg = LegIntent(order=intent)
    group = GroupIntent(
        account_id=intent.account_id,
        kind=GroupKind.SLICES,
        legs=(leg,),
        client_order_id=intent.client_order_id,
        autoslice=True,
        origin=intent.origin,
    )
    return group_submit(actor=actor, intent=group)


def group_cancel(*, actor: Actor, group_id: UUID) -> OrderGroup:
    """Cancel whatever of a group has not traded, in one transaction. Needs CANCEL_ORDERS.

    A group that has ended is `Conflict`, with how it ended as the code (`group_filled`, `group_cancelled`, …).
    """
    actor.require(Permission.CANCEL_ORDERS)
    with transaction.atomic():
        account = account_lock_for(actor, group_get(actor, group_id).account_id)
        group = group_get(actor, group_id)
        live = list(
            Order.objects.filter(group_id=group.id, status__in=sorted(LIVE))
            .select_related("instrument")
            .order_by("id")
        )
        if not live:
            status = group_state(group)
            raise Conflict(ENDED[status], code=f"group_{status.lower()}")
        for order in live:
            order_withdraw(order, account=account, actor=actor)
        group_audit(group, actor=actor, action="order_group.cancelled")
    return group_get(actor, group_id)


def group_check(intent: GroupIntent) -> None:
    """Raise `InvalidInput` for a group that is not well formed, whatever its legs are."""
    errors = group_shape_errors(intent, most_legs=settings.ORDER_GROUP_LEGS)
    if errors:
        raise InvalidInput(
            "The group is not well formed.",
            code=next(iter(errors.values()))[0][0],
            errors={field: [message for _, message in found] for field, found in errors.items()},
        )


def group_named(account: TradingAccount, client_order_id: str, asked: str) -> OrderGroup | None:
    """The group that the account gave this name to, if it was for the same request. Under the account lock.

    A name that stands for another group or for a single order raises `Unprocessable` (`idempotency_mismatch`).
    """
    group: OrderGroup | None = OrderGroup.objects.filter(
        account_id=account.id, client_order_id=client_order_id
    ).first()
    if group is None and order_named(account, client_order_id) is None:
        return None
    if group is None or group.request_hash != asked:
        raise Unprocessable("This client_order_id was used for something else.", code="idempotency_mismatch")
    return group


def group_create(
    *, actor: Actor, account: TradingAccount, intent: GroupIntent, asked: str, findings: dict[str, Any]
) -> OrderGroup:
    """The row of a new group. The caller holds the account lock."""
    group: OrderGroup = OrderGroup.objects.create(
        organisation_id=account.organisation_id,
        account=account,
        kind=intent.kind,
        name=intent.name,
        client_order_id=intent.client_order_id,
        request_hash=asked,
        all_or_nothing=intent.all_or_nothing,
        findings=findings,
        created_by=actor.label,
        created_at=clock.now(),
    )
    return group


def group_audit(group: OrderGroup, *, actor: Actor, action: str) -> None:
    """One entry for all orders of the group. Last in a transaction: it locks the head of the audit chain."""
    orders = Order.objects.filter(group_id=group.id).select_related("instrument").order_by("leg", "id")
    refused = RefusedLeg.objects.filter(group_id=group.id)
    audit_record(
        actor=actor,
        action=action,
        object_type="order_group",
        object_id=str(group.id),
        data={
            "account": str(group.account_id),
            "kind": group.kind,
            "orders": [
                {
                    "leg": order.leg,
                    "id": str(order.id),
                    "symbol": order.instrument.key,
                    "side": order.side,
                    "quantity": order.quantity,
                    "order_type": order.order_type,
                    "price": None if order.price is None else str(order.price),
                    "status": order.status,
                    "code": order.status_code,
                }
                for order in orders
            ],
            "refused": [{"leg": leg.leg, "symbol": leg.symbol, "code": leg.code} for leg in refused],
        },
    )


def _findings(legs: Sequence[PlannedLeg | LegRefusal]) -> dict[str, Any]:
    found = {str(leg.number): leg.findings for leg in legs if isinstance(leg, PlannedLeg) and leg.findings}
    return {"legs": found} if found else {}
