"""Starting, pausing and stopping runs."""

from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor, system_actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict, PermissionDenied
from core.events import publish_on_commit
from notifications.models import NotificationKind
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import DRIVEN, RunState
from trading.strategies.models import Signal, StrategyRun
from trading.strategies.selectors.runs.book import working_of
from trading.strategies.selectors.runs.rows import run_get
from trading.strategies.selectors.runs.strategy import strategy_of
from trading.strategies.services.runs.flatten import flatten_step, orders_withdraw
from trading.strategies.services.runs.notices import owner_notify
from trading.strategies.services.runs.rows import run_lock, run_lock_for, run_moved

RUNS_CHANNEL = "strategies.runs"
"""Rung with a run's id in hex when the process that drives it should look at its row."""
HOUSE = "runner"


def run_start(*, actor: Actor, run_id: UUID) -> StrategyRun:
    """Start a run, or go on with one that is paused, stopped or failed; it trades in the actor's name from now on.

    Needs RUN_STRATEGIES and PLACE_ORDERS. What the strategy remembered stays. Raises Conflict with where it stands
    (`run_running`, `run_stopping`), or `account_inactive`; NotFound for a strategy that is not there any more.
    """
    actor.require(Permission.RUN_STRATEGIES)
    actor.require(Permission.PLACE_ORDERS)
    if actor.user_id is None:
        raise PermissionDenied("Only a person starts a run.")
    with transaction.atomic():
        run = run_lock_for(actor, run_id)
        strategy_of(run)
        if not run.account.is_active:
            raise Conflict("The account is switched off.", code="account_inactive")
        run_moved(run, RunState.RUNNING, by=actor.label)
        run.started_by, run.started_at, run.flatten_asked = actor.user_id, clock.now(), False
        # From now on somebody has to drive it (`check_runs`).
        run.heartbeat_at = clock.wall_now()
        run.save(update_fields=["started_by", "started_at", "flatten_asked", "heartbeat_at"])
        _audit(run, actor, "started")
        run_ring(run)
    return run


def run_pause(*, actor: Actor, run_id: UUID) -> StrategyRun:
    """Let a run hear the market and send nothing. Needs RUN_STRATEGIES.

    What waits for approval goes on waiting and cannot be approved until the run goes on. Orders in the market and
    guards of positions stay. Raises Conflict with where it stands.
    """
    actor.require(Permission.RUN_STRATEGIES)
    with transaction.atomic():
        run = run_lock_for(actor, run_id)
        run_moved(run, RunState.PAUSED, by=actor.label)
        _audit(run, actor, "paused")
        run_ring(run)
    return run


def run_stop(*, actor: Actor, run_id: UUID, flatten: bool = False) -> StrategyRun:
    """Stop a run: nothing more is sent, its orders and guards are taken out of the market, open signals end.

    Needs RUN_STRATEGIES and CANCEL_ORDERS. Positions stay, unguarded, unless `flatten` closes them. On a live
    account it is STOPPING until the broker has confirmed. Stopping twice changes nothing. Raises Conflict
    (`run_stopped`) for one that has ended.
    """
    actor.require(Permission.RUN_STRATEGIES)
    actor.require(Permission.CANCEL_ORDERS)
    with transaction.atomic():
        run = run_lock_for(actor, run_id)
        if run.state == RunState.DRAFT:
            run_moved(run, RunState.STOPPED, by=actor.label)
        elif run.state != RunState.STOPPING:
            run_moved(run, RunState.STOPPING, by=actor.label)
        if flatten and not run.flatten_asked:
            run.flatten_asked = True
            run.save(update_fields=["flatten_asked"])
        _audit(run, actor, "stopped")
        run_ring(run)
    run_wind_up(run_id=run.id, actor=actor)
    return run_get(actor, run_id)


def run_wind_up(*, run_id: UUID, actor: Actor | None = None) -> None:
    """Finish what STOPPING has begun, as far as it goes by now: it is STOPPED once nothing of it is in the market.

    For the runner too, again and again until then. Twice does no harm. Never inside a transaction: each
    cancellation and each close is one of its own.
    """
    run = StrategyRun.objects.select_related("account").get(id=run_id)
    if run.state not in (RunState.STOPPING, RunState.STOPPED):
        return
    who = actor or system_actor(run.organisation_id, HOUSE)
    signals_end(run_id=run_id, reason="The run was stopped.")
    if run.flatten_asked:
        is_done = flatten_step(run, actor=who).is_done
    else:
        orders_withdraw(run, actor=who)
        is_done = not working_of(run).exists()
    if not is_done:
        return
    with transaction.atomic():
        run = run_lock(run_id)
        if run.state == RunState.STOPPING:
            run_moved(run, RunState.STOPPED, by=who.label, code=run.state_code, reason=run.state_reason)
        run.lease_until = None
        run.save(update_fields=["lease_until"])


def signals_end(*, run_id: UUID, reason: str) -> None:
    """End what waits for an answer or to be sent. What has an order already is found by its name and stays."""
    Signal.objects.filter(run_id=run_id, state__in=[SignalState.WAITING, SignalState.READY], order=None).update(
        state=SignalState.EXPIRED, code="run_stopped", reason=reason, answered_at=clock.now()
    )


def run_fail(*, run_id: UUID, epoch: int, code: str, reason: str) -> None:
    """The strategy or its world broke: the run stops by itself, its orders are withdrawn, its people are told.

    For the runner, in a system scope. Positions and their guards stay.
    """
    with transaction.atomic():
        run = run_lock(run_id, epoch=epoch)
        if run.state not in DRIVEN:
            return
        run_moved(run, RunState.FAILED, by=HOUSE, code=code, reason=reason)
        # Another epoch: a thread that comes back late writes nothing more.
        run.lease_until, run.lease_epoch = None, run.lease_epoch + 1
        run.save(update_fields=["lease_until", "lease_epoch"])
        owner_notify(run, NotificationKind.ALARM, title=f"{run.name} has failed", body=reason)
    signals_end(run_id=run_id, reason="The run has failed.")
    orders_withdraw(run, actor=system_actor(run.organisation_id, HOUSE), with_triggers=False)


def run_limit_reached(*, run_id: UUID, epoch: int, code: str, reason: str, ends: bool) -> None:
    """A loss limit of the run's own was reached: it is flattened, and stopped (`ends`) or paused for a person.

    For the runner, in a system scope.
    """
    house = system_actor(StrategyRun.objects.get(id=run_id).organisation_id, HOUSE)
    with transaction.atomic():
        run = run_lock(run_id, epoch=epoch)
        if run.state != RunState.RUNNING:
            return
        run.flatten_asked = True
        run.save(update_fields=["flatten_asked"])
        run_moved(run, RunState.STOPPING if ends else RunState.PAUSED, by=HOUSE, code=code, reason=reason)
        owner_notify(run, NotificationKind.RISK, title=f"{run.name}: loss limit reached", body=reason)
    if ends:
        run_wind_up(run_id=run_id)
        return
    flatten_step(run, actor=house)


def run_ring(run: StrategyRun) -> None:
    """Have the process that drives the run look at its row after the commit."""
    publish_on_commit(RUNS_CHANNEL, run.id.hex.encode())


def _audit(run: StrategyRun, actor: Actor, what: str) -> None:
    """Last in a transaction: it locks the head of the chain."""
    audit_record(
        actor=actor,
        action=f"strategy_run.{what}",
        object_type="strategy_run",
        object_id=run.id,
        data={"name": run.name, "state": run.state},
    )
