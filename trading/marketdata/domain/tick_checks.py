"""What a tick must satisfy before anybody sees it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from .bars import is_scalable
from .quote import DepthLevel
from .tick import Tick


class TickFault(StrEnum):
    """What is wrong with a tick; the value is what the feed's report counts it under."""

    UNKNOWN_INSTRUMENT = "unknown_instrument"
    BAD_NUMBER = "bad_number"
    STALE = "stale"
    FUTURE = "future"
    OUT_OF_ORDER = "out_of_order"
    CROSSED = "crossed"
    SPIKE = "spike"
    BEHIND = "behind"
    """Older than what another source of the same instrument has told already."""
    LATE_FOR_CANDLE = "late_for_candle"
    OUTSIDE_SESSION = "outside_session"
    BROKEN_FRAME = "broken_frame"


@dataclass(frozen=True, slots=True)
class TickTolerances:
    """How far a tick may stray.

    A price that is further from the last accepted one than the fraction `spike` of it, and than `spike_floor`
    rupees, is a spike until another tick confirms it: one within the fraction `spike_confirmed_within` of it, or
    the last of `spike_run` ticks in a row that all were spikes, however far from each other.
    """

    stale_after: timedelta = timedelta(minutes=5)
    ahead_by: timedelta = timedelta(minutes=2)
    spike: Decimal = Decimal("0.25")
    spike_floor: Decimal = Decimal(1)
    spike_confirmed_within: Decimal = Decimal("0.02")
    spike_run: int = 5
    highest_price: Decimal = Decimal(100_000_000)
    highest_count: int = 10**15


@dataclass(frozen=True, slots=True)
class Verdict:
    """`tick` is what may be used (possibly with its depth removed), None when nothing may.

    An OUT_OF_ORDER tick still carries a trade of the past, so it is handed back for the candles; it must not move
    the latest quote. `is_old_trade` marks fresh news of a book whose last trade is too old to belong in a candle.
    """

    tick: Tick | None
    fault: TickFault | None = None
    is_old_trade: bool = False


@dataclass(slots=True)
class _Seen:
    price: Decimal
    timestamp: datetime
    suspect: Decimal | None = None
    suspects: int = 0


class TickChecker:
    """Judges ticks one by one, remembering the last accepted price of each instrument."""

    def __init__(self, keys: Iterable[str], tolerances: TickTolerances | None = None) -> None:
        self._keys = frozenset(keys)
        self._limits = tolerances or TickTolerances()
        self._seen: dict[str, _Seen] = {}

    def check(self, tick: Tick, market_now: datetime) -> Verdict:
        """The verdict on a tick at `market_now` on the market clock."""
        if tick.key not in self._keys:
            return Verdict(None, TickFault.UNKNOWN_INSTRUMENT)
        if not self._numbers_are_possible(tick):
            return Verdict(None, TickFault.BAD_NUMBER)
        if market_now - (tick.sent_at or tick.timestamp) > self._limits.stale_after:
            return Verdict(None, TickFault.STALE)
        if max(tick.timestamp, tick.sent_at or tick.timestamp) - market_now > self._limits.ahead_by:
            return Verdict(None, TickFault.FUTURE)
        verdict = self._check_against_last(tick)
        if verdict.tick is not None and market_now - tick.timestamp > self._limits.stale_after:
            return replace(verdict, is_old_trade=True)
        return verdict

    def _check_against_last(self, tick: Tick) -> Verdict:
        seen = self._seen.get(tick.key)
        if seen is None:
            self._seen[tick.key] = _Seen(tick.price, tick.timestamp)
            return self._check_depth(tick)
        if self._is_spike(tick.price, seen):
            seen.suspect, seen.suspects = tick.price, seen.suspects + 1
            return Verdict(None, TickFault.SPIKE)
        if tick.timestamp < seen.timestamp:
            return Verdict(tick, TickFault.OUT_OF_ORDER)
        seen.price, seen.timestamp, seen.suspect, seen.suspects = tick.price, tick.timestamp, None, 0
        return self._check_depth(tick)

    def _is_spike(self, price: Decimal, seen: _Seen) -> bool:
        """A jump that no further tick has confirmed yet; a confirmed one is the market, however wild."""
        limits = self._limits
        if abs(price - seen.price) <= max(seen.price * limits.spike, limits.spike_floor):
            return False
        if seen.suspect is None:
            return True
        is_close = abs(price - seen.suspect) <= seen.suspect * limits.spike_confirmed_within
        return not is_close and seen.suspects + 1 < limits.spike_run

    @staticmethod
    def _check_depth(tick: Tick) -> Verdict:
        if tick.bids and tick.asks and tick.bids[0].price >= tick.asks[0].price:
            return Verdict(replace(tick, bids=(), asks=()), TickFault.CROSSED)
        return Verdict(tick)

    def _numbers_are_possible(self, tick: Tick) -> bool:
        prices = [tick.price, tick.open, tick.high, tick.low, tick.close]
        levels: tuple[DepthLevel, ...] = tick.bids + tick.asks
        prices.extend(level.price for level in levels)
        if any(price is not None and not self._is_price(price) for price in prices):
            return False
        counts = [tick.volume, tick.oi, *(level.quantity for level in levels)]
        if any(count is not None and not 0 <= count <= self._limits.highest_count for count in counts):
            return False
        return is_scalable(tick.price)

    def _is_price(self, price: Decimal) -> bool:
        return price.is_finite() and Decimal(0) < price <= self._limits.highest_price
