"""The net under risk: what it would do is found in the rows, so a run too many or too few is harmless."""

from celery import shared_task

from core.tenancy import system_scope

from . import services


@shared_task(name="risk.watch", ignore_result=True)
def watch() -> int:
    """Look at every account's result, breaker and kill switch; returns how many accounts there were."""
    with system_scope():
        return services.accounts_watch()
