"""Reads of stored days."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.actor import Actor
from analytics.models import PerformanceSnapshot
from analytics.selectors.scope import scope_for


def snapshots_for(
    actor: Actor, *, account_id: UUID | None = None, first: date | None = None, last: date | None = None
) -> QuerySet[PerformanceSnapshot]:
    """Snapshots of the accounts that the actor may see, newest first; both days included."""
    scope_for(actor, account_id=account_id, first=first, last=last)
    rows: QuerySet[PerformanceSnapshot] = PerformanceSnapshot.objects.for_actor(actor)
    if account_id:
        rows = rows.filter(account_id=account_id)
    if first:
        rows = rows.filter(day__gte=first)
    if last:
        rows = rows.filter(day__lte=last)
    return rows.order_by("-day", "-id")
