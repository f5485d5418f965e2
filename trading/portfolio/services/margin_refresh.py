"""Blocks marked at the prices of now, while their market is open, and word to whoever owes when they do not fit."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from accounts.domain.permissions import Role
from accounts.models import Membership
from core import clock
from core.money import format_inr, from_paise
from notifications.models import Notification, NotificationKind
from notifications.services import notification_send
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.models import Instrument
from trading.instruments.selectors import session_at
from trading.portfolio.models import MarginBlock, Position, TradingAccount
from trading.portfolio.services.accounts import account_lock
from trading.portfolio.services.margin import margin_reblock

# A smaller change is left for later, or the ledger would fill with ticks.
_LEAST_CHANGE_PAISE = 100_00
_LEAST_SHARE = 200
_REMIND_AFTER = timedelta(hours=1)


def margins_refresh() -> int:
    """Mark every block whose market is open; returns how many were posted anew. Needs a system scope.

    One transaction an account. Running it twice in a minute posts nothing twice: the minute names the posting.
    """
    at = clock.now()
    waiting: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    for account_id, underlying, amount in MarginBlock.objects.order_by("account_id", "underlying").values_list(
        "account_id", "underlying", "amount_paise"
    ):
        if _is_open(account_id, underlying, at):
            waiting[account_id].append((underlying, amount))
    return sum(_refresh(account_id, blocks, at) for account_id, blocks in waiting.items())


@transaction.atomic
def _refresh(account_id: UUID, blocks: Iterable[tuple[str, int]], at: datetime) -> int:
    account = account_lock(account_id)
    before = account.balance.available_paise
    posted = 0
    for underlying, amount in blocks:
        occasion = uuid5(account_id, f"margin {underlying} {at:%Y-%m-%dT%H:%M}")
        least = max(_LEAST_CHANGE_PAISE, amount // _LEAST_SHARE)
        changed = margin_reblock(
            account=account, underlying=underlying, at=at, source_id=occasion, least_paise=least
        )
        posted += bool(changed)
    if account.balance.available_paise < 0:
        _tell_of_shortfall(account, is_new=before >= 0)
    return posted


def _is_open(account_id: UUID, underlying: str, at: datetime) -> bool:
    """Whether contracts on the underlying trade now; a year without a calendar counts as closed."""
    held = Position.objects.filter(account_id=account_id, instrument__underlying=underlying).exclude(quantity=0)
    position = held.select_related("instrument").first()
    if position is None:
        return False
    instrument: Instrument = position.instrument
    try:
        return session_at(instrument, at).is_open
    except CalendarUnknown:
        return False


def _tell_of_shortfall(account: TradingAccount, *, is_new: bool) -> None:
    """The owner and the organisation's risk managers, when it happens and each hour that it lasts."""
    kind = NotificationKind.MARGIN_SHORTFALL
    link = f"/funds/?account={account.id}"
    since = clock.wall_now() - _REMIND_AFTER
    if not is_new and Notification.objects.filter(kind=kind, link=link, created_at__gte=since).exists():
        return
    missing = format_inr(from_paise(-account.balance.available_paise))
    for user_id in _concerned(account):
        notification_send(
            organisation_id=account.organisation_id,
            user_id=user_id,
            kind=kind,
            title=f"Margin shortfall in {account.name}",
            body=f"Prices have moved: {missing} more is needed than is available. Add funds or reduce positions.",
            link=link,
        )


def _concerned(account: TradingAccount) -> set[UUID]:
    managers = Membership.objects.filter(
        organisation_id=account.organisation_id, role=Role.RISK_MANAGER, user__is_active=True
    )
    return {account.owner_id, *managers.values_list("user_id", flat=True)}
