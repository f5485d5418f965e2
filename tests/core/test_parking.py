"""A task that kills its worker is tried again, but not for ever, and does not stop those behind it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from config.celery import app
from core.models import ParkedTask

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 60


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """A worker process of its own, on the test's database; gives the name of its queue."""
    queue = f"poison-{os.getpid()}"
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {
        **os.environ,
        "DATABASE_URL": url.geturl(),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }
    command = ["-m", "celery", "-A", "tests.core.poison", "worker", "-Q", queue, "-c", "4", "--without-mingle"]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        yield queue
        process.terminate()
        process.wait(timeout=30)


def test_a_poison_task_is_parked_after_a_few_starts_and_the_queue_goes_on(worker: str, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    sent = app.send_task("tests.poison", args=[str(diary)], queue=worker)
    app.send_task("tests.harmless", args=[str(diary)], queue=worker)
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and not (_lines(diary, "harmless") and ParkedTask.objects.exists()):
        time.sleep(0.2)
    parked = ParkedTask.objects.get()
    assert (parked.task, parked.task_id, parked.arguments) == ("tests.poison", sent.id, [str(diary)])
    assert _lines(diary, "started") == 3
    assert _lines(diary, "harmless") == 1


def _lines(diary: Path, word: str) -> int:
    return diary.read_text().split().count(word) if diary.exists() else 0


def test_no_task_may_run_longer_than_redis_waits_for_its_acknowledgement() -> None:
    visibility = app.conf.broker_transport_options["visibility_timeout"]
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    app.loader.import_default_modules()
    longest = max(task.time_limit or app.conf.task_time_limit for task in app.tasks.values())
    assert longest * 2 < visibility
