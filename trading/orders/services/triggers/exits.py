"""The orders by which a trigger leaves a position: which are in the market, and placing one more."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from uuid import UUID

from accounts.domain.actor import Actor, system_actor
from core.money import round_to_tick
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.gate import GateDecision
from trading.orders.domain.intent import MAX_TEXT, OrderIntent, Origin
from trading.orders.domain.states import LIVE
from trading.orders.domain.triggers.states import LegStatus
from trading.orders.models import Order, Trigger, TriggerEventType, TriggerLeg
from trading.orders.services.order.cancel import order_withdraw
from trading.orders.services.order.submit import order_accept, order_named
from trading.portfolio.models import TradingAccount

from .change import TriggerChange

WATCHER = "trigger"


def watcher(organisation_id: UUID) -> Actor:
    """The house, when it acts for a trigger."""
    return system_actor(organisation_id, WATCHER)


def live_exits(trigger: Trigger, leg: TriggerLeg | None = None) -> list[Order]:
    """Its exits in the market, of one leg or of all, the oldest first."""
    orders = live_orders_of(trigger)
    exits = [order for order in orders if order.side == trigger.exit_side]
    return exits if leg is None else [order for order in exits if order.trigger_leg_id == leg.id]


def live_orders_of(trigger: Trigger) -> list[Order]:
    """Its orders in the market, entry and exits, the oldest first. The caller holds the account lock."""
    live = Order.objects.filter(trigger_id=trigger.id, status__in=sorted(LIVE)).select_related("instrument")
    return list(live.order_by("id"))


def pending(orders: list[Order]) -> int:
    """The units that these orders may still trade."""
    return sum(order.pending_quantity for order in orders)


def withdraw_all(orders: list[Order], *, account: TradingAccount, reason: str) -> None:
    """Take orders out of the market, for one of `CANCEL_MESSAGES`. The caller holds the account lock."""
    for order in orders:
        order_withdraw(order, account=account, actor=watcher(account.organisation_id), reason=reason)


def whole_lots(trigger: Trigger, quantity: int) -> int:
    """As much of a quantity as the exchange takes in one order."""
    lot = trigger.instrument.lot_size
    return quantity // lot * lot


def exit_place(
    book: TriggerChange,
    leg: TriggerLeg,
    *,
    account: TradingAccount,
    quantity: int,
    event_type: TriggerEventType,
    refused: GateDecision | None = None,
) -> Order:
    """Send one exit through the door that every order goes through; saves the trigger before.

    What becomes of it reaches the trigger by `triggers_follow`, a refusal too. Its name is made of the leg and
    the number of the attempt, so the database itself refuses to fire one attempt twice. The caller holds the
    account lock.
    """
    trigger = book.trigger
    leg.attempts += 1
    while order_named(account, _name(leg)) is not None:
        leg.attempts += 1
    intent = _intent(trigger, leg, quantity)
    book.move_leg(leg, LegStatus.FIRED)
    book.event(
        event_type,
        leg=leg.role,
        attempt=leg.attempts,
        quantity=quantity,
        order_type=intent.order_type,
        price=None if intent.price is None else str(intent.price),
    )
    book.save()
    return order_accept(
        actor=watcher(trigger.organisation_id),
        account=account,
        instrument=trigger.instrument,
        intent=intent,
        trigger_leg=leg,
        refused=refused,
    )


def _name(leg: TriggerLeg) -> str:
    return f"trg-{leg.id.hex}-{leg.attempts}"[:MAX_TEXT]


def _intent(trigger: Trigger, leg: TriggerLeg, quantity: int) -> OrderIntent:
    return OrderIntent(
        account_id=trigger.account_id,
        key=trigger.instrument.key,
        side=trigger.exit_side,
        quantity=quantity,
        order_type=OrderType(leg.order_type),
        product=Product(trigger.product),
        client_order_id=_name(leg),
        price=None if leg.price is None else _on_tick(leg.price, trigger),
        origin=Origin.TRIGGER,
        strategy=trigger.strategy,
        decision_price=leg.trigger_price,
    )


def _on_tick(price: Decimal, trigger: Trigger) -> Decimal:
    """A tick may have changed since the trigger was made: never a worse chance to fill for it."""
    tick = trigger.instrument.tick_size
    rounding = ROUND_FLOOR if trigger.exit_side is Side.SELL else ROUND_CEILING
    return max(round_to_tick(price, tick, rounding), tick)
