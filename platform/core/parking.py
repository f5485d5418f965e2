"""Poison tasks: one that takes its worker down with it is delivered again, and would be for ever."""

import logging
from typing import Any

from celery import Task
from celery.exceptions import Reject
from django.core.cache import cache

from core.models import ParkedTask

logger = logging.getLogger(__name__)

MAX_STARTS = 5
_COUNTED_SECONDS = 24 * 3600


class ParkingTask(Task):  # type: ignore[type-arg]
    """The base of every task: after MAX_STARTS starts that ended with the worker, the task is parked, not run.

    A failure or a retry is no such start: there the worker lives and answers for the task itself.
    """

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task; raises Reject when it is parked instead."""
        delivery = self.request.delivery_info or {}
        if delivery.get("redelivered") and self._redeliveries() >= MAX_STARTS:
            self._park(args, kwargs)
            raise Reject("parked", requeue=False)
        return self.run(*args, **kwargs)

    def _redeliveries(self) -> int:
        key = f"task-redelivered:{self.request.id}"
        cache.add(key, 0, _COUNTED_SECONDS)
        return cache.incr(key)

    def _park(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        ParkedTask.objects.get_or_create(
            task_id=self.request.id, defaults={"task": self.name, "arguments": list(args), "named": kwargs}
        )
        logger.error("task parked", extra={"task": self.name, "task_id": self.request.id, "starts": MAX_STARTS})
