"""The request id travels with a Celery task, so that one grep shows a click and all that followed from it."""

from typing import Any

import structlog
from celery.signals import before_task_publish, task_postrun, task_prerun

from core.http.request_id import current_request_id, sane_request_id

_HEADER = "sauda_request_id"


@before_task_publish.connect(dispatch_uid="core.request_id.publish")
def _attach(headers: dict[str, Any] | None = None, **_: Any) -> None:
    request_id = current_request_id()
    if headers is not None and request_id:
        headers[_HEADER] = request_id


@task_prerun.connect(dispatch_uid="core.request_id.prerun")
def _bind(task: Any = None, task_id: str = "", **_: Any) -> None:
    offered = getattr(task.request, _HEADER, None) or (task.request.headers or {}).get(_HEADER)
    structlog.contextvars.bind_contextvars(request_id=sane_request_id(offered), task=task.name, task_id=task_id)


@task_postrun.connect(dispatch_uid="core.request_id.postrun")
def _unbind(**_: Any) -> None:
    structlog.contextvars.unbind_contextvars("request_id", "task", "task_id")
