"""Carrying a position on as another product, as far as its orders and the gates let it."""

from uuid import UUID, uuid5

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict, InvalidInput, Unprocessable
from core.ids import new_id
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.gate import GateDecision, OrderAction
from trading.orders.domain.intent import OrderIntent
from trading.orders.domain.states import LIVE
from trading.orders.models import Order
from trading.orders.services.order.context import situation_of
from trading.orders.services.order.gates import verdict_on
from trading.orders.services.triggers.fit import position_fit
from trading.portfolio.domain.trade import product_allowed
from trading.portfolio.models import Position, PositionEvent, TradingAccount
from trading.portfolio.selectors import position_get
from trading.portfolio.services import Conversion, account_lock_for, position_convert

# Judged by the conversion itself, which knows that the units are there already and what is given back.
NOT_OF_A_CONVERSION = frozenset({"insufficient_funds", "insufficient_holdings"})


def conversion_submit(
    *, actor: Actor, position_id: UUID, product: Product, quantity: int | None = None, client_order_id: str = ""
) -> Conversion:
    """Convert an open position, or `quantity` units of it, to another product at its average cost.

    Needs PLACE_ORDERS. The gates are asked as for an order that opens as much in the new product. Raises
    `Conflict` (`position_flat`, `exits_live` while orders would close more than is left, and what
    `position_convert` names), `InvalidInput` for a product or quantity that cannot be, and `Unprocessable` with
    the gate's code. Triggers let go of what was converted, and their owner is told. The same
    `client_order_id` is one conversion; with other terms it is `Unprocessable` (`idempotency_mismatch`).
    """
    actor.require(Permission.PLACE_ORDERS)
    conversion_id = uuid5(position_id, client_order_id) if client_order_id else new_id()
    with transaction.atomic():
        account = account_lock_for(actor, position_get(actor, position_id).account_id)
        position = position_get(actor, position_id)
        open_quantity = position.quantity
        asked = abs(open_quantity) if quantity is None else quantity
        refusal = _refusal(actor, account, position, product, asked)
        try:
            conversion = position_convert(
                account=account,
                position=position,
                quantity=asked,
                to_product=product,
                conversion_id=conversion_id,
            )
        except InvalidInput as error:
            if open_quantity == 0:
                raise Conflict("The position is closed already.", code="position_flat") from error
            raise
        if not conversion.is_new:
            _same_terms(position, conversion_id, product, quantity)
            return conversion
        _no_surplus_exits(position, open_quantity, asked)
        if refusal is not None:
            raise Unprocessable(refusal.message, code=refusal.code)
        position_fit(
            account=account,
            instrument_id=position.instrument_id,
            product=position.product,
            strategy=position.strategy,
            held=conversion.source.quantity,
            at=clock.now(),
            because=f"{asked} units were converted to {product}, where nothing guards them yet: set it anew.",
        )
        audit_record(
            actor=actor,
            action="position.converted",
            object_type="position",
            object_id=str(position.id),
            data={
                "account": str(account.id),
                "symbol": position.instrument.key,
                "quantity": asked,
                "from": position.product,
                "to": str(product),
            },
        )
        return conversion


def _refusal(
    actor: Actor, account: TradingAccount, position: Position, product: Product, quantity: int
) -> GateDecision | None:
    """The first gate against holding so much of the new product; None for what is no conversion anyway."""
    possible = product_allowed(position.instrument.instrument_type, product)
    if not possible or not 0 < quantity <= abs(position.quantity):
        return None
    situation = situation_of(
        actor=actor,
        account=account,
        instrument=position.instrument,
        intent=OrderIntent(
            account_id=account.id,
            key=position.instrument.key,
            side=Side.BUY if position.quantity > 0 else Side.SELL,
            quantity=quantity,
            order_type=OrderType.MARKET,
            product=product,
            client_order_id=f"convert-{new_id().hex}",
            strategy=position.strategy,
        ),
        action=OrderAction.PREVIEW,
    )
    decisions = verdict_on(situation.context.as_whole, today=situation.today).decisions
    return next((each for each in decisions if not each.allowed and each.code not in NOT_OF_A_CONVERSION), None)


def _no_surplus_exits(position: Position, open_quantity: int, quantity: int) -> None:
    """Raise `Conflict` when live orders would close more of the old product than the conversion leaves."""
    side = Side.SELL if open_quantity > 0 else Side.BUY
    exits = Order.objects.filter(
        account_id=position.account_id,
        instrument_id=position.instrument_id,
        product=position.product,
        strategy=position.strategy,
        side=side,
        status__in=sorted(LIVE),
    )
    pending, left = sum(order.pending_quantity for order in exits), abs(open_quantity) - quantity
    if pending > left:
        raise Conflict(
            f"Live orders close {pending} units, and only {left} would be left. Cancel or reduce them first.",
            code="exits_live",
        )


def _same_terms(position: Position, conversion_id: UUID, product: Product, quantity: int | None) -> None:
    first = PositionEvent.objects.filter(position_id=position.id, data__conversion=str(conversion_id)).first()
    if first is None or first.data.get("to") != product or quantity not in (None, abs(first.quantity_change)):
        raise Unprocessable("This key was used for a different conversion.", code="idempotency_mismatch")
