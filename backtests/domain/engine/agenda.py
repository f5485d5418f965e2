"""A day's instants, and which bars are over at which."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np

from trading.strategies.domain.market import Bar

from .clock import Clock
from .floor import Floor
from .runner import Runner

Told = list[tuple[Runner, list[Bar]]]
"""Bars that are over at one instant, by whom they are told to, in the order in which they are told."""


class Agenda:
    """`place` is that of the instant that runs, among `instants` (Unix seconds, ascending); `told` is by place.

    Instants are the starts of base bars, the ends of sessions and auctions, and the times of squaring off. What
    happens within a base bar is not on it.
    """

    def __init__(self, floor: Floor, clock: Clock) -> None:
        self._floor, self._clock = floor, clock
        self.instants: Sequence[int] = ()
        self.told: dict[int, Told] = {}
        self.place = 0

    def begin(self, day: date, runners: Iterable[Runner]) -> int:
        """Plan a day; how many bars will be told."""
        found: set[int] = set()
        for symbol, known in self._floor.hours.items():
            hours = known.get(day)
            if hours is None:
                continue
            found.update(self._starts(symbol), (closes for _, closes in hours.windows), (hours.ends,))
            square = self._floor.square_off(symbol)
            if square is not None and hours.opens < square.at.timestamp() < hours.closes:
                found.add(int(square.at.timestamp()))
        self.instants, self.told, self.place = sorted(found), {}, 0
        return sum(self._plan(runner, day) for runner in runners)

    def admit(self, symbol: str) -> None:
        """Have the base bars of an instrument that is followed from now on."""
        now, known = self._clock.now, set(self.instants)
        hours = self._floor.hours[symbol].get(self._clock.day)
        ends = () if hours is None else (hours.closes, hours.ends)
        later = {at for at in (*self._starts(symbol), *ends) if at > now}
        if later <= known:
            return
        told = {self.instants[place]: bars for place, bars in self.told.items()}
        self.instants = sorted(known | later)
        self.told = {bisect_left(self.instants, at): bars for at, bars in told.items()}
        self.place = bisect_right(self.instants, now) - 1

    @property
    def next(self) -> float:
        """The instant after the present one; infinite after the last."""
        place = self.place + 1
        return self.instants[place] if place < len(self.instants) else float("inf")

    def _plan(self, runner: Runner, day: date) -> int:
        """Have each of a strategy's bars told at the first instant at or after its end."""
        count = 0
        instants = np.array(self.instants, dtype=np.int64)
        for (symbol, interval), laid in runner.laid.items():
            hours = self._floor.hours[symbol].get(day)
            if hours is None:
                continue
            chart, ends = runner.host.chart(symbol, interval), laid.history.ends
            first, end = chart.place + 1, int(np.searchsorted(ends, hours.closes, side="right"))
            bars = chart.rows(first, end)
            count += len(bars)
            for place, bar in zip(np.searchsorted(instants, ends[first:end]).tolist(), bars, strict=True):
                told = self.told.get(place)
                if told is None:
                    self.told[place] = [(runner, [bar])]
                elif told[-1][0] is runner:
                    told[-1][1].append(bar)
                else:
                    told.append((runner, [bar]))
        return count

    def _starts(self, symbol: str) -> list[int]:
        day = self._floor.markets[symbol].day
        starts: list[int] = [] if day is None else day.bars.start.tolist()
        return starts
