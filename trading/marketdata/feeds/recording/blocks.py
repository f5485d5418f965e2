"""The file of a recording: blocks that can each be read by themselves.

    file   = block*                         the first one holds the header
    block  = "SDT1" length crc32 payload    length and checksum of the payload, 4 bytes each, big-endian
    payload = zlib(msgpack)                 a Header, then lists of Entry

A block is written at once, so a recorder that is killed leaves at most its last block torn. A reader that meets a
damaged block goes on at the next mark, and tells how many bytes it could not use.
"""

import mmap
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import BinaryIO, TypeVar

import msgspec

from trading.marketdata.domain.quote import DepthLevel
from trading.marketdata.domain.tick import Tick

SUFFIX = ".ticks"
MARK = b"SDT1"
_HEAD = struct.Struct(">4sII")
# Far above what a second of any feed makes; a length beyond it is damage.
_MOST_BYTES = 64 * 1024 * 1024

_Level = tuple[Decimal, int, int]
T = TypeVar("T")


class Header(msgspec.Struct, frozen=True, tag="header"):
    """What a file holds: the feed's name, when it was begun, and every instrument that was wanted."""

    source: str
    started_at: datetime
    keys: list[str]


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A tick without its field names; times in microseconds since 1970."""

    key: str
    price: Decimal
    timestamp: int
    volume: int | None
    oi: int | None
    bids: list[_Level]
    asks: list[_Level]
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    sent_at: int | None


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """What came at one moment on the market clock: ticks, or a frame that could not be read and why."""

    at: int
    rows: list[Row]
    broken: str | None = None


class Damage(msgspec.Struct, frozen=True):
    """Bytes that could not be read, and where they begin."""

    offset: int
    size: int


_encoder = msgspec.msgpack.Encoder()
_header_decoder = msgspec.msgpack.Decoder(Header)
_entries_decoder = msgspec.msgpack.Decoder(list[Entry])


def row_of(tick: Tick) -> Row:
    """A tick as it is written, whatever nonsense it holds: it has not been checked yet."""
    return Row(
        key=tick.key,
        price=tick.price,
        timestamp=micros(tick.timestamp),
        volume=tick.volume,
        oi=tick.oi,
        bids=[(level.price, level.quantity, level.orders) for level in tick.bids],
        asks=[(level.price, level.quantity, level.orders) for level in tick.asks],
        open=tick.open,
        high=tick.high,
        low=tick.low,
        close=tick.close,
        sent_at=None if tick.sent_at is None else micros(tick.sent_at),
    )


def tick_of(row: Row) -> Tick:
    """The inverse of `row_of`."""
    return Tick(
        key=row.key,
        price=row.price,
        timestamp=instant(row.timestamp),
        volume=row.volume,
        oi=row.oi,
        bids=tuple(DepthLevel(*level) for level in row.bids),
        asks=tuple(DepthLevel(*level) for level in row.asks),
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        sent_at=None if row.sent_at is None else instant(row.sent_at),
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970, exactly."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(microseconds: int) -> datetime:
    """The inverse of `micros`, in UTC. Raises OverflowError beyond the calendar."""
    return _EPOCH + timedelta(microseconds=microseconds)


def encode_block(content: Header | Iterable[Entry]) -> bytes:
    """A whole block."""
    payload = zlib.compress(_encoder.encode(content if isinstance(content, Header) else list(content)), 6)
    return _HEAD.pack(MARK, len(payload), zlib.crc32(payload)) + payload


def read_header(file: BinaryIO) -> Header | None:
    """The header of a file, None when it has none that can be read."""
    for _, payload in _payloads(file):
        return None if isinstance(payload, Damage) else _decoded(_header_decoder, payload)
    return None


def read_entries(file: BinaryIO) -> Iterator[Entry | Damage]:
    """Everything after the header, in order."""
    for number, (offset, payload) in enumerate(_payloads(file)):
        if isinstance(payload, Damage):
            yield payload
        elif number or _decoded(_header_decoder, payload) is None:
            entries = _decoded(_entries_decoder, payload)
            if entries is None:
                yield Damage(offset, len(payload))
            else:
                yield from entries


def _payloads(file: BinaryIO) -> Iterator[tuple[int, bytes | Damage]]:
    """Each block's content with its offset; damage is skipped up to the next mark that begins a sound block."""
    if not os.fstat(file.fileno()).st_size:
        return
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        offset = 0
        while offset < len(data):
            payload, end = _block_at(data, offset)
            if payload is None:
                end = _next_sound(data, offset + 1)
                yield offset, Damage(offset, end - offset)
            else:
                yield offset, payload
            offset = end


def _block_at(data: mmap.mmap, offset: int) -> tuple[bytes | None, int]:
    head = data[offset : offset + _HEAD.size]
    if len(head) < _HEAD.size:
        return None, len(data)
    mark, length, checksum = _HEAD.unpack(head)
    begin = offset + _HEAD.size
    payload = data[begin : begin + length]
    if mark != MARK or length > _MOST_BYTES or len(payload) < length or zlib.crc32(payload) != checksum:
        return None, offset
    return payload, begin + length


def _next_sound(data: mmap.mmap, offset: int) -> int:
    while (offset := data.find(MARK, offset)) >= 0:
        if _block_at(data, offset)[0] is not None:
            return offset
        offset += 1
    return len(data)


def _decoded(decoder: "msgspec.msgpack.Decoder[T]", payload: bytes) -> T | None:
    try:
        inflating = zlib.decompressobj()
        content = inflating.decompress(payload, _MOST_BYTES)
        return None if inflating.unconsumed_tail else decoder.decode(content)
    except (zlib.error, msgspec.MsgspecError, ValueError):
        return None
