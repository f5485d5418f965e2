"""Two clocks. `now()` is the market's: the wall's, or a replay's virtual time. `wall_now()` is always the wall's.

Orders, sessions and candles follow the market clock; log-ins, audit rows and staleness follow the wall clock.
The virtual clock is a line (origin, speed) kept in the shared store, so that every process reads the same time.
"""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from core.errors import Unavailable
from core.store import get_store

IST = ZoneInfo("Asia/Kolkata")
# India has kept one offset since 1945; adding it is ten times as fast as asking the zone for its rules.
_IST_OFFSET = timedelta(hours=5, minutes=30)

_STORE_KEY = "clock"
_REFRESH_SECONDS = 0.5
# So long does a process go on by the line that it read last when the store does not answer: an order that was
# decided when Redis fell is still committed and answered. New orders are refused anyway, for want of quotes.
_GRACE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class VirtualClock:
    """Market time runs from `origin` at `speed` times the wall's pace since `started` (Unix seconds, wall)."""

    origin: float
    started: float
    speed: float

    def at(self, wall: float) -> float:
        """Market time (Unix seconds) at a wall time (Unix seconds)."""
        return self.origin + (wall - self.started) * self.speed


class _Cache:
    """What this process last read of the shared clock, so that `now()` costs no round trip."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked_at = float("-inf")
        self.read_at = float("-inf")
        self.clock: VirtualClock | None = None

    def keep(self, clock: VirtualClock | None) -> None:
        """Remember what was read or written just now."""
        self.clock = clock
        self.asked_at = self.read_at = time.monotonic()


_cache = _Cache()


def state() -> VirtualClock | None:
    """The virtual clock in force, or None when the market runs on the wall's time.

    Raises `Unavailable` when the store has not answered for longer than the grace.
    """
    if time.monotonic() - _cache.asked_at > _REFRESH_SECONDS:
        with _cache.lock:
            try:
                raw = get_store().get(_STORE_KEY)
            except Unavailable:
                if time.monotonic() - _cache.read_at > _GRACE_SECONDS:
                    raise
                _cache.asked_at = time.monotonic()
            else:
                _cache.keep(msgspec.msgpack.decode(raw, type=VirtualClock) if raw else None)
    return _cache.clock


def set_virtual(origin: datetime, speed: float) -> None:
    """Start market time at `origin` (aware), running at `speed` times the wall's pace, in every process."""
    if speed <= 0:
        raise ValueError("speed must be positive")
    _write(VirtualClock(origin=origin.timestamp(), started=time.time(), speed=speed))


def clear_virtual() -> None:
    """Put market time back on the wall's."""
    _write(None)


def _write(clock: VirtualClock | None) -> None:
    get_store().set(_STORE_KEY, msgspec.msgpack.encode(clock) if clock else b"")
    with _cache.lock:
        _cache.keep(clock)


def wall_now() -> datetime:
    """Real time, aware, in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """Market time, aware, in UTC: virtual during a replay, else the wall's."""
    clock = state()
    return wall_now() if clock is None else datetime.fromtimestamp(clock.at(time.time()), UTC)


def trading_date(at: datetime | None = None) -> date:
    """The calendar date in India at a moment (default: market time now)."""
    return ((at or now()).astimezone(UTC) + _IST_OFFSET).date()


def ist_day_start(day: date) -> datetime:
    """Midnight in India at the start of `day`, in UTC; of the first day of the calendar its first moment there."""
    if day == date.min:
        return datetime.min.replace(tzinfo=UTC)
    return datetime(day.year, day.month, day.day, tzinfo=IST).astimezone(UTC)


def ist_day_span(day: date) -> tuple[datetime, datetime]:
    """The half-open span [start, end) of an Indian calendar day, in UTC; the calendar's last day ends with it."""
    if day == date.max:
        return ist_day_start(day), datetime.max.replace(tzinfo=UTC)
    return ist_day_start(day), ist_day_start(day + timedelta(days=1))
