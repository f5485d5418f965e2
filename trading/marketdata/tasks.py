"""What market data does by the clock. Each finds its work in the rows, so a run too many or too few is harmless."""

from celery import shared_task

from core.tenancy import system_scope
from trading.marketdata.services import daily_sweep, partitions_keep


@shared_task(name="marketdata.keep_partitions", ignore_result=True)
def keep_partitions() -> None:
    """Make the months' partitions ahead and take old ones off."""
    with system_scope():
        partitions_keep()


@shared_task(name="marketdata.sweep_days", ignore_result=True)
def sweep_days() -> int:
    """Add up the days that are over; returns how many."""
    with system_scope():
        return daily_sweep()
