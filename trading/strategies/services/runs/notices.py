"""Telling people about a run: the account's owner, and whoever started it."""

from uuid import UUID

from notifications.models import NotificationKind
from notifications.services import notification_send
from trading.strategies.models import StrategyRun


def owner_notify(run: StrategyRun, kind: NotificationKind, *, title: str, body: str = "") -> None:
    """One notice to each, inside the transaction of what it tells of."""
    people: set[UUID] = {run.account.owner_id}
    if run.started_by is not None:
        people.add(run.started_by)
    for user_id in sorted(people):
        notification_send(
            organisation_id=run.organisation_id,
            user_id=user_id,
            kind=kind,
            title=title,
            body=body,
            link=f"/strategies/runs/{run.id}/",
        )
