"""The `candles` topic: the current bar of a symbol and interval to sockets, conflated."""

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
from django.db import DatabaseError, InterfaceError

from accounts.domain.permissions import Permission
from core.errors import NotFound, Unavailable
from core.realtime import metrics
from core.realtime.bridge import follow_bus
from core.realtime.database import in_database
from core.realtime.hub import ConflatingHub, Follower
from core.realtime.protocol import ProtocolError, encode, error_frame, event_frame, text_field, text_list_field
from core.realtime.session import SocketSession
from core.realtime.topics import Message, Topic
from trading.instruments.selectors import instrument_get

from ..domain.bars import DAY, IST_OFFSET, Interval
from ..domain.candle_builder import Bar
from ..domain.candle_json import bar_row
from ..domain.live_bar import LiveBar
from ..domain.wire import CANDLES_CHANNEL, decode_bars
from ..selectors import live_bar

logger = logging.getLogger(__name__)

MAX_CANDLES = 200
_RELOAD_SECONDS = 10.0
"""A bar of an instrument that trades seldom skips minutes all day: it is not read again for each."""


class CandleFrame(msgspec.Struct, frozen=True):
    """A current bar; `candle` as in the REST API: time, open, high, low, close, volume, oi."""

    symbol: str
    interval: Interval
    candle: list[str | int]


@dataclass(eq=False, slots=True)
class _Kept:
    """A bar that somebody follows; what comes while it is read is taken in afterwards."""

    symbol: str
    interval: Interval
    live: LiveBar | None = None
    waiting: dict[int, Bar] = field(default_factory=dict)
    read_at: float = 0.0
    reading: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return f"{self.symbol}|{self.interval}"


class CandleTopic(Topic):
    """Current bars of the symbols and intervals that a client names."""

    name = "candles"

    def __init__(self) -> None:
        self._hub: ConflatingHub[CandleFrame] = ConflatingHub(
            encode, value_event="candle_update", batch_event="candles"
        )
        self._followers: dict[SocketSession, Follower] = {}
        self._kept: dict[str, _Kept] = {}
        self._by_symbol: dict[str, list[_Kept]] = {}
        self._unsubscribe = follow_bus(CANDLES_CHANNEL, self._decode, self._on_bars)

    async def subscribe(self, session: SocketSession, message: Message) -> None:
        """Add symbols of one interval; their current bars follow at once."""
        session.actor.require(Permission.VIEW_MARKET)
        symbols = text_list_field(message, "symbols", limit=MAX_CANDLES)
        interval = _interval(message)
        held = self._followers.get(session)
        if len((held.keys if held else frozenset()).union(f"{key}|{interval}" for key in symbols)) > MAX_CANDLES:
            raise ProtocolError("too_many_subscriptions", f"{MAX_CANDLES} candles at most on one socket.")
        keys, unknown = await in_database(_look_up, symbols)
        follower = self._followers.setdefault(session, Follower(session.writer))
        kept = [self._keep(key, interval) for key in keys]
        before = len(follower.keys)
        # Followed before they are read, so that nobody who leaves meanwhile takes them away.
        self._hub.follow(follower, [each.name for each in kept])
        metrics.SUBSCRIPTIONS.labels(topic=self.name).inc(len(follower.keys) - before)
        if not follower.keys:
            del self._followers[session]
        for each in kept:
            if each.live is None:
                self._read(each)
        if unknown:
            about = {"topic": self.name, "symbols": unknown}
            session.send(error_frame("unknown_symbol", "No such instrument.", about))

    async def unsubscribe(self, session: SocketSession, message: Message) -> None:
        """Drop symbols of one interval; without `symbols` everything."""
        follower = self._followers.get(session)
        names = None
        if "symbols" in message:
            symbols = text_list_field(message, "symbols", limit=MAX_CANDLES)
            interval = _interval(message)
            names = [f"{key}|{interval}" for key in symbols]
        if follower is not None:
            self._drop(session, follower, names)

    def leave(self, session: SocketSession) -> None:
        follower = self._followers.get(session)
        if follower is not None:
            self._drop(session, follower, None)

    async def recheck(self, session: SocketSession) -> None:
        """End the candles of a caller who may no longer see the market."""
        follower = self._followers.get(session)
        if follower is not None and not session.actor.may(Permission.VIEW_MARKET):
            self._drop(session, follower, None)
            session.send(event_frame("error", code="permission_denied", detail="Candles ended.", topic=self.name))

    def close(self) -> None:
        self._unsubscribe()

    def _drop(self, session: SocketSession, follower: Follower, names: Iterable[str] | None) -> None:
        before = follower.keys
        self._hub.unfollow(follower, names)
        metrics.SUBSCRIPTIONS.labels(topic=self.name).dec(len(before) - len(follower.keys))
        if not follower.keys:
            del self._followers[session]
        for name in before - follower.keys:
            if not any(name in other.keys for other in self._followers.values()):
                self._forget(name)

    def _keep(self, symbol: str, interval: Interval) -> _Kept:
        kept = _Kept(symbol, interval)
        known = self._kept.setdefault(kept.name, kept)
        if known is kept:
            self._by_symbol.setdefault(symbol, []).append(kept)
        return known

    def _forget(self, name: str) -> None:
        kept = self._kept.pop(name, None)
        if kept is None:
            return
        self._hub.forget([name])
        others = [each for each in self._by_symbol[kept.symbol] if each is not kept]
        if others:
            self._by_symbol[kept.symbol] = others
        else:
            del self._by_symbol[kept.symbol]

    def _decode(self, message: bytes) -> list[Bar] | None:
        """On the thread of the bus: only what somebody follows goes to the loop."""
        if not self._by_symbol:
            return None
        return [bar for bar in decode_bars(message) if bar.key in self._by_symbol] or None

    def _on_bars(self, bars: list[Bar]) -> None:
        changed: dict[str, CandleFrame] = {}
        for bar in bars:
            for kept in self._by_symbol.get(bar.key, ()):
                if self._take(kept, bar) and (frame := _frame(kept)) is not None:
                    changed[kept.name] = frame
        self._hub.update(changed)

    def _take(self, kept: _Kept, bar: Bar) -> bool:
        is_rested = time.monotonic() - kept.read_at > _RELOAD_SECONDS
        if kept.live is None or kept.reading is not None:
            kept.waiting[bar.start] = bar
            if is_rested:
                self._read(kept)
            return False
        is_other_day = (bar.start + IST_OFFSET) // DAY > kept.live.day
        if is_other_day or (is_rested and kept.live.skips(bar.start)):
            kept.waiting[bar.start] = bar
            self._read(kept)
            return False
        return kept.live.take(bar)

    def _read(self, kept: _Kept) -> None:
        """Read the bar from what is stored; one reading at a time."""
        if kept.reading is None:
            kept.reading = asyncio.get_running_loop().create_task(self._read_now(kept))

    async def _read_now(self, kept: _Kept) -> None:
        kept.read_at = time.monotonic()
        try:
            kept.live = await in_database(_read_bar, kept.symbol, kept.interval)
        except (DatabaseError, InterfaceError, Unavailable, NotFound):
            # The next minute that skips others, or the next subscriber, has it read again.
            logger.warning("a current candle was not read", exc_info=True)
        finally:
            kept.reading = None
        waiting, kept.waiting = kept.waiting, {}
        if kept.live is None:
            return
        for bar in waiting.values():
            kept.live.take(bar)
        if self._kept.get(kept.name) is kept and (frame := _frame(kept)) is not None:
            self._hub.update({kept.name: frame})


def _interval(message: Message) -> Interval:
    try:
        return Interval(text_field(message, "interval"))
    except ValueError:
        known = ", ".join(Interval)
        raise ProtocolError("bad_field", f"interval must be one of {known}.") from None


def _frame(kept: _Kept) -> CandleFrame | None:
    bar = kept.live.bar if kept.live else None
    return CandleFrame(kept.symbol, kept.interval, bar_row(bar)) if bar is not None else None


def _look_up(symbols: list[str]) -> tuple[list[str], list[str]]:
    """Canonical keys of the symbols, and the symbols that name no instrument."""
    keys, unknown = [], []
    for symbol in symbols:
        try:
            keys.append(instrument_get(symbol).key)
        except NotFound:
            unknown.append(symbol)
    return list(dict.fromkeys(keys)), sorted(unknown)


def _read_bar(symbol: str, interval: Interval) -> LiveBar:
    return live_bar(instrument_get(symbol), interval)
