"""What market data does by the clock. Each finds its work in the rows, so a run too many or too few is harmless."""

from contextlib import suppress
from uuid import UUID

from celery import shared_task

from core.errors import Unavailable
from core.tenancy import system_scope
from trading.marketdata.history.filling import SECONDS_A_TURN, backfill_run, backfills_ring
from trading.marketdata.selectors import MONTHLY_TABLES
from trading.marketdata.services import daily_sweep, partitions_keep


@shared_task(name="marketdata.keep_partitions", ignore_result=True)
def keep_partitions() -> None:
    """Make the months' partitions ahead and take old ones off."""
    with system_scope():
        for table in MONTHLY_TABLES:
            partitions_keep(table)


@shared_task(name="marketdata.sweep_days", ignore_result=True)
def sweep_days() -> int:
    """Add up the days that are over; returns how many."""
    with system_scope():
        return daily_sweep()


@shared_task(name="marketdata.backfills", ignore_result=True)
def backfills() -> int:
    """Ring for backfills that wait or have lost their worker; returns how many."""
    with system_scope():
        return backfills_ring()


@shared_task(name="marketdata.backfill", ignore_result=True)
def backfill(backfill_id: str) -> None:
    """Work on a backfill for a while; it rings again for what is left."""
    with system_scope(), suppress(Unavailable):
        # A source that does not answer is asked again by the next sweep.
        backfill_run(UUID(backfill_id), seconds=SECONDS_A_TURN)
