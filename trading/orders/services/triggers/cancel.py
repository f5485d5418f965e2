"""Ending triggers: on request, all at once, or because their last day is over."""

from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict
from trading.orders.domain.triggers.states import OPEN_TRIGGERS, TriggerStatus
from trading.orders.models import Trigger, TriggerEventType
from trading.orders.selectors.triggers import trigger_get, triggers_for
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import account_get
from trading.portfolio.services import account_lock, account_lock_for

from .change import TriggerChange
from .exits import WATCHER, live_orders_of, withdraw_all


@transaction.atomic
def trigger_cancel(*, actor: Actor, trigger_id: UUID) -> Trigger:
    """End a trigger and take its orders out of the market; what has filled stays. Needs CANCEL_ORDERS.

    One that has ended already is `Conflict` (`trigger_final`), as with orders.
    """
    actor.require(Permission.CANCEL_ORDERS)
    account = account_lock_for(actor, trigger_get(actor, trigger_id).account_id)
    trigger = trigger_get(actor, trigger_id)
    if not trigger.is_open:
        raise Conflict(f"The trigger is {trigger.status.lower()} already.", code="trigger_final")
    _cancel(trigger.id, account=account, actor=actor)
    audit_record(
        actor=actor,
        action="trigger.cancelled",
        object_type="trigger",
        object_id=str(trigger.id),
        data={"kind": trigger.kind, "quantity": trigger.quantity, "filled_quantity": trigger.filled_quantity},
    )
    return trigger_get(actor, trigger_id)


def triggers_cancel_all(
    *, actor: Actor, account_id: UUID | None = None, strategy: str | None = None
) -> list[Trigger]:
    """End every open trigger that the actor may see, or those of one account or strategy. Needs CANCEL_ORDERS.

    One transaction an account. Raises `NotFound` for an account that the actor may not see.
    """
    actor.require(Permission.CANCEL_ORDERS)
    wanted = triggers_for(actor).filter(status__in=sorted(OPEN_TRIGGERS))
    if account_id is not None:
        wanted = wanted.filter(account_id=account_get(actor, account_id).id)
    if strategy is not None:
        wanted = wanted.filter(strategy=strategy)
    accounts = sorted(set(wanted.order_by().values_list("account_id", flat=True)))
    return [trigger for account in accounts for trigger in _cancel_account(actor, account, strategy)]


@transaction.atomic
def _cancel_account(actor: Actor, account_id: UUID, strategy: str | None) -> list[Trigger]:
    account = account_lock_for(actor, account_id)
    wanted = triggers_for(actor).filter(account_id=account_id, status__in=sorted(OPEN_TRIGGERS))
    if strategy is not None:
        wanted = wanted.filter(strategy=strategy)
    ids = list(wanted.values_list("id", flat=True))
    for trigger_id in ids:
        _cancel(trigger_id, account=account, actor=actor)
    audit_record(
        actor=actor,
        action="trigger.all_cancelled",
        object_type="trading_account",
        object_id=str(account_id),
        data={"triggers": [str(trigger_id) for trigger_id in ids]},
    )
    return list(triggers_for(actor).filter(id__in=ids))


def _cancel(trigger_id: UUID, *, account: TradingAccount, actor: Actor) -> None:
    book = TriggerChange.load(trigger_id, actor=actor.label, at=clock.now())
    message = "Cancelled on request."
    book.finish(TriggerStatus.CANCELLED, TriggerEventType.CANCELLED, "cancelled", message)
    book.save()
    withdraw_all(live_orders_of(book.trigger), account=account, reason="trigger_over")


@transaction.atomic
def trigger_expire(*, trigger_id: UUID, account_id: UUID) -> bool:
    """End a trigger whose last day is over; False when it was ended already. For the sweep, in a system scope."""
    account = account_lock(account_id)
    at = clock.now()
    book = TriggerChange.load(trigger_id, actor=WATCHER, at=at)
    if book.is_final or book.trigger.expires_on >= clock.trading_date(at):
        return False
    expire_locked(book, account=account)
    return True


def expire_locked(book: TriggerChange, *, account: TradingAccount) -> None:
    """As `trigger_expire`, for a caller that holds the account lock and knows that the day is over."""
    message = f"It was to be watched until {book.trigger.expires_on:%d %b %Y}."
    book.finish(TriggerStatus.EXPIRED, TriggerEventType.EXPIRED, "expired", message)
    book.save()
    withdraw_all(live_orders_of(book.trigger), account=account, reason="trigger_over")
