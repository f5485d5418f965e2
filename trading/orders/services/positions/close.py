"""Closing positions: one, a part of one, or all of them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput, Unprocessable
from core.ids import new_id
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.gate import GateDecision
from trading.orders.domain.group import GroupIntent, GroupKind, LegIntent, group_hash
from trading.orders.domain.intent import MAX_QUANTITY, OrderIntent, Origin
from trading.orders.domain.states import LIVE, OrderStatus
from trading.orders.models import Order
from trading.orders.services.groups.legs import REFUSALS, PlannedLeg, leg_plan, reason_of
from trading.orders.services.groups.place import group_audit, group_create
from trading.orders.services.groups.placing import leg_place
from trading.orders.services.order.cancel import cancellation_audit, order_withdraw
from trading.orders.services.order.submit import intent_check, order_accept, order_named
from trading.portfolio.models import Position, TradingAccount
from trading.portfolio.selectors import account_get, position_get
from trading.portfolio.services import account_lock_for

# How the tag of an order begins that closes a position.
CLOSING = "close:"


@dataclass(frozen=True, slots=True)
class CloseTerms:
    """How much to close (None: all that is open) and at which limit (None: at market)."""

    quantity: int | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CloseReport:
    """What became of closing one position: the order that closes it, or the reason why there is none."""

    position: Position
    order: Order | None
    code: str = ""
    message: str = ""


EVERYTHING = CloseTerms()


@transaction.atomic
def position_close(
    *,
    actor: Actor,
    position_id: UUID,
    terms: CloseTerms = EVERYTHING,
    client_order_id: str = "",
    origin: Origin = Origin.MANUAL,
) -> Order:
    """Sell or buy back the open quantity or a part of it, at market or at a limit. Needs PLACE_ORDERS.

    Above the exchange's freeze quantity it becomes slices of one group, of which the first is returned.
    Exits that rest are cancelled as far as they would close more than is left, the newest first, or they would open
    a new position once this one is gone; a close that is refused leaves them as they are. A close at a limit
    rests like any other exit. One at market at a time: while an earlier one is live it is `Conflict`
    (`close_in_flight`), and a flat position is `Conflict` (`position_flat`). The same `client_order_id`
    returns the first close again.
    """
    actor.require(Permission.PLACE_ORDERS)
    account = account_lock_for(actor, position_get(actor, position_id).account_id)
    position = position_get(actor, position_id)
    tag = f"{CLOSING}{position.id.hex}"
    earlier = order_named(account, client_order_id)
    if earlier is not None:
        if earlier.tag != tag:
            raise Unprocessable("This key was used for a different order.", code="idempotency_mismatch")
        return earlier
    if position.quantity == 0:
        raise Conflict("The position is closed already.", code="position_flat")
    in_flight = Order.objects.filter(
        account_id=account.id, tag=tag, order_type=OrderType.MARKET, status__in=sorted(LIVE)
    )
    if in_flight.exists():
        raise Conflict("A close of this position is in the market already.", code="close_in_flight")
    intent = _closing(position, terms, client_order_id or f"close-{new_id().hex}", origin, tag)
    intent_check(intent, is_sliced=True)
    try:
        with transaction.atomic():
            return _close(actor, account, position, intent)
    except _CloseRefused as refused:
        # The account's balance in memory is that of the attempt.
        account = account_lock_for(actor, account.id)
        return order_accept(
            actor=actor,
            account=account,
            instrument=position.instrument,
            intent=intent,
            refused=refused.decision,
        )


def positions_close_all(
    *,
    actor: Actor,
    account_id: UUID | None = None,
    strategy: str | None = None,
    product: str = "",
    client_order_id: str = "",
    origin: Origin = Origin.MANUAL,
    leave: Collection[int] = (),
) -> list[CloseReport]:
    """Close every open position that the actor may see, or those of an account, a strategy, a product.

    Needs PLACE_ORDERS; `NotFound` for an account that the actor may not see. One transaction a position, so that
    one that cannot be closed keeps no other open. Positions in the instruments of `leave` stay as they are.
    With a `client_order_id` each close is named after it and its position, so that a repeat closes none twice.
    """
    actor.require(Permission.PLACE_ORDERS)
    if account_id is not None:
        account_id = account_get(actor, account_id).id
    reports = []
    for position in positions_open(actor, account_id=account_id, strategy=strategy, product=product):
        if position.instrument_id in leave:
            continue
        name = uuid5(position.id, client_order_id).hex if client_order_id else ""
        try:
            order = position_close(actor=actor, position_id=position.id, client_order_id=name, origin=origin)
        except REFUSALS as error:
            reports.append(CloseReport(position, None, error.code, reason_of(error)))
            continue
        refused = order.status == OrderStatus.REJECTED
        reports.append(
            CloseReport(
                position,
                order,
                order.status_code if refused else "",
                order.status_message if refused else "",
            )
        )
    return reports


def positions_open(
    actor: Actor, *, account_id: UUID | None = None, strategy: str | None = None, product: str = ""
) -> list[Position]:
    """What `positions_close_all` would close, shorts first: they are what can still run away."""
    found = Position.objects.for_actor(actor).exclude(quantity=0).select_related("instrument", "account")
    if account_id is not None:
        found = found.filter(account_id=account_id)
    if strategy is not None:
        found = found.filter(strategy=strategy)
    if product:
        found = found.filter(product=product)
    return sorted(found, key=lambda position: (position.quantity > 0, position.instrument.key, position.id))


class _CloseRefused(Exception):
    """Takes the cancellations back."""

    def __init__(self, decision: GateDecision) -> None:
        super().__init__()
        self.decision = decision


def _close(actor: Actor, account: TradingAccount, position: Position, intent: OrderIntent) -> Order:
    exits = _surplus_exits(position, intent)
    for resting in exits:
        order_withdraw(resting, account=account, actor=actor, reason="position_closed")
    order = _place(actor, account, position, intent)
    if exits and order.status == OrderStatus.REJECTED:
        raise _CloseRefused(GateDecision("close", False, order.status_code, order.status_message))
    for resting in exits:
        cancellation_audit(resting, actor=actor)
    return order


def _surplus_exits(position: Position, intent: OrderIntent) -> list[Order]:
    """The resting exits, newest first, that would close more than this close leaves open."""
    left = abs(position.quantity) - intent.quantity
    resting = Order.objects.filter(
        account_id=position.account_id,
        instrument_id=position.instrument_id,
        product=position.product,
        strategy=position.strategy,
        side=intent.side,
        status__in=sorted(LIVE),
    ).select_related("instrument")
    exits = list(resting.order_by("-id"))
    surplus = sum(order.pending_quantity for order in exits) - left
    taken = []
    for order in exits:
        if surplus <= 0:
            break
        taken.append(order)
        surplus -= order.pending_quantity
    return taken


def _place(actor: Actor, account: TradingAccount, position: Position, intent: OrderIntent) -> Order:
    """The close as one order, or as the first of its slices."""
    instrument = position.instrument
    group_intent = GroupIntent(
        account_id=account.id,
        kind=GroupKind.SLICES,
        legs=(LegIntent(order=intent),),
        client_order_id=intent.client_order_id,
        autoslice=True,
        origin=intent.origin,
    )
    leg: PlannedLeg = leg_plan(group_intent, 1, group_intent.legs[0])
    if len(leg.slices) == 1:
        return order_accept(actor=actor, account=account, instrument=instrument, intent=intent)
    group = group_create(
        actor=actor, account=account, intent=group_intent, asked=group_hash(group_intent), findings={}
    )
    first = leg_place(actor=actor, account=account, group=group, leg=leg)[0]
    group_audit(group, actor=actor, action="order_group.submitted")
    return first


def _closing(position: Position, terms: CloseTerms, client_order_id: str, origin: Origin, tag: str) -> OrderIntent:
    closable = _closable(position)
    quantity = closable if terms.quantity is None else terms.quantity
    if not 0 < quantity <= closable:
        message = f"Between 1 and {closable} units can be closed."
        raise InvalidInput(message, code="invalid_quantity", errors={"quantity": [message]})
    intent = OrderIntent(
        account_id=position.account_id,
        key=position.instrument.key,
        side=Side.SELL if position.quantity > 0 else Side.BUY,
        quantity=quantity,
        order_type=OrderType.MARKET,
        product=Product(position.product),
        client_order_id=client_order_id,
        origin=origin,
        strategy=position.strategy,
        tag=tag,
    )
    return intent if terms.price is None else replace(intent, order_type=OrderType.LIMIT, price=terms.price)


def _closable(position: Position) -> int:
    """The open quantity, or as much of it as may be sent at once."""
    freeze, lot = position.instrument.freeze_quantity, position.instrument.lot_size
    most = MAX_QUANTITY
    if freeze is not None:
        most = min(most, freeze // lot * lot * settings.ORDER_SLICES_MAX)
    return min(abs(position.quantity), most // lot * lot)
