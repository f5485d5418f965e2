"""Whether the runs that are to be driven are driven."""

from datetime import timedelta

from django.db.models import Q

from core.clock import wall_now
from core.errors import Unavailable
from core.tenancy import system_scope
from trading.strategies.domain.runs.states import DRIVEN
from trading.strategies.models import StrategyRun

# A process that died leaves its lease behind; another one takes over within this time.
UNDRIVEN_AFTER = timedelta(seconds=30)


def undriven() -> Q:
    """Runs that are to be driven and of which no process has given a sign lately."""
    return Q(state__in=sorted(DRIVEN), heartbeat_at__lt=wall_now() - UNDRIVEN_AFTER)


def check_runs() -> None:
    """Every run that is to be driven has had a process lately. Raises Unavailable otherwise.

    Without such runs nobody needs the process.
    """
    with system_scope():
        lost = StrategyRun.objects.filter(undriven()).count()
    if lost:
        raise Unavailable(f"{lost} strategy runs are not driven: is run_strategies up?")
