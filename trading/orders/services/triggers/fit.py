"""Never more exits than the position that they protect."""

from datetime import datetime
from uuid import UUID

from trading.orders.domain.triggers.states import LegRole, LegStatus, TriggerStatus
from trading.orders.models import Trigger, TriggerEventType
from trading.orders.selectors.orders import guards_of_position
from trading.portfolio.models import TradingAccount

from .alarm import notify_owner
from .change import TriggerChange
from .exits import WATCHER, live_exits, live_orders_of, pending, withdraw_all
from .targets import targets_place

NOTHING_LEFT = "position_gone"
GONE = "the position that it guarded is gone."


def position_fit(
    *,
    account: TradingAccount,
    instrument_id: int,
    product: str,
    strategy: str,
    held: int,
    at: datetime,
    spare_order_id: UUID | None = None,
    because: str = "",
) -> int:
    """Cut the triggers of a position down to what is `held` (signed); returns how many were changed or cancelled.

    One that guards more than there is lets go of the difference; one that guards nothing is cancelled with a
    note. Exits that stand in the market never add up to more than the position. `spare_order_id` is the order
    whose fill is being followed, which is let alone. `because` says why units that are held elsewhere now are not
    guarded any more, '' where they are gone; with it the owner is told of a cut too, not of a cancellation alone.
    The caller holds the account lock.
    """
    guards = guards_of_position(
        account_id=account.id, instrument_id=instrument_id, product=product, strategy=strategy
    )
    changed, claimed = 0, 0
    for trigger in guards:
        guarded = max(-held * trigger.exit_side.sign, 0)
        exits = [order for order in live_exits(trigger) if order.id != spare_order_id]
        room = max(guarded - claimed, 0) if exits else guarded
        if trigger.remaining_quantity > room:
            changed += 1
            if room == 0:
                trigger_orphan(trigger, account=account, at=at, because=because or GONE)
                continue
            _reduce(trigger, room, account=account, at=at, spare_order_id=spare_order_id, because=because)
        claimed += min(pending(exits), room)
    return changed


def trigger_orphan(trigger: Trigger, *, account: TradingAccount, at: datetime, because: str = GONE) -> None:
    """Cancel a trigger that has nothing left to guard, with a note. The caller holds the account lock."""
    book = TriggerChange.load(trigger.id, actor=WATCHER, at=at)
    if book.is_final:
        return
    message = f"Cancelled because {because}"
    book.finish(TriggerStatus.CANCELLED, TriggerEventType.CANCELLED, NOTHING_LEFT, message)
    book.save()
    withdraw_all(live_orders_of(book.trigger), account=account, reason="trigger_over")
    notify_owner(book.trigger, account, title="Trigger cancelled", body=message)


def _reduce(
    trigger: Trigger,
    room: int,
    *,
    account: TradingAccount,
    at: datetime,
    spare_order_id: UUID | None,
    because: str,
) -> None:
    book = TriggerChange.load(trigger.id, actor=WATCHER, at=at)
    was = book.trigger.remaining_quantity
    if was <= room:
        # An exit that another guard's cut has let trade was quicker.
        return
    book.trigger.released_quantity += was - room
    book.event(TriggerEventType.REDUCED, was=was, remaining_quantity=room)
    book.save()
    if because:
        body = f"It guards {room} of {was} units from now on, because {because}"
        notify_owner(book.trigger, account, title="Guards less", body=body)
    exits = live_exits(book.trigger)
    if pending(exits) <= room:
        return
    withdraw_all(
        [order for order in exits if order.id != spare_order_id], account=account, reason="trigger_resized"
    )
    book = TriggerChange.load(trigger.id, actor=WATCHER, at=at)
    target = book.legs.get(LegRole.TARGET)
    if target is not None and target.status == LegStatus.ARMED and not book.is_final:
        targets_place(book, account)
