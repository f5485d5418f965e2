"""Triggers whose prices mean nothing any more: a split or a bonus has moved every price at once."""

from datetime import date
from uuid import UUID

from django.db import transaction

from core import clock
from trading.instruments.models import CorporateAction
from trading.orders.domain.triggers.states import OPEN_TRIGGERS, TriggerStatus
from trading.orders.models import Trigger, TriggerEventType
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_lock

from .alarm import notify_owner
from .change import TriggerChange
from .exits import WATCHER, live_orders_of, withdraw_all

_RESHAPES = [CorporateAction.Kind.SPLIT, CorporateAction.Kind.BONUS]


def is_reshaped(trigger: Trigger, day: date) -> bool:
    """Whether a price that was set before the ex-date would be compared with one of after it."""
    actions = CorporateAction.objects.filter(
        instrument_id=trigger.instrument_id, kind__in=_RESHAPES, ex_date__lte=day
    )
    latest = actions.order_by("-ex_date").values_list("ex_date", flat=True).first()
    return latest is not None and trigger.created_at < clock.ist_day_start(latest)


def reshaped_cancel() -> int:
    """Cancel the open triggers of instruments whose ex-date is today; returns how many. For the sweep."""
    today = clock.trading_date()
    actions = CorporateAction.objects.filter(kind__in=_RESHAPES, ex_date=today)
    stale = Trigger.objects.filter(
        instrument_id__in=list(actions.values_list("instrument_id", flat=True)),
        status__in=sorted(OPEN_TRIGGERS),
        created_at__lt=clock.ist_day_start(today),
    )
    return sum(_cancel(*row) for row in stale.order_by("account_id", "id").values_list("id", "account_id"))


@transaction.atomic
def _cancel(trigger_id: UUID, account_id: UUID) -> bool:
    account = account_lock(account_id)
    book = TriggerChange.load(trigger_id, actor=WATCHER, at=clock.now())
    if book.is_final:
        return False
    reshaped_end(book, account=account)
    return True


def reshaped_end(book: TriggerChange, *, account: TradingAccount) -> None:
    """End such a trigger and tell its owner to set it anew. The caller holds the account lock."""
    message = "Cancelled because a split or a bonus has changed every price: set it anew."
    book.finish(TriggerStatus.CANCELLED, TriggerEventType.CANCELLED, "corporate_action", message)
    book.save()
    withdraw_all(live_orders_of(book.trigger), account=account, reason="trigger_over")
    notify_owner(book.trigger, account, title="Trigger cancelled", body=message)
