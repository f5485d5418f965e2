"""The `quotes` topic: latest prices to sockets, conflated."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec

from accounts.domain.permissions import Permission
from core.errors import NotFound, Unavailable
from core.realtime.bridge import follow_bus
from core.realtime.database import in_database
from core.realtime.hub import ConflatingHub
from core.realtime.protocol import encode, text_list_field
from core.realtime.session import SocketSession
from core.realtime.topics import Message
from trading.instruments.selectors import instrument_get

from ..domain.quote import Quote
from ..domain.wire import QUOTES_CHANNEL, decode_publication
from ..selectors import quotes_latest
from .followed import FollowedTopic, unknown_symbols, wants_batch

logger = logging.getLogger(__name__)


class QuoteFrame(msgspec.Struct, frozen=True):
    """A quote as sockets carry it: what a live cell shows, not the whole REST shape."""

    symbol: str
    ltp: Decimal
    change: Decimal
    change_pct: Decimal
    high: Decimal
    low: Decimal
    volume: int
    oi: int
    bid: Decimal | None
    ask: Decimal | None
    bid_quantity: int
    ask_quantity: int
    timestamp: datetime


def encode_quote_frame(quote: Quote) -> str:
    """JSON text of one quote."""
    return encode(
        QuoteFrame(
            symbol=quote.key,
            ltp=quote.ltp,
            change=quote.change,
            change_pct=quote.change_pct,
            high=quote.high,
            low=quote.low,
            volume=quote.volume,
            oi=quote.oi,
            bid=quote.bid,
            ask=quote.ask,
            bid_quantity=quote.bid_quantity,
            ask_quantity=quote.ask_quantity,
            timestamp=quote.timestamp,
        )
    )


class QuoteTopic(FollowedTopic[str, Quote]):
    """Latest quotes of the symbols a client names."""

    name = "quotes"
    title = "Quotes"
    most = 1000

    def __init__(self) -> None:
        super().__init__(ConflatingHub(encode_quote_frame, value_event="quote_update", batch_event="quotes"))
        self._unsubscribe = follow_bus(QUOTES_CHANNEL, _by_key, self._take)

    def _take(self, news: tuple[dict[str, Quote], float]) -> None:
        quotes, published_at = news
        self._hub.update(quotes, age=max(0.0, time.time() - published_at))

    def hub_keys(self, name: str) -> Iterable[str]:
        """The symbol itself."""
        return (name,)

    async def subscribe(self, session: SocketSession, message: Message) -> None:
        """Add symbols; their newest quotes follow at once, unknown ones are answered by an error frame."""
        session.actor.require(Permission.VIEW_MARKET)
        symbols = text_list_field(message, "symbols", limit=self.most)
        batch = wants_batch(message)
        self.require_room(session, symbols)
        keys, unknown = await self._learn(symbols)
        self.hold(session, keys)
        self.show(session, keys, batch=batch)
        if unknown:
            session.send(unknown_symbols(self.name, unknown))

    async def unsubscribe(self, session: SocketSession, message: Message) -> None:
        """Drop symbols; all of them when the frame names none."""
        self.drop(session, text_list_field(message, "symbols", limit=self.most) if "symbols" in message else None)

    def close(self) -> None:
        self._unsubscribe()

    async def _learn(self, symbols: list[str]) -> tuple[list[str], list[str]]:
        """Canonical keys of the symbols, their quotes fetched if need be; and which symbols name no instrument."""
        strange = [symbol for symbol in symbols if not self._hub.known(symbol)]
        if not strange:
            return symbols, []
        found = await in_database(_look_up, strange)
        self._hub.prime(found.quotes)
        keys = [found.keys.get(symbol, symbol) for symbol in symbols if symbol not in found.unknown]
        return keys, sorted(found.unknown)


def _by_key(message: bytes) -> tuple[dict[str, Quote], float]:
    news = decode_publication(message)
    return {quote.key: quote for quote in news.quotes}, news.published_at


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of symbols that the hub has not seen; `keys` maps other spellings to the canonical key."""

    quotes: dict[str, Quote]
    keys: dict[str, str]
    unknown: set[str]


def _look_up(symbols: list[str]) -> _Found:
    quotes = _latest(symbols)
    keys: dict[str, str] = {}
    unknown: set[str] = set()
    for symbol in symbols:
        if symbol not in quotes:
            try:
                keys[symbol] = instrument_get(symbol).key
            except NotFound:
                unknown.add(symbol)
    respelt = [key for symbol, key in keys.items() if key != symbol]
    return _Found(quotes | _latest(respelt), keys, unknown)


def _latest(keys: list[str]) -> dict[str, Quote]:
    try:
        return quotes_latest(keys)
    except Unavailable:
        logger.warning("no snapshot of quotes: the store does not answer")
        return {}
