"""The nets under the paper exchange. Each finds its work in the rows, so a run too many or too few is harmless."""

from celery import shared_task

from core import clock
from core.tenancy import system_scope
from trading.orders.monitor import sweep as trigger_sweep
from trading.orders.paper.matcher import sweep
from trading.orders.services import orders_expire, orders_release
from trading.orders.services.days import day_open, days_close
from trading.orders.services.square_off import square_off_run
from trading.portfolio.services.deliveries import deliveries_settle


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


@shared_task(name="orders.open_day", ignore_result=True)
def open_day() -> None:
    """Apply the corporate actions that are due today."""
    with system_scope():
        day_open(clock.trading_date())


@shared_task(name="orders.close_days", ignore_result=True)
def close_days() -> int:
    """Work through the days that have ended since the last run; returns how many."""
    with system_scope():
        return days_close()


@shared_task(name="orders.settle_deliveries", ignore_result=True)
def settle_deliveries() -> int:
    """Let the shares arrive that are due; returns of how many positions and days."""
    with system_scope():
        return deliveries_settle()


@shared_task(name="orders.square_off", ignore_result=True)
def square_off() -> int:
    """Warn of the end of intraday trading, then close what is open; returns how many accounts were concerned."""
    with system_scope():
        return square_off_run()
