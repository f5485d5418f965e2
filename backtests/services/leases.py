"""Who works on a run. A worker holds it by a lease that it renews; one that dies leaves a lease that lapses, and
the next worker goes on from what is stored."""

import logging
import time
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Case, F, Q, When

from accounts.models import Organisation
from backtests.domain.lease import LEASE
from backtests.models import Run
from backtests.selectors.progress import working
from backtests.selectors.quotas import quota_of
from core.clock import wall_now
from core.events import enqueue_on_commit

logger = logging.getLogger(__name__)

TASK = "backtests.work"
MOST_ATTEMPTS = 5
"""A run that took so many workers down with it is failed, not tried for ever."""
_RENEW_SECONDS = 1.0


class Superseded(Exception):
    """The run was cancelled, or another worker has it: this one stops and writes nothing more."""


class Hold:
    """A worker's claim on a run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._renewed = time.monotonic()
        self._began = time.monotonic()

    def beat(self, progress: float, message: str = "") -> None:
        """Renew the lease and tell how far it is, at most once a second. Raises Superseded."""
        if time.monotonic() - self._renewed >= _RENEW_SECONDS:
            self.write(progress=min(max(progress, 0.0), 1.0), message=message[:300])

    def write(self, **values: Any) -> None:
        """Write to the run under this lease, which is renewed. Raises Superseded."""
        if not self._ours().update(**values, leased_until=wall_now() + LEASE):
            raise Superseded
        self._renewed = time.monotonic()

    def lock(self) -> None:
        """Hold the row for the rest of the transaction, so that nobody cancels between two writes.

        Raises Superseded.
        """
        if not self._ours().select_for_update().exists():
            raise Superseded

    def end(self, status: Run.Status, *, message: str = "", code: str = "", **values: Any) -> None:
        """The run is over; rings for the organisation's next. Raises Superseded."""
        with transaction.atomic():
            ended = self._ours().update(
                **values,
                status=status,
                message=message[:300],
                code=code[:40],
                lease=None,
                leased_until=None,
                finished_at=wall_now(),
                worked_ms=F("worked_ms") + self._worked(),
            )
            if not ended:
                raise Superseded
            ring_next(self.run.organisation_id)

    def rest(self) -> None:
        """The worker's turn is over, the run is not: let go of it and ring for the next turn. Raises Superseded."""
        with transaction.atomic():
            let_go = self._ours().update(lease=None, leased_until=None, worked_ms=F("worked_ms") + self._worked())
            if not let_go:
                raise Superseded
            enqueue_on_commit(TASK, run_id=str(self.run.pk))

    def _worked(self) -> int:
        return int((time.monotonic() - self._began) * 1000)

    def _ours(self) -> Any:
        return Run.objects.filter(pk=self.run.pk, lease=self.run.lease, status=Run.Status.RUNNING)


def run_claim(run_id: UUID) -> Hold | None:
    """Take a run that waits, that rests between two turns, or whose worker is gone.

    None when it is over, somebody else's, or when the organisation works on as many as it may.
    """
    with transaction.atomic():
        run: Run | None = Run.objects.select_for_update().filter(pk=run_id).first()
        if run is None or not run.is_live or (run.leased_until is not None and run.leased_until > wall_now()):
            return None
        if not _has_room(run):
            return None
        was_lost = run.lease is not None
        if was_lost and run.attempts + 1 >= MOST_ATTEMPTS:
            _give_up(run)
            return None
        run.attempts += was_lost
        run.status, run.lease, run.leased_until = Run.Status.RUNNING, uuid4(), wall_now() + LEASE
        run.started_at = run.started_at or wall_now()
        run.save(update_fields=["attempts", "status", "lease", "leased_until", "started_at"])
    if was_lost:
        logger.warning("backtest taken over", extra={"run_id": str(run_id), "attempt": run.attempts})
    return Hold(run)


def runs_ring() -> int:
    """Ring for runs that wait, rest, or have lost their worker, the oldest first; returns how many."""
    waiting = Q(status=Run.Status.QUEUED) | Q(status=Run.Status.RUNNING, leased_until__isnull=True)
    lost = Q(status=Run.Status.RUNNING, leased_until__lt=wall_now())
    ids = list(Run.objects.filter(waiting | lost).order_by("id").values_list("pk", flat=True)[:200])
    for run_id in ids:
        enqueue_on_commit(TASK, run_id=str(run_id))
    return len(ids)


def ring_next(organisation_id: UUID) -> None:
    """Ring for the organisation's oldest run that rests or waits, now that there is room."""
    idle = Run.objects.filter(
        Q(status=Run.Status.QUEUED) | Q(status=Run.Status.RUNNING, leased_until__isnull=True),
        organisation_id=organisation_id,
    )
    # One that has begun goes before one that has not.
    first_begun = Case(When(status=Run.Status.RUNNING, then=0), default=1)
    next_id = idle.order_by(first_begun, "id").values_list("pk", flat=True).first()
    if next_id is not None:
        enqueue_on_commit(TASK, run_id=str(next_id))


def _has_room(run: Run) -> bool:
    """Whether the organisation may have one more worker; serialised by its row until the claim commits."""
    Organisation.objects.select_for_update(no_key=True).get(pk=run.organisation_id)
    return working(run.organisation_id).exclude(pk=run.pk).count() < quota_of(run.organisation_id).running


def _give_up(run: Run) -> None:
    run.status, run.lease, run.leased_until, run.finished_at = Run.Status.FAILED, None, None, wall_now()
    run.code, run.message = "worker_lost", f"Its worker was lost {MOST_ATTEMPTS} times."
    run.save(update_fields=["status", "lease", "leased_until", "finished_at", "code", "message"])
