"""Core's own housekeeping."""

from celery import shared_task

from core.streams import trim
from core.tenancy import system_scope


@shared_task(name="core.trim_streams", ignore_result=True)
def trim_streams() -> int:
    """Drop stream events that no client can resume from any more; returns how many."""
    with system_scope():
        return trim()
