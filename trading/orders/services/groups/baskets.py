"""Baskets that a user keeps to place again."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput, NotFound
from trading.brokers.domain.terms import Validity
from trading.instruments.selectors import instrument_get
from trading.orders.domain.intent import MAX_PRICE, MAX_QUANTITY, MAX_TEXT
from trading.orders.models import Basket, BasketRow
from trading.orders.selectors.groups import basket_get, baskets_for

MOST_BASKETS = 100


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One order of a basket as it is kept; quantity in units, prices in rupees where the type has them."""

    key: str
    side: str
    quantity: int
    order_type: str
    product: str
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    validity: str = Validity.DAY


@transaction.atomic
def basket_save(*, actor: Actor, name: str, rows: Sequence[KeptRow], basket_id: UUID | None = None) -> Basket:
    """Keep a basket under a name, a new one or in the place of `basket_id`'s. Needs PLACE_ORDERS.

    Raises `InvalidInput` for what can be no basket, `Conflict` (`basket_name_taken`, `too_many_baskets`) and
    `NotFound` for a basket that is not the actor's. Whether the orders can be placed shows when they are.
    """
    actor.require(Permission.PLACE_ORDERS)
    if actor.user_id is None:
        raise InvalidInput("Only a person keeps baskets.", code="no_owner")
    name = name.strip()
    _check(name, rows)
    others = baskets_for(actor).filter(name__iexact=name)
    if basket_id is not None:
        others = others.exclude(id=basket_id)
    if others.exists():
        raise Conflict("A basket of this name exists already.", code="basket_name_taken")
    if basket_id is None:
        if baskets_for(actor).count() >= MOST_BASKETS:
            raise Conflict(f"{MOST_BASKETS} baskets are kept already.", code="too_many_baskets")
        basket = Basket(organisation_id=actor.organisation_id, owner_id=actor.user_id)
    else:
        basket = basket_get(actor, basket_id)
        basket.rows.all().delete()
    basket.name = name
    basket.save()
    BasketRow.objects.bulk_create(
        BasketRow(
            organisation_id=actor.organisation_id,
            basket=basket,
            position=position,
            instrument_id=_instrument_id(row.key, position),
            side=row.side,
            quantity=row.quantity,
            order_type=row.order_type,
            product=row.product,
            price=row.price,
            trigger_price=row.trigger_price,
            validity=row.validity,
        )
        for position, row in enumerate(rows, start=1)
    )
    return basket_get(actor, basket.id)


def basket_delete(*, actor: Actor, basket_id: UUID) -> None:
    """Forget a kept basket. Needs PLACE_ORDERS; orders placed from it are not touched."""
    actor.require(Permission.PLACE_ORDERS)
    basket_get(actor, basket_id).delete()


def _check(name: str, rows: Sequence[KeptRow]) -> None:
    if not name or len(name) > MAX_TEXT or not name.isprintable():
        message = f"must have 1 to {MAX_TEXT} printable characters"
        raise InvalidInput("Name the basket.", code="invalid_name", errors={"name": [message]})
    if not 0 < len(rows) <= settings.ORDER_GROUP_LEGS:
        message = f"must be between 1 and {settings.ORDER_GROUP_LEGS}"
        code = "too_many_legs" if rows else "no_legs"
        raise InvalidInput("A basket has orders.", code=code, errors={"rows": [message]})
    for place, row in enumerate(rows, start=1):
        if not 0 < row.quantity <= MAX_QUANTITY:
            raise _bad(place, "invalid_quantity", f"must be between 1 and {MAX_QUANTITY}")
        if row.price is not None and not 0 < row.price <= MAX_PRICE:
            raise _bad(place, "invalid_price", f"must be above 0 and at most {MAX_PRICE}")
        if row.trigger_price is not None and not 0 < row.trigger_price <= MAX_PRICE:
            raise _bad(place, "invalid_trigger_price", f"must be above 0 and at most {MAX_PRICE}")


def _instrument_id(key: str, place: int) -> int:
    try:
        return instrument_get(key).id
    except NotFound as error:
        raise _bad(place, error.code, error.detail) from error


def _bad(place: int, code: str, message: str) -> InvalidInput:
    return InvalidInput(f"Row {place}: {message}", code=code, errors={"rows": [f"row {place}: {message}"]})
