"""A run's row, locked: whoever changes a run or lets it trade holds it until the commit."""

from uuid import UUID

from accounts.domain.actor import Actor, user_actor
from accounts.domain.permissions import Permission, Role
from accounts.models import Membership
from core import clock
from core.errors import Conflict, NotFound
from trading.strategies.domain.runs.states import RunState, may_move, move
from trading.strategies.models import RunNoteKind, StrategyRun
from trading.strategies.selectors.runs.rows import runs_for
from trading.strategies.services.runs.journal import note_add


class LeaseLost(Exception):
    """Another process drives the run by now, or nobody should; the caller drops it and writes nothing."""


def run_lock_for(actor: Actor, run_id: UUID) -> StrategyRun:
    """Lock the row of a run that the actor may see. Must run inside a transaction."""
    run = runs_for(actor).select_for_update(of=("self",)).filter(id=run_id).first()
    if run is None:
        raise NotFound("There is no such run.", code="unknown_strategy_run")
    return run


def run_lock(run_id: UUID, *, epoch: int | None = None) -> StrategyRun:
    """Lock a run's row for the house; raises LeaseLost for a process whose lease is another's by now."""
    run: StrategyRun = StrategyRun.objects.select_for_update(of=("self",)).select_related("account").get(id=run_id)
    if epoch is not None and run.lease_epoch != epoch:
        raise LeaseLost(f"run {run.name}: epoch {epoch}, now {run.lease_epoch}")
    return run


def run_moved(run: StrategyRun, target: RunState, *, by: str, code: str = "", reason: str = "") -> None:
    """Put a locked run into another state, with a line in its journal.

    Raises Conflict (`run_draft`, `run_running`, …: where it stands) for a move that is not legal.
    """
    current = RunState(run.state)
    if not may_move(current, target):
        raise Conflict(
            f"The run is {current.lower()}; it cannot become {target.lower()}.", code=f"run_{current.lower()}"
        )
    run.state = move(current, target)
    run.state_code, run.state_reason, run.state_at = code, reason[:400], clock.now()
    run.save(update_fields=["state", "state_code", "state_reason", "state_at"])
    what = {RunState.RUNNING: "Resumed" if current == RunState.PAUSED else "Started"}.get(
        target, target.capitalize()
    )
    told = f"{what} by {by}." if not reason else f"{what} by {by}: {reason}"
    note_add(run, RunNoteKind.STATE, told, at=run.state_at)


def trading_actor(run: StrategyRun) -> Actor | None:
    """Whoever started the run, with the rights that they have now; None when they may not trade any more."""
    if run.started_by is None:
        return None
    member = (
        Membership.objects.filter(organisation_id=run.organisation_id, user_id=run.started_by, user__is_active=True)
        .select_related("user")
        .first()
    )
    if member is None:
        return None
    actor = user_actor(
        user_id=member.user_id,
        organisation_id=run.organisation_id,
        role=Role(member.role),
        label=member.user.email,
    )
    if not (actor.may(Permission.RUN_STRATEGIES) and actor.may(Permission.PLACE_ORDERS)):
        return None
    return actor if run.account.is_seen_by(actor) else None
