import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import current_app
from django.db import transaction

from core.events import call_on_commit

ROOT = Path(__file__).resolve().parents[2]


def test_every_django_process_sends_tasks_through_this_installations_broker() -> None:
    """Asked of a fresh process, because this one has imported the Celery application anyway."""
    script = (
        "import django; django.setup()\n"
        "from celery import current_app; from django.conf import settings\n"
        "assert current_app.main == 'sauda', current_app.main\n"
        "assert current_app.conf.broker_url == settings.CELERY_BROKER_URL\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60, env=environment)
    assert current_app.main == "sauda"


@pytest.mark.django_db(transaction=True)
def test_an_effect_waits_for_the_commit_and_is_dropped_with_a_rollback() -> None:
    done: list[str] = []
    with transaction.atomic():
        call_on_commit(lambda: done.append("kept"))
        assert done == []
    with transaction.atomic():
        call_on_commit(lambda: done.append("dropped"))
        transaction.set_rollback(True)
    assert done == ["kept"]


@pytest.mark.django_db(transaction=True)
def test_an_effect_that_fails_does_not_undo_what_was_committed_nor_stop_the_next() -> None:
    done: list[str] = []

    def fail() -> None:
        raise OSError("the broker is down")

    with transaction.atomic():
        call_on_commit(fail)
        call_on_commit(lambda: done.append("told"))
    assert done == ["told"]
