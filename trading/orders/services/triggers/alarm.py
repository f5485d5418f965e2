"""An exit that was refused: never silence. Somebody is told, the screens show it, and it is tried again."""

from uuid import UUID

from accounts.domain.permissions import Role
from accounts.models import Membership
from notifications.models import NotificationKind
from notifications.services import notification_send
from trading.orders.domain.triggers.retry import next_attempt_at
from trading.orders.domain.triggers.states import LegStatus, TriggerStatus
from trading.orders.models import Trigger, TriggerEventType, TriggerLeg
from trading.portfolio.models import TradingAccount

from .change import TriggerChange


def leg_refused(book: TriggerChange, leg: TriggerLeg, *, account: TradingAccount, code: str, message: str) -> None:
    """Put the trigger into ALARM, plan the next attempt and save. Tells people at first, and of each new reason.

    The caller holds the account lock.
    """
    trigger = book.trigger
    is_news = trigger.status != TriggerStatus.ALARM or trigger.status_code != code
    if trigger.status != TriggerStatus.ALARM:
        book.move(TriggerStatus.ALARM)
    book.move_leg(leg, LegStatus.REFUSED)
    leg.refusals += 1
    leg.next_attempt_at = next_attempt_at(leg.refusals, book.at)
    book.explain(code, message)
    book.event(
        TriggerEventType.REFUSED,
        leg=leg.role,
        attempt=leg.attempts,
        code=code,
        message=message,
        next_attempt_at=leg.next_attempt_at.isoformat(),
    )
    book.save()
    if is_news:
        _raise(trigger, leg, account, f"{message} It is tried again until it is taken, or you cancel the trigger.")


def leg_too_late(book: TriggerChange, leg: TriggerLeg, *, account: TradingAccount, code: str, message: str) -> None:
    """End a trigger whose order this session takes no more, with one alarm and no further attempt.

    For one that guards nothing and would open an INTRADAY position: no attempt can succeed before its session is
    over, and its price means nothing in the next. The caller holds the account lock.
    """
    book.event(
        TriggerEventType.REFUSED,
        leg=leg.role,
        attempt=leg.attempts,
        code=code,
        message=message,
        next_attempt_at=None,
    )
    book.finish(TriggerStatus.EXPIRED, TriggerEventType.EXPIRED, code, message)
    book.save()
    _raise(book.trigger, leg, account, f"{message} The trigger has ended with its session.")


def _raise(trigger: Trigger, leg: TriggerLeg, account: TradingAccount, what: str) -> None:
    exit_ = f"{trigger.exit_side} {trigger.remaining_quantity} {trigger.instrument.key}"
    for user_id in _concerned(account):
        notification_send(
            organisation_id=trigger.organisation_id,
            user_id=user_id,
            kind=NotificationKind.ALARM,
            title=f"ALARM: {leg.role.lower()} not placed: {exit_}",
            body=f"{account.name}: {what}",
            link=f"/triggers/{trigger.id}/",
        )


def _concerned(account: TradingAccount) -> list[UUID]:
    """The account's owner, then the organisation's risk managers."""
    managers = Membership.objects.filter(
        organisation_id=account.organisation_id, role=Role.RISK_MANAGER, user__is_active=True
    )
    return list(dict.fromkeys([account.owner_id, *managers.values_list("user_id", flat=True)]))


def notify_owner(trigger: Trigger, account: TradingAccount, *, title: str, body: str) -> None:
    """Tell the account's owner what the house has done to a trigger on its own account."""
    notification_send(
        organisation_id=trigger.organisation_id,
        user_id=account.owner_id,
        kind=NotificationKind.RISK,
        title=f"{title}: {trigger.exit_side} {trigger.instrument.key}",
        body=body,
        link=f"/triggers/{trigger.id}/",
    )
