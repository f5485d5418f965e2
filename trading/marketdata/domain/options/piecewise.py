"""Continuous piecewise linear functions on prices from zero up, exactly: what strategies pay at their expiry."""

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Extreme:
    """The most or the least that a function reaches: `amount` at price `at`, both None where it has no bound.

    Of several prices it is the lowest.
    """

    amount: Decimal | None
    at: Decimal | None

    @property
    def is_unbounded(self) -> bool:
        return self.amount is None


@dataclass(frozen=True, slots=True)
class Interval:
    """Prices from `low` to `high`; no `high` means all above."""

    low: Decimal
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class PiecewiseLinear:
    """Straight between `knots` (ascending, the first is zero), where it has `values`; beyond the last, `tail`."""

    knots: tuple[Decimal, ...]
    values: tuple[Decimal, ...]
    tail: Decimal

    def __call__(self, price: Decimal) -> Decimal:
        """The value at a price of zero or more."""
        place = max(bisect_right(self.knots, price) - 1, 0)
        return self.values[place] + self._slope(place) * (price - self.knots[place])

    def zeros(self) -> tuple[Decimal, ...]:
        """Where it is zero: each crossing and each touch, and of a stretch of zeros both ends."""
        found = {knot for knot, value in zip(self.knots, self.values, strict=True) if value == 0}
        for (left, value), (right, following) in pairwise(zip(self.knots, self.values, strict=True)):
            if value * following < 0:
                found.add(left + (right - left) * value / (value - following))
        last, end = self.knots[-1], self.values[-1]
        if end * self.tail < 0:
            found.add(last - end / self.tail)
        return tuple(sorted(zero for zero in found if self._is_edge(zero)))

    def highest(self) -> Extreme:
        """The most it reaches."""
        return Extreme(None, None) if self.tail > 0 else self._at(max(self.values))

    def lowest(self) -> Extreme:
        """The least it reaches."""
        return Extreme(None, None) if self.tail < 0 else self._at(min(self.values))

    def gains(self) -> tuple[Interval, ...]:
        """Where it is above zero."""
        edges = [self.knots[0], *(zero for zero in self.zeros() if zero > self.knots[0])]
        found: list[Interval] = []
        for low, high in zip(edges, [*edges[1:], None], strict=True):
            inside = low + 1 if high is None else (low + high) / 2
            # A stretch may rise from zero and fall back to it between two edges: look at its knots too.
            if any(self(price) > 0 for price in (inside, *self._knots_between(low, high))):
                found.append(Interval(low, high))
        return tuple(found)

    def _knots_between(self, low: Decimal, high: Decimal | None) -> list[Decimal]:
        return [knot for knot in self.knots if knot > low and (high is None or knot < high)]

    def _is_edge(self, zero: Decimal) -> bool:
        """Whether it is not zero on both sides of this zero; at a price of zero there is one side only."""
        place = bisect_right(self.knots, zero) - 1
        after = self._slope(place)
        if zero != self.knots[place]:
            return after != 0
        if place == 0:
            return after != 0
        return after != 0 or self._slope(place - 1) != 0

    def _slope(self, place: int) -> Decimal:
        if place + 1 >= len(self.knots):
            return self.tail
        return (self.values[place + 1] - self.values[place]) / (self.knots[place + 1] - self.knots[place])

    def _at(self, value: Decimal) -> Extreme:
        return Extreme(value, self.knots[self.values.index(value)])
