"""A strategy as an order: its legs that are not held, placed together."""

from collections.abc import Sequence
from uuid import UUID

from core.errors import InvalidInput
from trading.brokers.domain.terms import OrderType, Product
from trading.orders.domain.group import GroupIntent, GroupKind, LegIntent
from trading.orders.domain.intent import OrderIntent, Origin
from trading.orders.selectors.strategies.legs import NamedLeg


def strategy_order(
    *,
    account_id: UUID,
    legs: Sequence[NamedLeg],
    product: Product,
    client_order_id: str,
    origin: Origin,
    name: str = "",
    all_or_nothing: bool = True,
    autoslice: bool = False,
) -> GroupIntent:
    """The multi-leg order that these legs make: LIMIT where a price is given, MARKET elsewhere; held legs left out.

    A share is carried as DELIVERY where contracts are carried as NORMAL. Raises InvalidInput (`nothing_to_send`)
    where every leg is held.
    """
    sent = [leg for leg in legs if not leg.asked.is_held]
    if not sent:
        raise InvalidInput("Every leg is a position already: there is nothing to send.", code="nothing_to_send")
    return GroupIntent(
        account_id=account_id,
        kind=GroupKind.MULTI_LEG,
        legs=tuple(
            LegIntent(
                order=OrderIntent(
                    account_id=account_id,
                    key=leg.instrument.key,
                    side=leg.asked.side,
                    quantity=leg.asked.lots,
                    order_type=OrderType.MARKET if leg.asked.price is None else OrderType.LIMIT,
                    product=product_for(leg, product),
                    price=leg.asked.price,
                    client_order_id="",
                    origin=origin,
                ),
                lots=leg.asked.lots,
            )
            for leg in sent
        ),
        client_order_id=client_order_id,
        name=name,
        all_or_nothing=all_or_nothing,
        autoslice=autoslice,
        origin=origin,
    )


def product_for(leg: NamedLeg, product: Product) -> Product:
    """The product of one leg of a strategy in `product`."""
    is_share = not leg.instrument.underlying
    return Product.DELIVERY if is_share and product is Product.NORMAL else product
