"""How long backtests wait, by organisation: for whoever operates the installation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q

from backtests.domain.lease import LEASE
from backtests.models import Run
from core.clock import wall_now
from core.tenancy import system_scope

from .progress import SILENCE


@dataclass(frozen=True, slots=True)
class Queue:
    """What one organisation waits for. `silent` of those at work have a worker that gives no sign."""

    organisation_id: UUID
    organisation: str
    waiting: int
    running: int
    silent: int
    oldest: datetime | None

    @property
    def longest_wait(self) -> timedelta | None:
        """Since the oldest that waits was asked for; None where none waits."""
        return None if self.oldest is None else wall_now() - self.oldest


def queues() -> list[Queue]:
    """The organisations with backtests that are not over, whoever has waited longest first; one statement."""
    waiting, running = Q(status=Run.Status.QUEUED), Q(status=Run.Status.RUNNING)
    silent = running & Q(leased_until__lt=wall_now() + LEASE - SILENCE)
    with system_scope():
        rows = list(
            Run.objects.filter(status__in=[Run.Status.QUEUED, Run.Status.RUNNING])
            .order_by()
            .values_list("organisation_id", "organisation__name")
            .annotate(
                waiting=Count("id", filter=waiting),
                running=Count("id", filter=running),
                silent=Count("id", filter=silent),
                oldest=Min("requested_at", filter=waiting),
            )
        )
    found = [Queue(*row) for row in rows]
    return sorted(found, key=lambda each: (each.oldest is None, each.oldest or wall_now(), each.organisation))
