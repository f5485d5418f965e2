"""What waits for one instrument's price, in memory. The rows are the truth; this finds out which to look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from uuid import UUID

from trading.orders.domain.triggers.crossing import crossed, peak_after, trailed_price
from trading.orders.domain.triggers.states import Direction
from trading.orders.selectors.triggers import WatchedLeg
from trading.orders.services.triggers.peaks import Peak

_INFINITY = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Crossing:
    """A leg whose price has been reached. `peak` is the best price seen, for a trailing leg."""

    leg_id: UUID
    account_id: UUID
    peak: Decimal | None


class _Trailing:
    """A leg that follows the price; it moves with every new best price."""

    __slots__ = ("leg", "peak", "trigger_price")

    def __init__(self, leg: WatchedLeg, seen: Peak | None) -> None:
        assert leg.peak_price is not None
        self.leg = leg
        self.peak = leg.peak_price
        self.trigger_price = leg.trigger_price
        if seen is not None:
            # What this process saw after the row was last written.
            self.follow(seen.peak_price)

    def follow(self, ltp: Decimal) -> bool:
        """Take a price into account; True when it is a new best one."""
        leg = self.leg
        peak = peak_after(leg.direction, self.peak, ltp)
        if peak == self.peak or leg.trail is None:
            return False
        self.peak = peak
        self.trigger_price = trailed_price(leg.direction, peak, leg.trail, leg.tick_size)
        return True


class InstrumentBook:
    """The legs of one instrument, sorted by how near they are to being crossed.

    Between `low` and `high` nothing fires and no stop moves, so an ordinary tick costs two comparisons.
    """

    __slots__ = ("_above", "_below", "_trailing", "high", "low", "moved")

    def __init__(self, legs: Iterable[WatchedLeg], seen: Mapping[UUID, Peak]) -> None:
        standing = [leg for leg in legs if leg.trail is None]
        # Nearest last, so that what is crossed is popped off the end.
        self._below = sorted(_of(standing, Direction.BELOW), key=attrgetter("trigger_price"))
        self._above = sorted(_of(standing, Direction.ABOVE), key=attrgetter("trigger_price"), reverse=True)
        self._trailing = [_Trailing(leg, seen.get(leg.leg_id)) for leg in legs if leg.trail is not None]
        self.moved: dict[UUID, Peak] = {}
        self._measure()

    def look(self, ltp: Decimal) -> list[Crossing]:
        """Every leg that a last price crosses, each told once; trailing stops follow the price before."""
        if self.low < ltp < self.high:
            return []
        found = []
        while self._below and ltp <= self._below[-1].trigger_price:
            found.append(_crossing(self._below.pop()))
        while self._above and ltp >= self._above[-1].trigger_price:
            found.append(_crossing(self._above.pop()))
        found.extend(self._look_at_trailing(ltp))
        self._measure()
        return found

    def peaks(self) -> dict[UUID, Peak]:
        """What every trailing leg has reached."""
        return {each.leg.leg_id: _peak(each) for each in self._trailing}

    def _look_at_trailing(self, ltp: Decimal) -> list[Crossing]:
        found, left = [], []
        for each in self._trailing:
            if each.follow(ltp):
                self.moved[each.leg.leg_id] = _peak(each)
            if crossed(each.leg.direction, each.trigger_price, ltp):
                found.append(Crossing(each.leg.leg_id, each.leg.account_id, each.peak))
            else:
                left.append(each)
        self._trailing = left
        return found

    def _measure(self) -> None:
        low = self._below[-1].trigger_price if self._below else -_INFINITY
        high = self._above[-1].trigger_price if self._above else _INFINITY
        for each in self._trailing:
            below = each.leg.direction is Direction.BELOW
            low = max(low, each.trigger_price if below else each.peak)
            high = min(high, each.peak if below else each.trigger_price)
        self.low, self.high = low, high


def _of(legs: Iterable[WatchedLeg], direction: Direction) -> list[WatchedLeg]:
    return [leg for leg in legs if leg.direction is direction]


def _crossing(leg: WatchedLeg) -> Crossing:
    return Crossing(leg.leg_id, leg.account_id, None)


def _peak(each: _Trailing) -> Peak:
    return Peak(each.leg.direction, each.peak, each.trigger_price)


def books_of(
    legs: Iterable[WatchedLeg], seen: Mapping[str, Mapping[UUID, Peak]] | None = None
) -> dict[str, InstrumentBook]:
    """A book for each instrument that something waits on; `seen` are peaks by key that rows may not know yet."""
    by_key: dict[str, list[WatchedLeg]] = {}
    for leg in legs:
        by_key.setdefault(leg.key, []).append(leg)
    return {key: InstrumentBook(found, (seen or {}).get(key, {})) for key, found in by_key.items()}
