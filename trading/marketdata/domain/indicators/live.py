"""Indicators that follow the market: bars that quotes are making, and the computations that hang on them.

What is final comes from stored bars alone, so that it is what anybody would compute of them later. Quotes make the
bars in between: the one that forms, and for a few seconds the one before it, which is over but not stored yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..bars import IST_OFFSET, Int64Array
from .bars import Bars
from .definition import Incremental

_DAY = 86_400
MOST_OPEN = 2


@dataclass(slots=True)
class OpenBar:
    """A bar that is not final. Times in Unix seconds, `values` by the columns of `Bars`."""

    start: int
    ends: float
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class StoredBars:
    """Bars as they are stored: the first `closed` of them for good, the others (two at most) still open.

    `ends` are the ends of the last ones, two at most.
    """

    start: Int64Array
    bars: Bars
    closed: int
    ends: tuple[float, ...]

    def open_bars(self) -> list[OpenBar]:
        """Those that are not closed."""
        first = len(self.start) - len(self.ends)
        return [
            OpenBar(int(self.start[number]), self.ends[number - first], self.bars.row(number))
            for number in range(self.closed, len(self.start))
        ]


@dataclass(frozen=True, slots=True)
class Update:
    """What one computation says of one bar."""

    key: str
    time: int
    values: dict[str, float]
    final: bool


@dataclass(slots=True)
class Running:
    """One computation, and the start of the last bar that it closed."""

    computation: Incremental
    through: int
    last: Update | None = None

    @classmethod
    def of(cls, key: str, computation: Incremental, history: StoredBars) -> "Running":
        """Begin with all closed bars of a history."""
        lines = computation.extend(history.bars[: history.closed])
        if not history.closed:
            return cls(computation, -1)
        through = int(history.start[history.closed - 1])
        values = {name: float(line[-1]) for name, line in lines.items()}
        return cls(computation, through, Update(key, through, values, final=True))


@dataclass(slots=True)
class LiveSeries:
    """Bars of one instrument and interval, compared with another instrument where need be; and who follows them.

    Attributes:
        seconds: length of an intraday bar; None for days and weeks, which only stored bars begin.
        wants_stored: quotes have come that belong to no bar at hand.
    """

    seconds: int | None
    running: dict[str, Running] = field(default_factory=dict)
    open_bars: list[OpenBar] = field(default_factory=list)
    wants_stored: bool = False
    _counter: int | None = None
    _against: float | None = None
    _latest: OpenBar | None = None
    """The last stored bar, open or not: what begins after it counts from its session."""

    @property
    def through(self) -> int:
        """The start of the last bar that every computation has closed."""
        return min((each.through for each in self.running.values()), default=-1)

    def begin(self, key: str, running: Running, history: StoredBars) -> Iterator[Update]:
        """Add a computation whose history was just read; its last final value and the forming one."""
        self.running[key] = running
        self._reopen(history)
        if running.last is not None:
            yield running.last
        yield from self._forming([key])

    def is_over(self, moment: float) -> bool:
        """Whether an open bar had ended by a moment."""
        return bool(self.open_bars) and moment >= self.open_bars[0].ends

    def doubts(self, stored: StoredBars) -> bool:
        """Whether the stored bar that would become final differs from the quotes' one: its end may be missing."""
        if not self.open_bars:
            return False
        ours = self.open_bars[0]
        for number in range(stored.closed):
            if int(stored.start[number]) == ours.start:
                return bool(stored.bars.close[number] != ours.values["close"])
        return stored.closed > 0 and int(stored.start[stored.closed - 1]) > ours.start

    def take(self, stored: StoredBars) -> Iterator[Update]:
        """Close what is closed; final values first, then the forming ones."""
        self.wants_stored = False
        for key, running in self.running.items():
            for number in range(stored.closed):
                start = int(stored.start[number])
                if start > running.through:
                    values = running.computation.push(stored.bars.row(number))
                    running.through = start
                    running.last = Update(key, start, values, final=True)
                    yield running.last
        self._reopen(stored)
        yield from self._forming(list(self.running))

    def price(self, at: float, price: float, counter: int) -> Iterator[Update]:
        """A trade or a new quote at a moment; `counter` is the session's cumulative volume."""
        traded = max(0, counter - self._counter) if self._counter is not None else 0
        self._counter = counter
        newest = self.open_bars[-1] if self.open_bars else self._latest
        if newest is not None and at < (newest.start if self.open_bars else newest.ends):
            # Late: stored bars will tell it.
            return
        bar = self._bar_at(at, price, newest)
        if bar is None:
            self.wants_stored = True
            return
        values = bar.values
        values["high"], values["low"] = max(values["high"], price), min(values["low"], price)
        values["close"] = price
        values["volume"] += traded
        yield from self._forming(list(self.running))

    def compare(self, price: float) -> None:
        """A new price of the instrument that is compared with; it shows with the next of this one's."""
        self._against = price
        if self.open_bars:
            self.open_bars[-1].values["against"] = price

    def _bar_at(self, at: float, price: float, newest: OpenBar | None) -> OpenBar | None:
        """The open bar of a moment, begun if need be; None where only stored bars can tell when it begins."""
        if newest is None:
            return None
        if at < newest.ends:
            return newest
        session = newest.values["session"]
        same_day = (at + IST_OFFSET) // _DAY == (newest.start + IST_OFFSET) // _DAY
        if self.seconds is None or not same_day or len(self.open_bars) >= MOST_OPEN:
            return None
        start = int(session + (at - session) // self.seconds * self.seconds)
        against = newest.values["against"] if self._against is None else self._against
        prices = dict.fromkeys(("open", "high", "low", "close"), price)
        bar = OpenBar(
            start, start + self.seconds, {**prices, "volume": 0.0, "session": session, "against": against}
        )
        self.open_bars.append(bar)
        return bar

    def _reopen(self, stored: StoredBars) -> None:
        """The stored open bars, widened by what quotes have told since they were written."""
        ours = {bar.start: bar for bar in self.open_bars}
        opened = stored.open_bars()
        for bar in opened:
            if (known := ours.get(bar.start)) is not None:
                values, told = bar.values, known.values
                values["high"], values["low"] = max(values["high"], told["high"]), min(values["low"], told["low"])
                values["close"], values["volume"] = told["close"], max(values["volume"], told["volume"])
        if len(stored.start):
            self._latest = OpenBar(int(stored.start[-1]), stored.ends[-1], stored.bars.row(-1))
        newest = self._latest.start if self._latest else -1
        later = [bar for bar in self.open_bars if bar.start > newest]
        self.open_bars = [*opened, *later][-MOST_OPEN:]

    def _forming(self, keys: list[str]) -> Iterator[Update]:
        if not self.open_bars:
            return
        *over, forming = self.open_bars
        for key in keys:
            running = self.running[key]
            if forming.start <= running.through:
                continue
            computation = running.computation
            for bar in over:
                computation = computation.clone()
                computation.push(bar.values)
            yield Update(key, forming.start, computation.peek(forming.values), final=False)
