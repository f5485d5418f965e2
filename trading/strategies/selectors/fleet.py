"""How all runs of the installation fare: for whoever operates it, across organisations, in three statements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from core import clock
from core.tenancy import system_scope
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import DRIVEN, Mode, RunState
from trading.strategies.models import Signal, StrategyRun
from trading.strategies.selectors.runs.health import undriven


@dataclass(frozen=True, slots=True)
class RunCount:
    """Runs in one state and mode, on paper or on live accounts.

    `silent` of them are to be driven and have given no sign for half a minute; `last_beat` is that of the one heard
    least lately, None where none is to be driven.
    """

    state: RunState
    mode: Mode
    account: str
    runs: int
    silent: int
    last_beat: datetime | None


@dataclass(frozen=True, slots=True)
class Fleet:
    """`refused` counts signals by reason, the most frequent first; `oldest_waiting` is market time."""

    runs: tuple[RunCount, ...]
    waiting: int
    oldest_waiting: datetime | None
    refused: tuple[tuple[str, int], ...]

    @property
    def silent(self) -> int:
        """Runs that are to be driven and have given no sign."""
        return sum(each.silent for each in self.runs)

    @property
    def beat_age(self) -> timedelta | None:
        """Since the beat of the run that was heard least lately; None where none is to be driven."""
        last = min((each.last_beat for each in self.runs if each.last_beat is not None), default=None)
        return None if last is None else clock.wall_now() - last

    @property
    def longest_wait(self) -> timedelta | None:
        """How long the oldest signal has waited for a person, in market time; None where none waits."""
        return None if self.oldest_waiting is None else clock.now() - self.oldest_waiting


def fleet(*, refused_within: timedelta) -> Fleet:
    """The figures of now, and the signals that were refused within so much market time."""
    with system_scope():
        waiting = Signal.objects.filter(state=SignalState.WAITING).aggregate(
            signals=Count("id"), oldest=Min("decided_at")
        )
        return Fleet(
            runs=tuple(_run_counts()),
            waiting=waiting["signals"],
            oldest_waiting=waiting["oldest"],
            refused=tuple(_refused(clock.now() - refused_within)),
        )


def silent_runs() -> QuerySet[StrategyRun]:
    """Runs that are to be driven and have given no sign for half a minute, the longest silent first. For a system
    scope."""
    found: QuerySet[StrategyRun] = (
        StrategyRun.objects.filter(undriven())
        .select_related("organisation", "account")
        .order_by("heartbeat_at", "id")
    )
    return found


def _run_counts() -> Iterable[RunCount]:
    rows = (
        StrategyRun.objects.order_by("state", "mode", "account__mode")
        .values_list("state", "mode", "account__mode")
        .annotate(
            runs=Count("id"),
            silent=Count("id", filter=undriven()),
            last=Min("heartbeat_at", filter=Q(state__in=sorted(DRIVEN))),
        )
    )
    for state, mode, account, runs, silent, last in rows:
        yield RunCount(RunState(state), Mode(mode), account, runs, silent, last)


def _refused(since: datetime) -> Iterable[tuple[str, int]]:
    found: Iterable[tuple[str, int]] = (
        Signal.objects.filter(state=SignalState.REFUSED, decided_at__gte=since)
        .order_by()
        .values_list("code")
        .annotate(signals=Count("id"))
        .order_by("-signals", "code")
    )
    return found


@dataclass(frozen=True, slots=True)
class Backlog:
    """What of one organisation waits for a person; `oldest` is market time."""

    organisation: str
    signals: int
    oldest: datetime

    @property
    def longest_wait(self) -> timedelta:
        """How long its oldest has waited, in market time."""
        return clock.now() - self.oldest


def signals_backlog() -> list[Backlog]:
    """Organisations with signals that wait for a person, whoever has waited longest first; one statement."""
    with system_scope():
        rows = (
            Signal.objects.filter(state=SignalState.WAITING)
            .order_by()
            .values_list("organisation__name")
            .annotate(signals=Count("id"), oldest=Min("decided_at"))
            .order_by("oldest", "organisation__name")
        )
        return [Backlog(*row) for row in rows]
