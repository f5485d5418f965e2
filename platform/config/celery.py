"""The Celery application. Tasks are found in every app's `tasks` module."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("sauda")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
