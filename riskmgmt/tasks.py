"""The net under risk: what it would do is found in the rows, so a run too many or too few is harmless."""

from celery import shared_task

from core.tenancy import system_scope

from . import services


@shared_task(name="risk.watch", ignore_result=True)
def watch() -> int:
    """Look at every account's result, breaker and kill switch; returns how many accounts there were."""
    with system_scope():
        return services.accounts_watch()


@shared_task(name="risk.mark", ignore_result=True)
def mark() -> int:
    """Mark every account to market, once a minute, and warn of limits that are nearly used up."""
    with system_scope():
        return services.marks_write()


@shared_task(name="risk.prune_marks", ignore_result=True)
def prune_marks() -> int:
    """Delete marks that are older than they are kept; returns how many."""
    with system_scope():
        return services.marks_prune()
