"""Which process drives a run: a row's lease on the wall's clock, fenced by an epoch.

A process that was frozen past its lease finds a higher epoch at its next write, and lets go of the run.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from core.clock import wall_now
from trading.strategies.domain.runs.states import DRIVEN
from trading.strategies.models import StrategyRun

LEASE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to drive a run, for as long as its epoch stands."""

    run_id: UUID
    organisation_id: UUID
    account_id: UUID
    epoch: int


def runs_claim(*, holder: str, most: int) -> list[Lease]:
    """Take over runs that are to be driven and that nobody drives. For the runner, in a system scope."""
    now = wall_now()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    with transaction.atomic():
        found = list(
            StrategyRun.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(free, state__in=sorted(DRIVEN))
            .order_by("state_at", "id")[:most]
        )
        for run in found:
            run.lease_holder, run.lease_epoch = holder[:120], run.lease_epoch + 1
            run.lease_until, run.heartbeat_at = now + LEASE, now
            run.save(update_fields=["lease_holder", "lease_epoch", "lease_until", "heartbeat_at"])
    return [Lease(run.id, run.organisation_id, run.account_id, run.lease_epoch) for run in found]


def lease_renew(lease: Lease) -> bool:
    """Keep a run for another while; False when it is another's by now or is not to be driven any more."""
    now = wall_now()
    return bool(
        StrategyRun.objects.filter(id=lease.run_id, lease_epoch=lease.epoch, state__in=sorted(DRIVEN)).update(
            lease_until=now + LEASE, heartbeat_at=now
        )
    )


def lease_release(lease: Lease) -> None:
    """Give a run back, so that another process need not wait for the lease to end."""
    StrategyRun.objects.filter(id=lease.run_id, lease_epoch=lease.epoch).update(lease_until=None)
