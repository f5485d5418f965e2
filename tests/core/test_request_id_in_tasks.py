"""The request id crosses into a real Celery worker."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from celery.contrib.testing.worker import start_worker

from config.celery import app
from core.http.request_id import current_request_id

seen: list[str] = []


@app.task(name="tests.note_request_id")
def note_request_id() -> None:
    seen.append(current_request_id())


@pytest.fixture
def worker() -> Iterator[Any]:
    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR") as running:
        yield running


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
def test_a_task_logs_under_the_id_of_the_request_that_rang_for_it() -> None:
    import time

    with structlog.contextvars.bound_contextvars(request_id="click-0042"):
        app.send_task("tests.note_request_id")
    deadline = time.monotonic() + 20
    while not seen and time.monotonic() < deadline:
        time.sleep(0.05)
    assert seen == ["click-0042"]
