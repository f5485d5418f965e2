"""The Celery application. Tasks are found in every app's `tasks` module."""

import os

from celery import Celery

import core.celery_context  # noqa: F401  (signal receivers: the request id travels with the task)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("sauda", task_cls="core.parking:ParkingTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
