"""What a run that is not over is doing just now, in words."""

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet

from backtests.domain.lease import LEASE
from backtests.models import Run
from core.clock import wall_now

from .quotas import quota_of

SILENCE = timedelta(seconds=10)
"""A worker renews its lease each second, but within a chunk of combinations that takes longer it says nothing."""


def progress_words(run: Run) -> str:
    """Waiting, and for what; at work, and at what; or without a worker, and what becomes of it."""
    if run.status == Run.Status.QUEUED:
        return _waiting(run)
    if run.leased_until is None:
        return "Waiting for its next turn"
    now = wall_now()
    if run.leased_until < now:
        return "Its worker is lost; the next one goes on with what is stored"
    silent = now - (run.leased_until - LEASE)
    if silent > SILENCE:
        left = int((run.leased_until - now).total_seconds())
        return f"No sign of its worker for {int(silent.total_seconds())} s; another takes over in {left} s"
    return run.message or "Running"


def working(organisation_id: UUID) -> QuerySet[Run]:
    """The organisation's runs that a worker holds."""
    return Run.objects.filter(
        organisation_id=organisation_id, status=Run.Status.RUNNING, leased_until__gt=wall_now()
    )


def _waiting(run: Run) -> str:
    most = quota_of(run.organisation_id).running
    if working(run.organisation_id).count() < most:
        return "Waiting for a worker"
    return f"Waiting: your organisation works on {most} run{'' if most == 1 else 's'} at once"
