"""Shares on their way: what each position has traded for delivery, and what of it has arrived."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from trading.portfolio.domain.deliveries import DayNet, DeliveryTally, have_arrived, unsettled_quantity
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind

from .account import PositionKey
from .clock import Clock
from .data import Rules

_MOVES_SHARES = (PositionEventKind.CONVERSION, PositionEventKind.DELIVERY)


@dataclass(slots=True)
class _Day:
    """One trading day of a position, as a row of `DeliveryDay`."""

    arrives_on: date
    tally: DeliveryTally


class Demat:
    """The delivery side of DELIVERY and MTF positions, by the rules of `portfolio.domain.deliveries`."""

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self._rules, self._clock = rules, clock
        self._on = date.min
        self._today: dict[PositionKey, _Day] = {}
        self._earlier: dict[PositionKey, list[_Day]] = {}

    def traded(self, key: PositionKey, quantity_change: int, held_before: int) -> None:
        """Count a trade towards its day."""
        self._turn()
        today = self._today.get(key)
        if today is None:
            today = _Day(self._rules.settlement(self._clock.day).arrives_on, DeliveryTally())
            self._today[key] = today
        earlier = [day.tally.net for day in self._coming(key)]
        today.tally = today.tally.traded(quantity_change, held=held_before, earlier=earlier)

    def follow(self, key: PositionKey, facts: EventFacts, held_before: int) -> None:
        """Let what happened to a position besides trades move its shares too."""
        if not key[1].takes_delivery:
            return
        if facts.kind in _MOVES_SHARES:
            self.traded(key, facts.quantity_change, held_before)
        elif facts.ratio is not None:
            self._turn()
            for day in self._coming(key):
                day.tally = day.tally.adjusted(held=facts.ratio.denominator, after=facts.ratio.numerator)

    def coming_after_today(self, key: PositionKey, held: int) -> int:
        """Units that are still on their way when the day is over."""
        self._turn()
        days = [*self._earlier.get(key, ()), *([self._today[key]] if key in self._today else ())]
        nets = [DayNet(day.tally.bought, day.tally.sold) for day in days if day.arrives_on > self._clock.day]
        return unsettled_quantity(held, nets)

    def sold_today(self) -> Iterator[tuple[PositionKey, DeliveryTally]]:
        """Positions that have sold today, in the order in which they first traded."""
        self._turn()
        return ((key, day.tally) for key, day in self._today.items() if day.tally.sold)

    def _coming(self, key: PositionKey) -> list[_Day]:
        """Earlier days whose shares have not arrived at this moment."""
        earlier = self._earlier.get(key)
        if not earlier:
            return []
        today, now = self._clock.day, self._clock.at
        payout = self._rules.settlement(today).payout
        left = [day for day in earlier if not have_arrived(day.arrives_on, today=today, now=now, payout=payout)]
        self._earlier[key] = left
        return left

    def _turn(self) -> None:
        """Begin a new day, if it is one."""
        if self._on == self._clock.day:
            return
        for key, day in self._today.items():
            self._earlier.setdefault(key, []).append(day)
        self._today = {}
        self._on = self._clock.day
