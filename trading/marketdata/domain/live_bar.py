"""The current bar of any interval, kept from one-minute bars that still change."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .bars import DAY, IST_OFFSET, MINUTE, BarSeries, Interval
from .candle_builder import Bar

_STILL_CHANGING = 5 * MINUTE
"""Late ticks reach back less than this; older minutes are folded together."""


@dataclass(slots=True)
class LiveBar:
    """One instrument's bar of an interval on one Indian day.

    `opens` are the day's session opens (Unix seconds), which intraday bars count from. `start` is the bar's own; a
    minute of a later bar begins that one. A day's or week's bar lasts as long as the object.
    """

    key: str
    interval: Interval
    opens: Sequence[int]
    start: int
    day: int
    """Days since 1 January 1970, in India."""
    folded: Bar | None = None
    minutes: dict[int, Bar] = field(default_factory=dict)

    @classmethod
    def begin(
        cls, key: str, interval: Interval, *, opens: Sequence[int], start: int, now: float, earlier: BarSeries
    ) -> "LiveBar":
        """From what is stored: `earlier` are bars of the same start or later, minutes and (for weeks) days."""
        live = cls(key, interval, opens, start, int((now + IST_OFFSET) // DAY))
        for row in earlier.columns().tolist():
            live.take(Bar(key, *row))
        return live

    def take(self, minute: Bar) -> bool:
        """Put a minute's latest state in its place; False for one that is too old to change anything."""
        start = self.start_of(minute.start)
        if start < self.start:
            return False
        if start > self.start:
            self.start, self.folded, self.minutes = start, None, {}
        newest = max(self.minutes, default=minute.start)
        if self.folded is not None and minute.start <= newest - _STILL_CHANGING:
            return False
        self.minutes[minute.start] = minute
        self._fold(max(newest, minute.start) - _STILL_CHANGING)
        return True

    def start_of(self, minute: int) -> int:
        """When the bar begins that a minute of this day belongs to."""
        if self.interval in (Interval.D1, Interval.W1):
            return self.start
        session = next((opens for opens in reversed(self.opens) if opens <= minute), self.opens[0])
        return session + (minute - session) // self.interval.seconds * self.interval.seconds

    def skips(self, minute: int) -> bool:
        """Whether minutes lie between what is known and this one: they may be stored by now."""
        newest = max(self.minutes, default=None)
        start = self.start_of(minute)
        expected = start if newest is None or self.start_of(newest) != start else newest
        return minute > expected + MINUTE

    @property
    def bar(self) -> Bar | None:
        """The bar as of now, None before its first minute."""
        parts = [self.minutes[start] for start in sorted(self.minutes)]
        if self.folded is not None:
            parts.insert(0, self.folded)
        return _join(parts, self.start) if parts else None

    def _fold(self, until: int) -> None:
        old = sorted(start for start in self.minutes if start <= until)
        parts = [self.minutes.pop(start) for start in old]
        if parts:
            self.folded = _join([self.folded, *parts] if self.folded else parts, self.start)


def _join(parts: Sequence[Bar], start: int) -> Bar:
    """One bar of several in order of time."""
    return replace(
        parts[0],
        start=start,
        high=max(part.high for part in parts),
        low=min(part.low for part in parts),
        close=parts[-1].close,
        volume=sum(part.volume for part in parts),
        oi=parts[-1].oi,
        whole=all(part.whole for part in parts),
    )
