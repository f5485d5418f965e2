"""What becomes of a signal: of each thing that a strategy wanted, whether or not it was traded."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class SignalState(StrEnum):
    """Where a signal stands.

    WAITING for a person; READY to be sent (its order may exist already: it carries the signal's name); ORDERED, its
    order tells the rest; REFUSED by the run's own rules or by the door; DECLINED by a person; EXPIRED before
    anybody answered or anything was sent; WITHDRAWN by the strategy.
    """

    WAITING = "WAITING"
    READY = "READY"
    ORDERED = "ORDERED"
    REFUSED = "REFUSED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


S = SignalState

MOVES: Mapping[SignalState, frozenset[SignalState]] = MappingProxyType(
    {
        S.WAITING: frozenset({S.READY, S.DECLINED, S.EXPIRED, S.WITHDRAWN, S.REFUSED}),
        S.READY: frozenset({S.ORDERED, S.REFUSED, S.EXPIRED}),
        S.ORDERED: frozenset(),
        S.REFUSED: frozenset(),
        S.DECLINED: frozenset(),
        S.EXPIRED: frozenset(),
        S.WITHDRAWN: frozenset(),
    }
)

# Nothing has been decided for good.
UNSETTLED = frozenset({S.WAITING, S.READY})


class IllegalSignalMove(Exception):
    """The table forbids the move."""

    def __init__(self, current: SignalState, target: SignalState) -> None:
        super().__init__(f"{current} -> {target}")
        self.current = current
        self.target = target


def may_move(current: SignalState, target: SignalState) -> bool:
    """Whether the table allows the move; staying is not a move."""
    return target in MOVES[current]


def move(current: SignalState, target: SignalState) -> SignalState:
    """The state after the move; raises `IllegalSignalMove` when the table forbids it."""
    if not may_move(current, target):
        raise IllegalSignalMove(current, target)
    return target
