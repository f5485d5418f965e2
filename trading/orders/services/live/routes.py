"""Whether the way to an account's broker is open, and in which epoch."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q

from core import clock
from notifications.models import NotificationKind
from notifications.services import notification_send
from trading.brokers.registry import NoRoute, broker_for
from trading.orders.models import AccountRoute, RouterEpoch
from trading.portfolio.models import TradingAccount

RECONCILING = ("reconciling", "The account is being compared with its broker; orders wait until that is done.")


def route_refusal(account: TradingAccount) -> tuple[str, str] | None:
    """The code and message of what keeps orders from the account's broker now; None when nothing does.

    A paper account costs no query. A live one needs an adapter, and a reconciliation in the present epoch.
    """
    if account.is_paper:
        return None
    try:
        broker_for(account)
    except NoRoute as error:
        return ("no_route", str(error))
    route = AccountRoute.objects.filter(account_id=account.id, is_reconciled=True, epoch=epoch_now()).exists()
    return None if route else RECONCILING


def epoch_now() -> int:
    """The number of the router's present epoch; 0 before a router ever ran."""
    found: int | None = RouterEpoch.objects.order_by("-number").values_list("number", flat=True).first()
    return found or 0


def route_lease(account: TradingAccount, *, seconds: float) -> bool:
    """Whether this process may look after the account for so long. Saves work; nothing depends on it."""
    now = clock.wall_now()
    AccountRoute.objects.get_or_create(account_id=account.id, defaults={"organisation_id": account.organisation_id})
    free = AccountRoute.objects.filter(account_id=account.id).filter(
        Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    )
    return bool(free.update(leased_until=now + timedelta(seconds=seconds)))


def route_release(account_id: UUID) -> None:
    """Let another process look after the account."""
    AccountRoute.objects.filter(account_id=account_id).update(leased_until=None)


def route_read(account: TradingAccount, read_at: datetime, *, is_reconciled: bool) -> None:
    """Note a good read; a complete one opens the way in the present epoch."""
    values: dict[str, object] = {"read_at": read_at, "failures": 0, "last_error": ""}
    if is_reconciled:
        values |= {"is_reconciled": True, "reconciled_at": clock.wall_now(), "epoch": epoch_now()}
    AccountRoute.objects.update_or_create(
        account_id=account.id,
        defaults=values,
        create_defaults={"organisation_id": account.organisation_id, **values},
    )


def route_unread(account: TradingAccount, error: str) -> None:
    """Note a read that failed; after too long without a good one the way is closed until a reconciliation."""
    AccountRoute.objects.get_or_create(account_id=account.id, defaults={"organisation_id": account.organisation_id})
    mine = AccountRoute.objects.filter(account_id=account.id)
    mine.update(failures=F("failures") + 1, last_error=error[:255])
    stale = clock.wall_now() - settings.ROUTE_STALE_AFTER
    closed = mine.filter(is_reconciled=True, read_at__lt=stale).update(is_reconciled=False)
    if closed:
        notification_send(
            organisation_id=account.organisation_id,
            user_id=account.owner_id,
            kind=NotificationKind.RISK,
            title=f"{account.name}: the broker cannot be read",
            body="New orders are refused until the account has been compared with its broker.",
            link="/orders/",
        )


def routes_close() -> int:
    """Let every live account be reconciled anew before it trades: a router has started. Needs a system scope."""
    return AccountRoute.objects.filter(is_reconciled=True).update(is_reconciled=False)
