"""The words of a trigger, its states and its legs' states. Only these tables decide on moves."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class TriggerKind(StrEnum):
    """SINGLE waits for one price; OCO guards a position on both sides; BRACKET enters and then guards on both
    sides, COVER on one; TRAILING follows the price at a distance."""

    SINGLE = "SINGLE"
    OCO = "OCO"
    BRACKET = "BRACKET"
    COVER = "COVER"
    TRAILING = "TRAILING"

    @property
    def has_entry(self) -> bool:
        """Whether it opens the position that it then guards."""
        return self in (TriggerKind.BRACKET, TriggerKind.COVER)


class LegRole(StrEnum):
    """What a leg is for. ENTRY is an order placed at once; the others wait for their price."""

    ENTRY = "ENTRY"
    STOP = "STOP"
    TARGET = "TARGET"
    SINGLE = "SINGLE"


class Direction(StrEnum):
    """ABOVE fires at a last price of the trigger price or higher, BELOW at it or lower."""

    ABOVE = "ABOVE"
    BELOW = "BELOW"


class TriggerStatus(StrEnum):
    """WAITING_ENTRY has nothing to guard yet; ACTIVE is watched; ALARM has an exit that was refused and is tried
    again; the rest are final."""

    WAITING_ENTRY = "WAITING_ENTRY"
    ACTIVE = "ACTIVE"
    ALARM = "ALARM"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class LegStatus(StrEnum):
    """ARMED is watched; FIRED has an order in the market; REFUSED waits for its next attempt; DONE and CANCELLED
    are over."""

    ARMED = "ARMED"
    FIRED = "FIRED"
    REFUSED = "REFUSED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


T, L = TriggerStatus, LegStatus

TRIGGER_MOVES: Mapping[TriggerStatus, frozenset[TriggerStatus]] = MappingProxyType(
    {
        T.WAITING_ENTRY: frozenset({T.ACTIVE, T.CANCELLED, T.EXPIRED}),
        T.ACTIVE: frozenset({T.ALARM, T.COMPLETED, T.CANCELLED, T.EXPIRED}),
        T.ALARM: frozenset({T.ACTIVE, T.COMPLETED, T.CANCELLED, T.EXPIRED}),
        T.COMPLETED: frozenset(),
        T.CANCELLED: frozenset(),
        T.EXPIRED: frozenset(),
    }
)

# A fired leg goes back to ARMED when its order's session ends before it has filled: a stop is for as long as its
# trigger is, not for one day.
LEG_MOVES: Mapping[LegStatus, frozenset[LegStatus]] = MappingProxyType(
    {
        L.ARMED: frozenset({L.FIRED, L.REFUSED, L.DONE, L.CANCELLED}),
        L.FIRED: frozenset({L.ARMED, L.REFUSED, L.DONE, L.CANCELLED}),
        L.REFUSED: frozenset({L.ARMED, L.FIRED, L.DONE, L.CANCELLED}),
        L.DONE: frozenset(),
        L.CANCELLED: frozenset(),
    }
)

OPEN_TRIGGERS = frozenset({T.WAITING_ENTRY, T.ACTIVE, T.ALARM})
# Those whose legs may fire.
WATCHED_TRIGGERS = frozenset({T.ACTIVE, T.ALARM})
FINAL_TRIGGERS = frozenset(T) - OPEN_TRIGGERS
OPEN_LEGS = frozenset({L.ARMED, L.FIRED, L.REFUSED})


def trigger_moved(current: TriggerStatus, target: TriggerStatus) -> TriggerStatus:
    """The trigger's state after an instruction; raises `IllegalTriggerMove` when the table forbids it."""
    if target not in TRIGGER_MOVES[current]:
        raise IllegalTriggerMove(current, target)
    return target


def leg_moved(current: LegStatus, target: LegStatus) -> LegStatus:
    """The leg's state after an instruction; raises `IllegalTriggerMove` when the table forbids it."""
    if target not in LEG_MOVES[current]:
        raise IllegalTriggerMove(current, target)
    return target


class IllegalTriggerMove(Exception):
    """The rows contradict themselves: an operator has to look."""

    def __init__(self, current: StrEnum, target: StrEnum) -> None:
        super().__init__(f"{current} -> {target}")
