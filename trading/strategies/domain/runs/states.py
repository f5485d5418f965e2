"""The states of a run and the moves between them. This table is the only place that decides."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class RunState(StrEnum):
    """Where a run stands.

    DRAFT was never started; RUNNING hears the market and sends orders inside its schedule; PAUSED hears the market
    and sends nothing; STOPPING was asked to stop and is being wound up; STOPPED and FAILED hear nothing, the latter
    because the strategy or its world broke.
    """

    DRAFT = "DRAFT"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    FAILED = "FAILED"


class Mode(StrEnum):
    """Whether signals become orders by themselves, or each waits for a person."""

    AUTO = "AUTO"
    APPROVE = "APPROVE"


S = RunState

MOVES: Mapping[RunState, frozenset[RunState]] = MappingProxyType(
    {
        S.DRAFT: frozenset({S.RUNNING, S.STOPPED}),
        S.RUNNING: frozenset({S.PAUSED, S.STOPPING, S.FAILED}),
        S.PAUSED: frozenset({S.RUNNING, S.STOPPING, S.FAILED}),
        S.STOPPING: frozenset({S.STOPPED, S.FAILED}),
        S.STOPPED: frozenset({S.RUNNING}),
        S.FAILED: frozenset({S.RUNNING, S.STOPPING}),
    }
)

# A process drives it: holds its lease, feeds it, winds it up.
DRIVEN = frozenset({S.RUNNING, S.PAUSED, S.STOPPING})


class IllegalRunMove(Exception):
    """The table forbids the move."""

    def __init__(self, current: RunState, target: RunState) -> None:
        super().__init__(f"{current} -> {target}")
        self.current = current
        self.target = target


def may_move(current: RunState, target: RunState) -> bool:
    """Whether the table allows the move; staying is not a move."""
    return target in MOVES[current]


def move(current: RunState, target: RunState) -> RunState:
    """The state after the move; raises `IllegalRunMove` when the table forbids it."""
    if not may_move(current, target):
        raise IllegalRunMove(current, target)
    return target
