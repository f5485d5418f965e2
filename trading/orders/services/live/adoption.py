"""Gives a row to an order that the broker has and this house did not send, or does not know to have sent."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import system_actor
from accounts.services import audit_record
from core import clock
from core.ids import new_id
from trading.brokers.domain.book import BookEntry, BrokerTrade
from trading.instruments.models import Instrument
from trading.orders.domain.book_reports import PRICED, STOPS
from trading.orders.domain.intent import Origin
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Order, OrderEventType, OrderRoute
from trading.orders.services.live.order_sync import BROKER, apply_books
from trading.orders.services.live.routes import epoch_now
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.notices import notify_outcome
from trading.orders.services.order.posting import order_hold_what_it_can, order_save
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_lock

FOREIGN = ("foreign", "Placed at the broker, not from here.")
LATE = ("late", "It was presumed not placed, and turned up at the broker later.")
DOUBLED = ("doubled", "The broker has this order twice; this is the second.")


class UnknownInstrument(Exception):
    """The broker trades something that this installation has no instrument for."""


@transaction.atomic
def order_adopt(
    account_id: UUID, entry: BookEntry, trades: Sequence[BrokerTrade], *, original: Order | None = None
) -> tuple[Order, int] | None:
    """Write a row for the broker's order, with its trades posted; the row and the number of its fills.

    None when it has one already. `original` is a row of ours that carries the entry's tag and cannot be the one: it
    was refused as presumed not placed, or has another order at the broker. The adopted order holds what the account
    can spare: the broker has accepted it, whatever the ledger here says. Raises `UnknownInstrument`.
    """
    account = account_lock(account_id)
    if Order.objects.filter(account_id=account_id, broker_order_id=entry.broker_order_id).exists():
        return None
    instrument = Instrument.objects.filter(key=entry.key).first()
    if instrument is None:
        raise UnknownInstrument(entry.key)
    order = _row(account, instrument, entry, original)
    change = OrderChange(order, account=account, instrument=instrument, actor=BROKER, at=clock.now())
    code, message = _why(original)
    change.event(
        OrderEventType.ADOPTED,
        broker_order_id=entry.broker_order_id,
        reason=code,
        original=None if original is None else str(original.id),
    )
    change.route = _route(order, entry)
    apply_books(change, entry, trades)
    if order.status != OrderStatus.REJECTED:
        change.explain(code, message)
    fills = order_save(change, hold_paise=0, is_new=True)
    if not change.is_final:
        order_hold_what_it_can(change)
    notify_outcome(order, instrument=instrument, account=account, fills=fills)
    audit_record(
        actor=system_actor(account.organisation_id, BROKER),
        action="order.adopted",
        object_type="order",
        object_id=str(order.id),
        data={"account": str(account.id), "broker_order_id": entry.broker_order_id, "reason": code},
    )
    return order, len(fills)


def _why(original: Order | None) -> tuple[str, str]:
    if original is None:
        return FOREIGN
    return LATE if original.status == OrderStatus.REJECTED else DOUBLED


def _row(account: TradingAccount, instrument: Instrument, entry: BookEntry, original: Order | None) -> Order:
    name = f"foreign-{entry.broker_order_id}"[:64]
    at = clock.now()
    return Order(
        id=new_id(),
        organisation_id=account.organisation_id,
        account=account,
        instrument=instrument,
        client_order_id=name,
        request_hash=hashlib.sha256(name.encode()).hexdigest(),
        side=entry.side,
        quantity=entry.quantity,
        order_type=entry.order_type,
        product=entry.product,
        validity=entry.validity,
        price=entry.price if entry.order_type in PRICED else None,
        trigger_price=entry.trigger_price if entry.order_type in STOPS else None,
        worst_price=entry.price,
        decision_price=entry.trigger_price if entry.order_type in STOPS else None,
        origin=Origin.SYSTEM,
        strategy="" if original is None else original.strategy,
        tag="",
        status=OrderStatus.ROUTING,
        broker_order_id=entry.broker_order_id,
        is_foreign=True,
        placed_by=BROKER,
        created_at=at,
        updated_at=at,
    )


def _route(order: Order, entry: BookEntry) -> OrderRoute:
    now = clock.wall_now()
    return OrderRoute(
        order=order,
        organisation_id=order.organisation_id,
        account_id=order.account_id,
        epoch=epoch_now(),
        requested_at=now,
        claimed_at=now,
        broker_updated_at=entry.updated_at,
    )
