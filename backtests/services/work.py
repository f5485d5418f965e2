"""What a worker does with a run: by its kind, under a lease, with every failure told on the run alone."""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from backtests.models import Run
from core.errors import RetryLater, SaudaError
from core.tenancy import tenant_scope
from trading.instruments.domain.calendar import CalendarUnknown

from .backtest_work import backtest_work
from .leases import Hold, Superseded, run_claim
from .sweep_work import sweep_work
from .walk_forward_work import walk_forward_work

logger = logging.getLogger(__name__)

HARD_LIMIT_SECONDS = int((settings.BACKTEST_TIME_LIMIT + timedelta(minutes=5)).total_seconds())

_WORK = {
    Run.Kind.BACKTEST: backtest_work,
    Run.Kind.SWEEP: sweep_work,
    Run.Kind.WALK_FORWARD: walk_forward_work,
}


def run_work(run_id: UUID) -> None:
    """Claim a run and work on it until it is over or this turn is. Raises Superseded when it was cancelled or taken
    over meanwhile, RetryLater when a part of the house does not answer: the run rests and is rung for again."""
    hold = run_claim(run_id)
    if hold is None:
        return
    with tenant_scope(hold.run.organisation_id):
        _work(hold)


def _work(hold: Hold) -> None:
    try:
        _WORK[Run.Kind(hold.run.kind)](hold)
    except Superseded:
        raise
    except CalendarUnknown as error:
        # Nothing that a later try would find: the years of a span stay what they are.
        hold.end(Run.Status.FAILED, message=error.detail, code=error.code)
    except RetryLater:
        hold.rest()
        raise
    except SaudaError as error:
        hold.end(Run.Status.FAILED, message=error.detail, code=error.code)
    except Exception as error:
        # A strategy is anybody's code: what it breaks is its own run, which says so.
        logger.exception("backtest failed", extra={"run_id": str(hold.run.pk)})
        hold.end(Run.Status.FAILED, message=f"{type(error).__name__}: {error}", code="strategy_failed")
