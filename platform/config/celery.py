"""The Celery application. Tasks are found in every app's `tasks` module."""

import os

from celery import Celery
from celery.signals import worker_process_init

import core.celery_context  # noqa: F401  (signal receivers: the request id travels with the task)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("sauda", task_cls="core.parking:ParkingTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def warm_up(**_: object) -> None:
    """Have each worker process ready to price options before its first task."""
    from config.warm_up import warm_up_in_background

    warm_up_in_background()
