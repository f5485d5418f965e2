"""Taking a run's orders out of the market and closing what it holds, through the doors for everybody.

On paper that is done when the call returns. A broker confirms in its own time: `flatten_step` is called again until
nothing of the run is in the market any more, and closes what traded in the meantime.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from notifications.models import NotificationKind
from trading.brokers.domain.terms import OrderType
from trading.orders.domain.intent import Origin
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Order
from trading.orders.services import CloseReport, orders_cancel_each, positions_close_all
from trading.orders.services.positions.close import CLOSING
from trading.orders.services.triggers import triggers_cancel_all
from trading.strategies.domain.runs.states import DRIVEN, RunState
from trading.strategies.models import RunNoteKind, StrategyRun
from trading.strategies.selectors.runs.book import held_of, orders_of, working_of
from trading.strategies.selectors.runs.news import live_orders_of
from trading.strategies.services.runs.journal import note_add
from trading.strategies.services.runs.notices import owner_notify
from trading.strategies.services.runs.rows import run_lock, run_lock_for, run_moved

# A close waits so long for the broker to confirm that a resting order is out, or both might trade.
_PATIENCE = timedelta(seconds=10)
# A close that its broker refused is tried anew, so many times within so long.
_TRIES, _TRIES_WITHIN, _BETWEEN_TRIES = 3, timedelta(minutes=10), timedelta(seconds=10)
# Somebody else, or the market, was quicker: nothing that a person has to look at.
_NO_FAULT = frozenset({"close_in_flight", "position_flat"})


@dataclass(frozen=True, slots=True)
class Flattened:
    """What one step did. `is_done` when nothing of the run is in the market any more and nothing more is tried."""

    reports: list[CloseReport]
    is_done: bool


def run_flatten(*, actor: Actor, run_id: UUID) -> list[CloseReport]:
    """Close everything that the run holds, at market, and take its orders and guards out of the market.

    Needs RUN_STRATEGIES, PLACE_ORDERS and CANCEL_ORDERS. A run that was running is paused first, or it might enter
    again at once. Each position is reported: one that cannot be closed keeps no other open. On a live account the
    process that drives the run goes on with it until the broker has confirmed everything.
    """
    for permission in (Permission.RUN_STRATEGIES, Permission.PLACE_ORDERS, Permission.CANCEL_ORDERS):
        actor.require(permission)
    with transaction.atomic():
        run = run_lock_for(actor, run_id)
        if run.state == RunState.RUNNING:
            run_moved(run, RunState.PAUSED, by=actor.label, code="flattened", reason="Everything is being closed.")
        else:
            note_add(run, RunNoteKind.STATE, f"Flattened by {actor.label}.")
        run.flatten_asked = run.state in DRIVEN
        run.save(update_fields=["flatten_asked"])
        audit_record(
            actor=actor,
            action="strategy_run.flattened",
            object_type="strategy_run",
            object_id=run.id,
            data={"name": run.name},
        )
    return flatten_step(run, actor=actor).reports


def flatten_step(run: StrategyRun, *, actor: Actor) -> Flattened:
    """Take the run's guards and orders out of the market, and close what it holds where none of them is left.

    Twice does no harm: what was asked of a broker is not asked again, and a close in the market is left alone.
    Once it is done the run's row no longer asks for it. Never inside a transaction.
    """
    orders_withdraw(run, actor=actor)
    leave = _busy(run) | _given_up(run)
    reports = positions_close_all(
        actor=actor, account_id=run.account_id, strategy=run.name, origin=Origin.STRATEGY, leave=leave
    )
    refused = [report for report in reports if report.code and report.code not in _NO_FAULT]
    _note_refused(run, [(report.position.instrument.key, report.message) for report in refused])
    is_done = not working_of(run).exists() and not _goes_on(run, refused)
    if is_done:
        _told_done(run)
    return Flattened(reports, is_done)


def orders_withdraw(run: StrategyRun, *, actor: Actor, with_triggers: bool = True) -> None:
    """Take the run's guards and orders out of the market, but for closes at market; on a live account they are out
    when the broker says so. What cannot be cancelled is a line in the run's journal."""
    if with_triggers:
        triggers_cancel_all(actor=actor, account_id=run.account_id, strategy=run.name)
    live = live_orders_of(run)
    leave = {order.id for order in live if is_close(order)} | _asked_out(run)
    if all(order.id in leave for order in live):
        return
    reports = orders_cancel_each(actor=actor, account_id=run.account_id, strategy=run.name, leave=leave)
    _note_refused(run, [(str(report.order.id), report.message) for report in reports if not report.is_cancelled])


def is_close(order: Order) -> bool:
    """Whether an order closes a position at market, which is not to be taken back."""
    return order.tag.startswith(CLOSING) and order.order_type == OrderType.MARKET


def _asked_out(run: StrategyRun) -> set[UUID]:
    """Live orders of which the broker has been asked to take them out."""
    return set(orders_of(run).filter(route__cancel_requested_at__isnull=False).values_list("id", flat=True))


def _busy(run: StrategyRun) -> set[int]:
    """Instruments in which an order of the run may still trade and its broker has not had the time to say."""
    since = clock.wall_now() - _PATIENCE
    return set(working_of(run).filter(route__cancel_requested_at__gt=since).values_list("instrument_id", flat=True))


def _closes_refused(run: StrategyRun) -> dict[int, list[Order]]:
    """The latest closes that were refused, by instrument."""
    since = clock.now() - _TRIES_WITHIN
    found: dict[int, list[Order]] = {}
    refused = orders_of(run).filter(tag__startswith=CLOSING, status=OrderStatus.REJECTED, created_at__gte=since)
    for order in refused.order_by("created_at"):
        found.setdefault(order.instrument_id, []).append(order)
    return found


def _given_up(run: StrategyRun) -> set[int]:
    """Instruments of which closing has been refused too often, or a moment ago."""
    lately = clock.now() - _BETWEEN_TRIES
    refused = _closes_refused(run)
    return {each for each, orders in refused.items() if len(orders) >= _TRIES or orders[-1].updated_at > lately}


def _goes_on(run: StrategyRun, refused: list[CloseReport]) -> bool:
    """Whether something is held that is still to be closed. On paper a refusal is the last word: it was the
    house's own. A broker's, or that of a way to it that is shut for the moment, is tried again."""
    held = set(held_of(run).values_list("instrument_id", flat=True))
    if run.account.is_paper:
        return bool(held - {report.position.instrument_id for report in refused})
    hopeless = {each for each, orders in _closes_refused(run).items() if len(orders) >= _TRIES}
    without_order = {report.position.instrument_id for report in refused if report.order is None}
    return bool(held - hopeless - without_order)


def _told_done(run: StrategyRun) -> None:
    """Nothing more is tried: the row no longer asks for it, and what is still held is for a person."""
    with transaction.atomic():
        locked = run_lock(run.id)
        if locked.flatten_asked:
            locked.flatten_asked = False
            locked.save(update_fields=["flatten_asked"])
        left = [f"{each.quantity} {each.instrument.symbol}" for each in held_of(run).select_related("instrument")]
        if left:
            told = f"Could not be closed: {', '.join(left)}."
            note_add(locked, RunNoteKind.ERROR, told)
            owner_notify(locked, NotificationKind.ALARM, title=f"{run.name} is not flat", body=told)


def _note_refused(run: StrategyRun, refused: list[tuple[str, str]]) -> None:
    if not refused:
        return
    with transaction.atomic():
        locked = run_lock(run.id)
        for what, message in refused:
            note_add(locked, RunNoteKind.ERROR, f"{what}: {message}")
