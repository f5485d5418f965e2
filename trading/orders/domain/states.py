"""The states of an order and the moves between them. This table is the only place that decides."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class OrderStatus(StrEnum):
    """Where an order stands.

    PENDING_ROUTE is accepted and not sent; ROUTING is being sent; UNKNOWN was sent and got no answer known to be
    final; TRIGGER_PENDING waits for its trigger price; OPEN rests in the market. The rest say what they are.
    """

    __hash__ = str.__hash__
    PENDING_ROUTE = "PENDING_ROUTE"
    ROUTING = "ROUTING"
    UNKNOWN = "UNKNOWN"
    TRIGGER_PENDING = "TRIGGER_PENDING"
    OPEN = "OPEN"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    FILLED = "FILLED"


S = OrderStatus

# Every move goes forward in this order of states, so that reports which arrive late, twice or in any
# order end in the same state. The moves out of CANCELLED and EXPIRED exist for one case only: a trade
# made before the cancellation, reported after it, that completes the order.
MOVES: Mapping[OrderStatus, frozenset[OrderStatus]] = MappingProxyType(
    {
        S.PENDING_ROUTE: frozenset({S.ROUTING, S.REJECTED, S.CANCELLED, S.EXPIRED}),
        S.ROUTING: frozenset(
            {
                S.UNKNOWN,
                S.TRIGGER_PENDING,
                S.OPEN,
                S.PARTIALLY_FILLED,
                S.REJECTED,
                S.EXPIRED,
                S.CANCELLED,
                S.FILLED,
            }
        ),
        S.UNKNOWN: frozenset(
            {S.TRIGGER_PENDING, S.OPEN, S.PARTIALLY_FILLED, S.REJECTED, S.EXPIRED, S.CANCELLED, S.FILLED}
        ),
        S.TRIGGER_PENDING: frozenset({S.OPEN, S.PARTIALLY_FILLED, S.REJECTED, S.EXPIRED, S.CANCELLED, S.FILLED}),
        S.OPEN: frozenset({S.PARTIALLY_FILLED, S.REJECTED, S.EXPIRED, S.CANCELLED, S.FILLED}),
        S.PARTIALLY_FILLED: frozenset({S.EXPIRED, S.CANCELLED, S.FILLED}),
        S.EXPIRED: frozenset({S.CANCELLED, S.FILLED}),
        S.CANCELLED: frozenset({S.FILLED}),
        S.REJECTED: frozenset(),
        S.FILLED: frozenset(),
    }
)

# What a modification may do besides: an order that rests untraded is taken out of the book to wait for a trigger.
# No report of a broker does that, so the order of the states above stays one way.
REWORKS: Mapping[OrderStatus, frozenset[OrderStatus]] = MappingProxyType({S.OPEN: frozenset({S.TRIGGER_PENDING})})

FINAL = frozenset({S.REJECTED, S.EXPIRED, S.CANCELLED, S.FILLED})
LIVE = frozenset(S) - FINAL
# In the broker's book, hence open to matching, modification and cancellation.
WORKING = frozenset({S.OPEN, S.PARTIALLY_FILLED, S.TRIGGER_PENDING})


class IllegalMove(Exception):
    """A report contradicts the order's history; the data are broken and the report must be looked at."""

    def __init__(self, current: OrderStatus, target: OrderStatus) -> None:
        super().__init__(f"{current} -> {target}")
        self.current = current
        self.target = target


def may_move(current: OrderStatus, target: OrderStatus) -> bool:
    """Whether the table allows the move; staying is not a move."""
    return target in MOVES[current]


def move(current: OrderStatus, target: OrderStatus) -> OrderStatus:
    """The state after an instruction of this house; raises `IllegalMove` when the table forbids it."""
    if not may_move(current, target):
        raise IllegalMove(current, target)
    return target


def rework(current: OrderStatus, target: OrderStatus) -> OrderStatus:
    """The state after a modification, which may leave it as it is; raises `IllegalMove` for what it cannot do."""
    if current == target or target in REWORKS.get(current, frozenset()):
        return target
    return move(current, target)


def merge(current: OrderStatus, reported: OrderStatus) -> OrderStatus:
    """The state after a broker's report, which may be late or a duplicate: the status never goes back.

    A report behind the current state changes nothing. `IllegalMove` is raised when neither state can
    follow the other, e.g. a trade on a rejected order.
    """
    if current == reported or may_move(reported, current):
        return current
    return move(current, reported)
