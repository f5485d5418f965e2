"""Triggers follow their orders and their positions, in the transaction of the fill that moved them."""

from collections.abc import Sequence

from trading.orders.domain.states import OrderStatus
from trading.orders.domain.triggers.states import OPEN_LEGS, LegRole, LegStatus, TriggerStatus
from trading.orders.models import Fill, TriggerEventType, TriggerLeg
from trading.orders.services.order.change import OrderChange
from trading.portfolio.models import TradingAccount

from .alarm import leg_refused, leg_too_late, notify_owner
from .change import TriggerChange
from .exits import live_exits, live_orders_of, withdraw_all
from .fit import position_fit
from .targets import targets_place

# Withdrawn by the house for the time being; the leg goes on waiting for its price.
_WATCHED_ON = frozenset({"trigger_sibling", "trigger_resized", "trigger_exit", "position_closed", "square_off"})
_WITHDRAWN = "cancelled"
_TOO_LATE = "intraday_cutoff"
_TOO_FAR_TO_REST = frozenset({"outside_price_band", "price_out_of_band"})


def triggers_follow(change: OrderChange, fills: Sequence[Fill], *, reduces: bool) -> None:
    """Bring triggers in line with what has happened to an order. Called by `order_save`, under the account lock.

    A fill of an entry sizes the exits, a fill of an exit shrinks or ends its sibling, a refusal raises the alarm.
    When the fill has taken the position down, whatever guards more than is left is cut down or cancelled.
    """
    if change.order.trigger_id is not None:
        _follow_own(change, fills)
    if reduces and change.position_quantity is not None:
        order = change.order
        position_fit(
            account=change.account,
            instrument_id=order.instrument_id,
            product=order.product,
            strategy=order.strategy,
            held=change.position_quantity,
            at=change.at,
            spare_order_id=order.id,
        )


def _follow_own(change: OrderChange, fills: Sequence[Fill]) -> None:
    assert change.order.trigger_id is not None
    book = TriggerChange.load(change.order.trigger_id, actor=change.actor, at=change.at)
    leg = book.leg_by_id(change.order.trigger_leg_id)
    if leg.role == LegRole.ENTRY:
        _entry_moved(book, leg, change, fills)
    else:
        _exit_moved(book, leg, change, fills)


def _entry_moved(book: TriggerChange, leg: TriggerLeg, change: OrderChange, fills: Sequence[Fill]) -> None:
    trigger, order = book.trigger, change.order
    # The entry may have been changed since, here or at its broker.
    trigger.quantity = max(order.quantity, trigger.entry_quantity + sum(fill.quantity for fill in fills))
    if fills:
        trigger.entry_quantity += sum(fill.quantity for fill in fills)
        if trigger.status == TriggerStatus.WAITING_ENTRY:
            book.move(TriggerStatus.ACTIVE)
            book.explain("", "")
        book.event(
            TriggerEventType.ENTRY_FILLED,
            quantity=sum(fill.quantity for fill in fills),
            entry_quantity=trigger.entry_quantity,
            price=str(order.average_price),
        )
    if change.is_final and leg.status in OPEN_LEGS:
        book.move_leg(leg, LegStatus.DONE if order.status == OrderStatus.FILLED else LegStatus.CANCELLED)
    if book.is_final:
        # Only a live broker can trade an entry after its trigger has ended.
        book.save()
        if fills:
            body = f"{trigger.entry_quantity} units came in after the trigger had ended: nothing guards them."
            notify_owner(trigger, change.account, title="Unguarded fill", body=body)
        return
    if change.is_final and trigger.entry_quantity == 0:
        code = order.status_code or "entry_not_filled"
        message = order.status_message or "The entry ended without a fill."
        book.finish(TriggerStatus.CANCELLED, TriggerEventType.CANCELLED, code, message)
        book.save()
        return
    if _is_complete(book, entry_ended=change.is_final):
        _complete(book, change.account)
        return
    book.save()
    if fills:
        targets_place(book, change.account)


def _exit_moved(book: TriggerChange, leg: TriggerLeg, change: OrderChange, fills: Sequence[Fill]) -> None:
    trigger, order = book.trigger, change.order
    if fills:
        quantity = sum(fill.quantity for fill in fills)
        trigger.filled_quantity = min(
            trigger.filled_quantity + quantity, trigger.quantity - trigger.released_quantity
        )
        book.event(
            TriggerEventType.FILLED,
            leg=leg.role,
            quantity=quantity,
            filled_quantity=trigger.filled_quantity,
            price=str(order.average_price),
            order=str(order.id),
        )
    if book.is_final:
        book.save()
        return
    if _is_complete(book):
        _complete(book, change.account)
    elif change.is_final and leg.status == LegStatus.FIRED:
        _exit_ended(book, leg, change)
    else:
        _calm(book, leg)
        book.save()


def _calm(book: TriggerChange, leg: TriggerLeg) -> None:
    """An exit that was taken ends the alarm, unless another leg is in it."""
    if book.trigger.status != TriggerStatus.ALARM:
        return
    if any(other.status == LegStatus.REFUSED for other in book.exits):
        return
    leg.refusals = 0
    book.move(TriggerStatus.ACTIVE)
    book.explain("", "")
    book.event(TriggerEventType.RETRIED, leg=leg.role, attempt=leg.attempts)


def _is_complete(book: TriggerChange, *, entry_ended: bool | None = None) -> bool:
    """Whether nothing is left to leave, and nothing more can come in."""
    entry = book.legs.get(LegRole.ENTRY)
    is_in = entry is None or (entry.status not in OPEN_LEGS if entry_ended is None else entry_ended)
    return is_in and book.trigger.remaining_quantity == 0


def _complete(book: TriggerChange, account: TradingAccount) -> None:
    book.finish(TriggerStatus.COMPLETED, TriggerEventType.COMPLETED, "", "")
    book.save()
    withdraw_all(live_orders_of(book.trigger), account=account, reason="trigger_over")


def _exit_ended(book: TriggerChange, leg: TriggerLeg, change: OrderChange) -> None:
    """An exit has left the market with something still to guard."""
    order = change.order
    if live_exits(book.trigger, leg):
        book.save()
        return
    if order.status == OrderStatus.CANCELLED and order.status_code == _WITHDRAWN:
        _leg_withdrawn(book, leg, change)
    elif _is_watched_on(change, leg):
        book.move_leg(leg, LegStatus.ARMED)
        if order.status in (OrderStatus.EXPIRED, OrderStatus.REJECTED) or order.status_code == "position_closed":
            book.event(TriggerEventType.REARMED, leg=leg.role, code=order.status_code)
        book.save()
    elif order.status_code == _TOO_LATE and not book.trigger.protects:
        leg_too_late(book, leg, account=change.account, code=order.status_code, message=order.status_message)
    else:
        leg_refused(
            book,
            leg,
            account=change.account,
            code=order.status_code or "exit_ended",
            message=order.status_message or "The exit left the market before it had filled.",
        )


def _is_watched_on(change: OrderChange, leg: TriggerLeg) -> bool:
    status = change.order.status
    if leg.role == LegRole.TARGET and status == OrderStatus.REJECTED:
        # Too far away for today's band to rest: nothing is lost by watching it from here.
        return change.order.status_code in _TOO_FAR_TO_REST
    return status in (OrderStatus.EXPIRED, OrderStatus.FILLED) or change.order.status_code in _WATCHED_ON


def _leg_withdrawn(book: TriggerChange, leg: TriggerLeg, change: OrderChange) -> None:
    """Somebody took the exit out of the market by hand: that leg is over, and with the last one the trigger."""
    book.move_leg(leg, LegStatus.CANCELLED)
    if any(other.status in OPEN_LEGS for other in book.exits):
        book.event(TriggerEventType.CANCELLED, leg=leg.role, code="exit_withdrawn")
        book.save()
        return
    message = f"Its exit was cancelled by {change.actor}."
    book.finish(TriggerStatus.CANCELLED, TriggerEventType.CANCELLED, "exit_withdrawn", message)
    book.save()
    withdraw_all(live_orders_of(book.trigger), account=change.account, reason="trigger_over")
