"""Keeps what comparisons with brokers have found, and tells the account's owner of what is new."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from django.db import transaction

from core import clock
from notifications.models import NotificationKind
from notifications.services import notification_send
from trading.orders.domain.reconciling import Finding
from trading.orders.models import ReconciliationRun
from trading.portfolio.models import TradingAccount

POLL = "poll"


class Result(Protocol):
    """What is kept of a comparison."""

    reason: str
    started_at: datetime
    orders_read: int
    orders_updated: int
    orders_adopted: int
    fills_added: int
    findings: list[Finding]


@transaction.atomic
def run_record(account: TradingAccount, result: Result) -> None:
    """Store a run that was asked for, or that found something which the one before had not."""
    latest = ReconciliationRun.objects.filter(account_id=account.id).first()
    before = {Finding.from_json(value) for value in latest.findings} if latest else set()
    new = [finding for finding in result.findings if finding not in before]
    cured = bool(before) and not result.findings
    if result.reason == POLL and not new and not cured:
        return
    ReconciliationRun.objects.create(
        organisation_id=account.organisation_id,
        account=account,
        started_at=result.started_at,
        finished_at=clock.wall_now(),
        reason=result.reason,
        orders_read=result.orders_read,
        orders_updated=result.orders_updated,
        orders_adopted=result.orders_adopted,
        fills_added=result.fills_added,
        findings=[finding.to_json() for finding in result.findings],
    )
    if new:
        _notify(account, new)


def _notify(account: TradingAccount, findings: Sequence[Finding]) -> None:
    shown = "; ".join(str(finding) for finding in findings[:3])
    more = f"; and {len(findings) - 3} more" if len(findings) > 3 else ""
    notification_send(
        organisation_id=account.organisation_id,
        user_id=account.owner_id,
        kind=NotificationKind.RISK,
        title=f"{account.name}: the broker's books differ",
        body=f"{shown}{more}",
        link="/orders/",
    )
