"""Whether the runs that are to be driven are driven."""

from datetime import timedelta

from core.clock import wall_now
from core.errors import Unavailable
from core.tenancy import system_scope
from trading.strategies.domain.runs.states import DRIVEN
from trading.strategies.models import StrategyRun

# A process that died leaves its lease behind; another one takes over within this time.
UNDRIVEN_AFTER = timedelta(seconds=30)


def check_runs() -> None:
    """Every run that is to be driven has had a process lately. Raises Unavailable otherwise.

    Without such runs nobody needs the process.
    """
    before = wall_now() - UNDRIVEN_AFTER
    with system_scope():
        lost = StrategyRun.objects.filter(heartbeat_at__lt=before, state__in=sorted(DRIVEN)).count()
    if lost:
        raise Unavailable(f"{lost} strategy runs are not driven: is run_strategies up?")
