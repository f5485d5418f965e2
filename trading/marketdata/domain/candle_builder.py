"""One-minute bars from ticks that may come late, twice or out of order.

The bars do not depend on the order of arrival: open and close are the prices with the least and greatest
(timestamp, cumulative volume, price), and a minute's volume is the rise of the session's highest cumulative
counter, so a counter that steps back adds nothing and volume is never negative.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from .bars import DAY, IST_OFFSET, MINUTE, scale_price
from .tick import Tick

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `start` in Unix seconds, prices in ten-thousandths of a rupee.

    `whole` is False for the minute in which the builder began to watch: it has not seen all of it.
    """

    key: str
    start: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    oi: int
    whole: bool = True


_Moment = tuple[float, int, Decimal]


@dataclass(slots=True)
class _Minute:
    first: _Moment
    last: _Moment
    high: Decimal
    low: Decimal
    oi_last: tuple[_Moment, int] | None
    counter_low: int | None
    counter_high: int | None
    changed: bool = True

    @classmethod
    def of(cls, moment: _Moment, tick: Tick) -> "_Minute":
        oi_last = None if tick.oi is None else (moment, tick.oi)
        return cls(moment, moment, tick.price, tick.price, oi_last, tick.volume, tick.volume)

    def merge(self, other: "_Minute") -> None:
        """Widen by another reading of this minute; the order of merging does not matter."""
        before = (self.first, self.last, self.high, self.low, self.oi_last, self.counter_low, self.counter_high)
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.high = max(self.high, other.high)
        self.low = min(self.low, other.low)
        self.oi_last = _widest(max, self.oi_last, other.oi_last)
        self.counter_low = _widest(min, self.counter_low, other.counter_low)
        self.counter_high = _widest(max, self.counter_high, other.counter_high)
        after = (self.first, self.last, self.high, self.low, self.oi_last, self.counter_low, self.counter_high)
        self.changed = self.changed or before != after


def _widest(choose: Callable[..., T], one: T | None, other: T | None) -> T | None:
    if one is None or other is None:
        return one if other is None else other
    return choose(one, other)


@dataclass(slots=True)
class _Session:
    """What is remembered of one instrument on one Indian day."""

    day: int
    opens: float
    """Unix seconds of the session's open; infinite when watched since the day before."""
    counter: int | None = None
    """The highest cumulative volume of the minutes already dropped; None when none was ever seen."""
    has_dropped: bool = False
    minutes: dict[int, _Minute] = field(default_factory=dict)


class CandleBuilder:
    """Feed it ticks; `drain` gives the bars that have changed. Not thread-safe: one owner.

    A minute stays open to late ticks for `keep_minutes` minutes; what comes later is refused. Where the builder
    watches from the session's first minute, the first cumulative counter is that minute's volume; where it begins
    in the middle, volume counts from the least counter seen in its first minute.
    """

    def __init__(self, *, keep_minutes: int = 3) -> None:
        self._keep = keep_minutes * MINUTE
        self._sessions: dict[str, _Session] = {}

    def add(self, tick: Tick, *, opens_at: datetime | None = None) -> bool:
        """Take a tick in; False when its minute is closed for good. `opens_at` is its session's first instant."""
        second = tick.timestamp.timestamp()
        start = int(second) // MINUTE * MINUTE
        session = self._session(tick.key, start, opens_at)
        if session is None or start <= max(session.minutes, default=start) - self._keep:
            return False
        reading = _Minute.of((second, tick.volume or 0, tick.price), tick)
        minute = session.minutes.get(start)
        if minute is None:
            session.minutes[start] = reading
            self._drop_old(session)
        else:
            minute.merge(reading)
        return True

    def drain(self, before: datetime | None = None) -> list[Bar]:
        """Bars that changed since the last call; with `before`, only those whose minute ended by then."""
        limit = before.timestamp() if before is not None else float("inf")
        bars: list[Bar] = []
        for key, session in self._sessions.items():
            if any(minute.changed for minute in session.minutes.values()):
                bars.extend(self._changed_bars(key, session, limit))
        return bars

    def forming(self, key: str) -> Bar | None:
        """The latest bar of an instrument, finished or not."""
        session = self._sessions.get(key)
        if session is None or not session.minutes:
            return None
        return self._bars(key, session)[-1]

    def _changed_bars(self, key: str, session: _Session, limit: float) -> list[Bar]:
        bars = []
        for bar in self._bars(key, session):
            minute = session.minutes[bar.start]
            if minute.changed and bar.start + MINUTE <= limit:
                minute.changed = False
                bars.append(bar)
        return bars

    def _session(self, key: str, start: int, opens_at: datetime | None) -> _Session | None:
        day = (start + IST_OFFSET) // DAY
        session = self._sessions.get(key)
        if session is not None and day < session.day:
            return None
        if session is None or day > session.day:
            opens = opens_at.timestamp() if opens_at is not None else float("-inf")
            session = _Session(day=day, opens=opens if session is None else float("inf"))
            self._sessions[key] = session
        return session

    def _drop_old(self, session: _Session) -> None:
        oldest_kept = max(session.minutes) - self._keep
        for start in sorted(session.minutes):
            if start > oldest_kept:
                break
            minute = session.minutes[start]
            if minute.changed:
                break
            if session.counter is None and not self._is_whole(session, start):
                session.counter = minute.counter_low
            session.counter = self._counter_after(session.counter, minute)
            session.has_dropped = True
            del session.minutes[start]

    @staticmethod
    def _is_whole(session: _Session, start: int) -> bool:
        """Whether the earliest minute at hand was watched from its beginning."""
        return session.has_dropped or start <= session.opens

    @staticmethod
    def _counter_after(counter: int | None, minute: _Minute) -> int | None:
        if minute.counter_high is None:
            return counter
        return max(counter or 0, minute.counter_high)

    def _bars(self, key: str, session: _Session) -> list[Bar]:
        bars: list[Bar] = []
        counter = session.counter
        for start in sorted(session.minutes):
            minute = session.minutes[start]
            whole = bool(bars) or self._is_whole(session, start)
            base = counter if counter is not None else (0 if whole else minute.counter_low)
            counter = self._counter_after(counter, minute)
            bars.append(
                Bar(
                    key=key,
                    start=start,
                    open=scale_price(minute.first[2]),
                    high=scale_price(minute.high),
                    low=scale_price(minute.low),
                    close=scale_price(minute.last[2]),
                    volume=max(0, (counter or 0) - (base or 0)),
                    oi=minute.oi_last[1] if minute.oi_last else 0,
                    whole=whole,
                )
            )
        return bars
