"""Reads of groups of orders: one with its legs, many, and how a whole stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.domain.actor import Actor
from core.errors import NotFound
from trading.orders.domain.group import GroupStatus, LegState, group_status
from trading.orders.domain.states import LIVE, OrderStatus
from trading.orders.models import Basket, BasketRow, Order, OrderGroup, RefusedLeg
from trading.orders.selectors.orders import order_shape, price_text


@dataclass(frozen=True, slots=True)
class GroupLeg:
    """One leg of a group: its orders (several when it was sliced), or the reason why it has none."""

    number: int
    symbol: str
    side: str
    orders: tuple[Order, ...]
    refused: RefusedLeg | None

    @property
    def quantity(self) -> int:
        return self.refused.quantity if self.refused else sum(order.quantity for order in self.orders)

    @property
    def filled_quantity(self) -> int:
        return sum(order.filled_quantity for order in self.orders)

    @property
    def status(self) -> GroupStatus:
        return group_status(_states(self.orders, 1 if self.refused else 0))

    @property
    def reason(self) -> tuple[str, str] | None:
        """(code, message) of what ended or refused it, None when there is nothing to say."""
        if self.refused:
            return self.refused.code, self.refused.message
        told = next((order for order in self.orders if order.status_code), None)
        return None if told is None else (told.status_code, told.status_message)


def groups_for(actor: Actor) -> QuerySet[OrderGroup]:
    """Groups of the accounts that the actor may see, newest first, with their orders and refused legs."""
    orders = Order.objects.select_related("instrument").order_by("leg", "id")
    found: QuerySet[OrderGroup] = (
        OrderGroup.objects.for_actor(actor)
        .select_related("account")
        .prefetch_related(Prefetch("orders", orders), Prefetch("refused_legs", RefusedLeg.objects.order_by("leg")))
    )
    return found


def group_get(actor: Actor, group_id: UUID) -> OrderGroup:
    """One group that the actor may see; any other is NotFound."""
    group = groups_for(actor).filter(id=group_id).first()
    if group is None:
        raise NotFound("There is no such group of orders.", code="unknown_order_group")
    return group


def groups_filtered(
    actor: Actor, *, account_id: UUID | None = None, kind: str = "", only_live: bool = False
) -> QuerySet[OrderGroup]:
    """Groups by account, kind, and whether any of their orders may still trade."""
    groups = groups_for(actor)
    if account_id:
        groups = groups.filter(account_id=account_id)
    if kind:
        groups = groups.filter(kind=kind)
    if only_live:
        live = Order.objects.filter(status__in=sorted(LIVE), group__isnull=False).values("group_id")
        groups = groups.filter(id__in=live)
    return groups


def group_state(group: OrderGroup) -> GroupStatus:
    """How the whole stands."""
    return group_status(_states(group.orders.all(), len(group.refused_legs.all())))


def group_legs(group: OrderGroup) -> list[GroupLeg]:
    """The group's legs by number."""
    legs = [
        GroupLeg(
            leg.leg,
            leg.symbol,
            leg.side,
            (),
            leg,
        )
        for leg in group.refused_legs.all()
    ]
    for number, members in groupby(group.orders.all(), key=lambda order: order.leg):
        orders = tuple(members)
        legs.append(GroupLeg(number or 0, orders[0].instrument.key, orders[0].side, orders, None))
    return sorted(legs, key=lambda leg: leg.number)


def group_orders(group: OrderGroup) -> list[Order]:
    """The group's orders, by leg and in the order of placing."""
    return list(group.orders.all())


def group_shape(group: OrderGroup) -> dict[str, Any]:
    """The group as the API shows it, with a report of each leg."""
    return {
        "id": str(group.id),
        "client_order_id": group.client_order_id,
        "account": str(group.account_id),
        "kind": group.kind,
        "name": group.name,
        "status": str(group_state(group)),
        "all_or_nothing": group.all_or_nothing,
        "legs": [_leg_shape(leg, group.findings.get("legs", {})) for leg in group_legs(group)],
        "created_by": group.created_by,
        "created_at": group.created_at.isoformat(),
    }


def _leg_shape(leg: GroupLeg, findings: dict[str, Any]) -> dict[str, Any]:
    reason = leg.reason
    return {
        "leg": leg.number,
        "symbol": leg.symbol,
        "side": leg.side,
        "quantity": leg.quantity,
        "filled_quantity": leg.filled_quantity,
        "status": str(leg.status),
        "status_reason": None if reason is None else {"code": reason[0], "message": reason[1]},
        "found": findings.get(str(leg.number)),
        "orders": [order_shape(order) for order in leg.orders],
    }


def target_shape(group: OrderGroup) -> dict[str, Any]:
    """The answer to a target order: what was found, what was sent, and what it means in words."""
    orders = group_orders(group)
    found: dict[str, Any] = group.findings
    message = "Nothing to send: the position and its live orders make up the target."
    if orders:
        total = sum(order.quantity for order in orders)
        message = (
            f"{orders[0].side} {total} {orders[0].instrument.key}: {orders[0].status.replace('_', ' ').lower()}."
        )
    return {
        "group": str(group.id),
        **found,
        "message": message,
        "order": order_shape(orders[0]) if orders else None,
        "slices": [order_shape(order) for order in orders],
    }


def baskets_for(actor: Actor) -> QuerySet[Basket]:
    """The actor's own kept baskets by name, with their rows."""
    rows = BasketRow.objects.select_related("instrument").order_by("position")
    found: QuerySet[Basket] = (
        Basket.objects.for_actor(actor).filter(owner_id=actor.user_id).prefetch_related(Prefetch("rows", rows))
    )
    return found


def basket_get(actor: Actor, basket_id: UUID) -> Basket:
    """One kept basket of the actor's; any other is NotFound."""
    basket = baskets_for(actor).filter(id=basket_id).first()
    if basket is None:
        raise NotFound("There is no such basket.", code="unknown_basket")
    return basket


def basket_shape(basket: Basket) -> dict[str, Any]:
    """A kept basket as the API shows it."""
    return {
        "id": str(basket.id),
        "name": basket.name,
        "rows": [
            {
                "symbol": row.instrument.key,
                "side": row.side,
                "quantity": row.quantity,
                "order_type": row.order_type,
                "product": row.product,
                "price": price_text(row.price),
                "trigger_price": price_text(row.trigger_price),
                "validity": row.validity,
            }
            for row in basket.rows.all()
        ],
        "updated_at": basket.updated_at.isoformat(),
    }


def _states(orders: Iterable[Order], refused: int) -> list[LegState]:
    states = [LegState(OrderStatus(order.status), order.filled_quantity) for order in orders]
    return states + [LegState(OrderStatus.REJECTED)] * refused
