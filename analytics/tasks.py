"""What the clock rings for; every task may run twice."""

from datetime import timedelta

from celery import shared_task

from core import clock
from core.tenancy import system_scope

from .services import snapshots_take

# A late fill or a late bhavcopy changes a day that is over.
_AGAIN_DAYS = 4


@shared_task(name="analytics.take_snapshots", ignore_result=True)
def take_snapshots() -> int:
    """Take today and the days before it, which may have changed; returns how many rows were written."""
    today = clock.trading_date()
    with system_scope():
        return snapshots_take(first=today - timedelta(days=_AGAIN_DAYS), last=today)
