"""Effects that happen only when the transaction commits. Nothing else may ring a bell from inside a service."""

from collections.abc import Callable
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerDown

from core.bus import get_bus


def call_on_commit(effect: Callable[[], object]) -> None:
    """Run a quick, harmless-if-lost effect after commit (at once outside a transaction)."""
    transaction.on_commit(effect, robust=True)


def publish_on_commit(channel: str, message: bytes) -> None:
    """Ring the bus after commit."""
    call_on_commit(partial(get_bus().publish, channel, message))


def enqueue_on_commit(task: str, **arguments: Any) -> None:
    """Send a Celery task by name after commit.

    A broker that is down loses only the bell: whatever the task would do, a sweeper finds in the rows.
    """
    call_on_commit(partial(_send, task, arguments))


def _send(task: str, arguments: dict[str, Any]) -> None:
    try:
        current_app.send_task(task, kwargs=arguments, retry=False)
    except (BrokerDown, OSError) as error:
        raise RuntimeError(f"task {task} was not enqueued; its sweeper will find the work") from error
