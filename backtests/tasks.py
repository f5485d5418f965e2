"""Backtests in the background. The rows say what there is to do; these are only bells."""

from contextlib import suppress
from uuid import UUID

from celery import shared_task

from backtests.services.leases import TASK, Superseded, runs_ring
from backtests.services.work import HARD_LIMIT_SECONDS, run_work
from core.tenancy import system_scope


@shared_task(name="backtests.ring", ignore_result=True)
def ring() -> int:
    """Ring for runs that wait or have lost their worker; returns how many."""
    with system_scope():
        return runs_ring()


@shared_task(name=TASK, ignore_result=True, time_limit=HARD_LIMIT_SECONDS, soft_time_limit=HARD_LIMIT_SECONDS - 60)
def work(run_id: str) -> None:
    """Work on a run; sweeps ring again for what is left after a turn."""
    with system_scope(), suppress(Superseded):
        run_work(UUID(run_id))
