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
from core.realtime.bridge import follow_bus
from core.realtime.database import in_database
from core.realtime.hub import ConflatingHub
from core.realtime.protocol import ProtocolError, encode, text_field, text_list_field
from core.realtime.session import SocketSession
from core.realtime.topics import Message
from trading.instruments.selectors import instrument_get

from ..domain.bars import DAY, IST_OFFSET, Interval
from ..domain.candle_builder import Bar
from ..domain.candle_json import bar_row
from ..domain.live_bar import LiveBar
from ..domain.wire import CANDLES_CHANNEL, decode_bars
from ..selectors import live_bar
from .followed import FollowedTopic, unknown_symbols

logger = logging.getLogger(__name__)

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


class CandleTopic(FollowedTopic[str, CandleFrame]):
    """Current bars of the symbols and intervals that a client names."""

    name = "candles"
    title = "Candles"
    most = 200

    def __init__(self) -> None:
        super().__init__(ConflatingHub(encode, value_event="candle_update", batch_event="candles"))
        self._kept: dict[str, _Kept] = {}
        self._by_symbol: dict[str, list[_Kept]] = {}
        self._unsubscribe = follow_bus(CANDLES_CHANNEL, self._decode, self._on_bars)

    def hub_keys(self, name: str) -> Iterable[str]:
        """The name itself, ``NSE:RELIANCE|5m``."""
        return (name,)

    async def subscribe(self, session: SocketSession, message: Message) -> None:
        """Add symbols of one interval; their current bars follow at once."""
        session.actor.require(Permission.VIEW_MARKET)
        symbols = text_list_field(message, "symbols", limit=self.most)
        interval = _interval(message)
        self.require_room(session, (f"{key}|{interval}" for key in symbols))
        keys, unknown = await in_database(_look_up, symbols)
        kept = [self._keep(key, interval) for key in keys]
        # Followed before they are read, so that nobody who leaves meanwhile takes them away.
        self.hold(session, [each.name for each in kept])
        self.show(session, [each.name for each in kept])
        for each in kept:
            if each.live is None:
                self._read(each)
        if unknown:
            session.send(unknown_symbols(self.name, unknown))

    async def unsubscribe(self, session: SocketSession, message: Message) -> None:
        """Drop symbols of one interval; without `symbols` everything."""
        names = None
        if "symbols" in message:
            symbols = text_list_field(message, "symbols", limit=self.most)
            interval = _interval(message)
            names = [f"{key}|{interval}" for key in symbols]
        self.drop(session, names)

    def close(self) -> None:
        self._unsubscribe()

    def _keep(self, symbol: str, interval: Interval) -> _Kept:
        kept = _Kept(symbol, interval)
        known = self._kept.setdefault(kept.name, kept)
        if known is kept:
            self._by_symbol.setdefault(symbol, []).append(kept)
        return known

    def unheard(self, name: str) -> None:
        """Keep its bar no longer."""
        kept = self._kept.pop(name)
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
