"""Taking a run's orders out of the market and closing what it holds, through the doors for everybody."""

from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from trading.orders.domain.intent import Origin
from trading.orders.services import CloseReport, orders_cancel_each, positions_close_all
from trading.orders.services.triggers import triggers_cancel_all
from trading.strategies.domain.runs.states import RunState
from trading.strategies.models import RunNoteKind, StrategyRun
from trading.strategies.services.runs.journal import note_add
from trading.strategies.services.runs.rows import run_lock, run_lock_for, run_moved


def run_flatten(*, actor: Actor, run_id: UUID) -> list[CloseReport]:
    """Close everything that the run holds, at market, and take its orders and guards out of the market.

    Needs RUN_STRATEGIES, PLACE_ORDERS and CANCEL_ORDERS. A run that was running is paused first, or it might enter
    again at once. Each position is reported: one that cannot be closed keeps no other open.
    """
    for permission in (Permission.RUN_STRATEGIES, Permission.PLACE_ORDERS, Permission.CANCEL_ORDERS):
        actor.require(permission)
    with transaction.atomic():
        run = run_lock_for(actor, run_id)
        if run.state == RunState.RUNNING:
            run_moved(run, RunState.PAUSED, by=actor.label, code="flattened", reason="Everything is being closed.")
        else:
            note_add(run, RunNoteKind.STATE, f"Flattened by {actor.label}.")
        audit_record(
            actor=actor,
            action="strategy_run.flattened",
            object_type="strategy_run",
            object_id=run.id,
            data={"name": run.name},
        )
    orders_withdraw(run, actor=actor)
    return positions_flatten(run, actor=actor)


def orders_withdraw(run: StrategyRun, *, actor: Actor, with_triggers: bool = True) -> None:
    """Take the run's guards and orders out of the market. What cannot be cancelled is a line in its journal."""
    if with_triggers:
        triggers_cancel_all(actor=actor, account_id=run.account_id, strategy=run.name)
    reports = orders_cancel_each(actor=actor, account_id=run.account_id, strategy=run.name)
    _note_refused(run, [(str(report.order.id), report.message) for report in reports if not report.is_cancelled])


def positions_flatten(run: StrategyRun, *, actor: Actor) -> list[CloseReport]:
    """Close what the run holds, at market. What cannot be closed is a line in its journal."""
    reports = positions_close_all(actor=actor, account_id=run.account_id, strategy=run.name, origin=Origin.STRATEGY)
    _note_refused(run, [(report.position.instrument.key, report.message) for report in reports if report.code])
    return reports


def _note_refused(run: StrategyRun, refused: list[tuple[str, str]]) -> None:
    if not refused:
        return
    with transaction.atomic():
        locked = run_lock(run.id)
        for what, message in refused:
            note_add(locked, RunNoteKind.ERROR, f"{what}: {message}")
