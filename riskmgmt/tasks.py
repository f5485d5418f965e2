"""The net under risk: what it would do is found in the rows, so a run too many or too few is harmless."""

from uuid import UUID

from celery import shared_task

from core.tenancy import system_scope
from riskmgmt.models import KillSwitch

from . import services


@shared_task(name="risk.watch", ignore_result=True)
def watch() -> int:
    """Look at every account's result, breaker and kill switch; returns how many accounts there were."""
    with system_scope():
        return services.accounts_watch()


@shared_task(name="risk.kill_switch_enforce", ignore_result=True)
def kill_switch_enforce(kill_switch_id: str) -> None:
    """Take what a press left live out of the market."""
    with system_scope():
        switch = KillSwitch.objects.filter(id=UUID(kill_switch_id)).first()
        if switch is not None:
            services.kill_switch_enforce(switch)
