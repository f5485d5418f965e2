"""The nets under the paper exchange, and the router.

Each finds its work in the rows, so a run too many or too few is harmless.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready

from core import clock
from core.tenancy import system_scope
from trading.brokers.registry import NoRoute
from trading.orders.models import OrderRoute
from trading.orders.monitor import sweep as trigger_sweep
from trading.orders.paper.matcher import sweep
from trading.orders.services import orders_expire, orders_release
from trading.orders.services.live.router import order_send
from trading.orders.services.live.routes import routes_close
from trading.orders.services.live.routing_round import account_round, routes_ring
from trading.orders.services.positions.days import day_open, days_close
from trading.orders.services.positions.square_off import square_off_run
from trading.portfolio.services.deliveries import deliveries_settle

ROUTING_QUEUE = "routing"


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


@shared_task(name="orders.route", ignore_result=True)
def route(order_id: str) -> bool:
    """Send one accepted live order, and look at the broker's book right after; whether it was sent."""
    with system_scope():
        sent = order_send(UUID(order_id))
        if sent:
            account_round(OrderRoute.objects.values_list("account_id", flat=True).get(order_id=order_id))
        return sent


@shared_task(name="orders.route_account", ignore_result=True)
def route_account(account_id: str) -> None:
    """One round of looking after a live account."""
    with system_scope(), suppress(NoRoute):
        account_round(UUID(account_id))


@shared_task(name="orders.route_sweep", ignore_result=True)
def route_sweep() -> int:
    """Ring for a round of every live account; returns how many."""
    with system_scope():
        return routes_ring()


@worker_ready.connect(dispatch_uid="orders.routes_close")
def close_routes(sender: Any, **_: Any) -> None:
    """A router has started: each live account is compared with its broker before it trades again."""
    queues = {queue.name for queue in sender.task_consumer.queues}
    if ROUTING_QUEUE in queues:
        with system_scope():
            routes_close()
