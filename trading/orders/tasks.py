"""The nets under the paper exchange. Each finds its work in the rows, so a run too many or too few is harmless."""

from celery import shared_task

from core.tenancy import system_scope
from trading.orders.monitor import sweep as trigger_sweep
from trading.orders.paper.matcher import sweep
from trading.orders.services import orders_expire, orders_release


@shared_task(name="orders.sweep_paper", ignore_result=True)
def sweep_paper() -> int:
    """Match what rests and crosses the latest quotes; returns the units traded."""
    with system_scope():
        return sweep()


@shared_task(name="orders.sweep_triggers", ignore_result=True)
def sweep_triggers() -> int:
    """Fire what the latest quotes cross and try refused exits again; returns how many legs were looked at."""
    with system_scope():
        return trigger_sweep.sweep_triggers()


@shared_task(name="orders.sweep_orphans", ignore_result=True)
def sweep_orphans() -> int:
    """Cancel triggers whose position is gone; returns how many."""
    with system_scope():
        return trigger_sweep.sweep_orphans()


@shared_task(name="orders.release", ignore_result=True)
def release() -> int:
    """Send the after-market orders whose session has opened; returns how many left the queue."""
    with system_scope():
        return orders_release()


@shared_task(name="orders.expire", ignore_result=True)
def expire() -> int:
    """Expire DAY orders whose session is over; returns how many."""
    with system_scope():
        return orders_expire()
