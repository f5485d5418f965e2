"""A Celery application like ours with a task that takes its worker down; run as a process of its own."""

import os
import signal
from pathlib import Path

import django

django.setup()

from config.celery import app  # noqa: E402
from core import parking  # noqa: E402

# A pool takes five seconds to replace a process; patience is not what the test is about.
parking.MAX_STARTS = 3


@app.task(name="tests.poison")
def poison(diary: str) -> None:
    """Note that it started, then die as the kernel's out-of-memory killer would have it."""
    with Path(diary).open("a") as page:
        page.write("started\n")
    os.kill(os.getpid(), signal.SIGKILL)


@app.task(name="tests.harmless")
def harmless(diary: str) -> None:
    """Note that it ran."""
    with Path(diary).open("a") as page:
        page.write("harmless\n")
