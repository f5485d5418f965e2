"""The broker's trades against our own, day by day: what agrees, what differs, what only one of the two has.

Matched in three steps, each with what the step before has left: by the exchange's trade number; by a trade of the
same day, instrument, side, quantity and price; and by the sum of a day's instrument and side, since some statements
tell an order's average in one row.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from trading.brokers.domain.terms import Side

# Averages in statements are rounded to the paisa or to four digits.
_AVERAGE_TOLERANCE = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One side's trade. `instrument` is whatever names it alike on both sides, such as "NSE:INFY"."""

    id: UUID
    day: date
    instrument: str
    side: Side
    quantity: int
    price: Decimal
    trade_id: str = ""


class DifferenceKind(StrEnum):
    """NOT_HERE: only the statement has it; NOT_THERE: only we have it; DIFFERENT: both have it, otherwise."""

    NOT_HERE = "NOT_HERE"
    NOT_THERE = "NOT_THERE"
    DIFFERENT = "DIFFERENT"


@dataclass(frozen=True, slots=True)
class Difference:
    """`told` are the statement's trades, `ours` our own; one of them is empty where one side has nothing."""

    kind: DifferenceKind
    day: date
    instrument: str
    side: Side
    told: tuple[Trade, ...]
    ours: tuple[Trade, ...]

    @property
    def quantity_gap(self) -> int:
        """Units that the statement has more than we."""
        return _units(self.told) - _units(self.ours)

    @property
    def value_gap(self) -> Decimal:
        """Rupees of turnover that the statement has more than we."""
        return _value(self.told) - _value(self.ours)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """`matched` counts the statement's trades that agree; `differences` in the order of days and instruments."""

    matched: int
    differences: tuple[Difference, ...]


def reconcile(told: Sequence[Trade], ours: Sequence[Trade]) -> Reconciliation:
    """Compare the trades of the same days. A trade that both name by number but describe otherwise is DIFFERENT."""
    left_told, left_ours = list(told), list(ours)
    found: list[Difference] = []
    for mine, theirs in _pairs(left_ours, left_told, _number):
        if (mine.instrument, mine.quantity, mine.price) != (theirs.instrument, theirs.quantity, theirs.price):
            found.append(_difference(DifferenceKind.DIFFERENT, [theirs], [mine]))
    _pairs(left_ours, left_told, _terms)
    found += _by_sum(left_told, left_ours)
    found.sort(key=lambda each: (each.day, each.instrument, each.side))
    unmatched = sum(len(each.told) for each in found)
    return Reconciliation(len(told) - unmatched, tuple(found))


def _number(trade: Trade) -> Hashable:
    return (trade.day, trade.trade_id, trade.side) if trade.trade_id else None


def _terms(trade: Trade) -> Hashable:
    return (trade.day, trade.instrument, trade.side, trade.quantity, trade.price)


def _pairs(ours: list[Trade], told: list[Trade], key: Callable[[Trade], Hashable]) -> list[tuple[Trade, Trade]]:
    """Pairs of equal keys, taken out of both lists; what has no key stays."""
    waiting: dict[Hashable, deque[Trade]] = defaultdict(deque)
    for each in ours:
        if (name := key(each)) is not None:
            waiting[name].append(each)
    pairs = [
        (waiting[name].popleft(), theirs) for theirs in told if (name := key(theirs)) is not None and waiting[name]
    ]
    taken = {each.id for pair in pairs for each in pair}
    ours[:] = [each for each in ours if each.id not in taken]
    told[:] = [each for each in told if each.id not in taken]
    return pairs


def _by_sum(told: Iterable[Trade], ours: Iterable[Trade]) -> list[Difference]:
    groups: dict[tuple[date, str, Side], tuple[list[Trade], list[Trade]]] = defaultdict(lambda: ([], []))
    for place, trades in enumerate((told, ours)):
        for each in trades:
            groups[each.day, each.instrument, each.side][place].append(each)
    found = []
    for theirs, mine in groups.values():
        if not theirs:
            found.append(_difference(DifferenceKind.NOT_THERE, theirs, mine))
        elif not mine:
            found.append(_difference(DifferenceKind.NOT_HERE, theirs, mine))
        elif not _same_sum(theirs, mine):
            found.append(_difference(DifferenceKind.DIFFERENT, theirs, mine))
    return found


def _same_sum(told: Sequence[Trade], ours: Sequence[Trade]) -> bool:
    units = _units(ours)
    return _units(told) == units and abs(_value(told) - _value(ours)) <= _AVERAGE_TOLERANCE * units


def _difference(kind: DifferenceKind, told: Sequence[Trade], ours: Sequence[Trade]) -> Difference:
    one = (*told, *ours)[0]
    return Difference(kind, one.day, one.instrument, one.side, tuple(told), tuple(ours))


def _units(trades: Iterable[Trade]) -> int:
    return sum(each.quantity for each in trades)


def _value(trades: Iterable[Trade]) -> Decimal:
    return sum((each.quantity * each.price for each in trades), Decimal(0))
