"""Quotes and feed reports as msgpack, for the bus and the store. Decimals travel as strings."""

from collections.abc import Iterable

import msgspec

from .candle_builder import Bar
from .feed_status import FeedStatus
from .quote import Quote

QUOTES_CHANNEL = "quotes"
QUOTES_HASH = "quotes"
FEED_STATUS_HASH = "feeds"
FORMING_HASH = "candles.forming"
CANDLES_CHANNEL = "candles"

_encoder = msgspec.msgpack.Encoder()
_quote_decoder = msgspec.msgpack.Decoder(Quote)
_status_decoder = msgspec.msgpack.Decoder(FeedStatus)
_bar_decoder = msgspec.msgpack.Decoder(Bar)
_bars_decoder = msgspec.msgpack.Decoder(list[Bar])


def encode_quote(quote: Quote) -> bytes:
    """One quote: a field of the store's hash."""
    return _encoder.encode(quote)


def decode_quote(data: bytes) -> Quote:
    """The inverse of `encode_quote`."""
    return _quote_decoder.decode(data)


class Publication(msgspec.Struct, frozen=True, array_like=True):
    """A bus message on channel `quotes`: when it was published (Unix seconds, the wall's), and what changed."""

    published_at: float
    quotes: list[Quote]


_publication_decoder = msgspec.msgpack.Decoder(Publication)


def join_quotes(encoded: Iterable[bytes], published_at: float) -> bytes:
    """A `Publication` from quotes that are encoded already, without encoding them again."""
    return _encoder.encode((published_at, [msgspec.Raw(quote) for quote in encoded]))


def decode_publication(message: bytes) -> Publication:
    """A bus message on channel `quotes`."""
    return _publication_decoder.decode(message)


def decode_quotes(message: bytes) -> list[Quote]:
    """The quotes of a bus message on channel `quotes`."""
    return decode_publication(message).quotes


def encode_feed_status(status: FeedStatus) -> bytes:
    """A field of the store's hash of feeds, by source."""
    return _encoder.encode(status)


def decode_feed_status(data: bytes) -> FeedStatus:
    """The inverse of `encode_feed_status`."""
    return _status_decoder.decode(data)


def encode_bar(bar: Bar) -> bytes:
    """A forming candle: a field of the store's hash."""
    return _encoder.encode(bar)


def encode_bars(bars: Iterable[Bar]) -> bytes:
    """A bus message on channel `candles`: one-minute bars that changed."""
    return _encoder.encode(list(bars))


def decode_bars(message: bytes) -> list[Bar]:
    """The inverse of `encode_bars`."""
    return _bars_decoder.decode(message)


def decode_bar(data: bytes | None) -> Bar | None:
    """The inverse of `encode_bar`; None for a field that is not there."""
    return _bar_decoder.decode(data) if data else None
