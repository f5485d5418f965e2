"""Runs, signals and journals as an actor may see them."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.actor import Actor
from core.errors import NotFound
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.models import RunNote, Signal, StrategyRun


def runs_for(actor: Actor) -> QuerySet[StrategyRun]:
    """Runs on the accounts that the actor may see, newest first, with their account."""
    found: QuerySet[StrategyRun] = StrategyRun.objects.for_actor(actor).select_related("account")
    return found


def run_get(actor: Actor, run_id: UUID) -> StrategyRun:
    """One run that the actor may see; any other is NotFound."""
    run = runs_for(actor).filter(id=run_id).first()
    if run is None:
        raise NotFound("There is no such run.", code="unknown_strategy_run")
    return run


def runs_filtered(
    actor: Actor, *, states: Iterable[str] = (), account_id: UUID | None = None, strategy: str = ""
) -> QuerySet[StrategyRun]:
    """Runs by state, account and strategy."""
    runs = runs_for(actor)
    wanted = list(states)
    if wanted:
        runs = runs.filter(state__in=wanted)
    if account_id is not None:
        runs = runs.filter(account_id=account_id)
    if strategy:
        runs = runs.filter(strategy=strategy)
    return runs


def signals_for(actor: Actor) -> QuerySet[Signal]:
    """Signals of the accounts that the actor may see, newest first."""
    found: QuerySet[Signal] = Signal.objects.for_actor(actor).select_related("run", "instrument", "order")
    return found


def signal_get(actor: Actor, signal_id: UUID) -> Signal:
    """One signal that the actor may see; any other is NotFound."""
    signal = signals_for(actor).filter(id=signal_id).first()
    if signal is None:
        raise NotFound("There is no such signal.", code="unknown_signal")
    return signal


def signals_filtered(
    actor: Actor,
    *,
    strategy: str = "",
    run_id: UUID | None = None,
    states: Iterable[str] = (),
    key: str = "",
) -> QuerySet[Signal]:
    """Signals by strategy (its key, or a run's name), run, state and instrument."""
    signals = signals_for(actor)
    if strategy:
        signals = signals.filter(run__strategy=strategy) | signals.filter(run__name=strategy)
    if run_id is not None:
        signals = signals.filter(run_id=run_id)
    wanted = list(states)
    if wanted:
        signals = signals.filter(state__in=wanted)
    if key:
        signals = signals.filter(instrument__key=key)
    return signals


def signals_waiting(actor: Actor) -> QuerySet[Signal]:
    """Signals that wait for a person, the oldest first."""
    return signals_for(actor).filter(state=SignalState.WAITING).order_by("decided_at", "id")


def notes_of(run: StrategyRun) -> QuerySet[RunNote]:
    """The run's journal, newest first. `run` comes from `run_get`."""
    return RunNote.objects.filter(run_id=run.id).order_by("-seq")
