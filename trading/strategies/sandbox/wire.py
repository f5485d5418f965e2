"""Messages between the house and a strategy's process: a length of four bytes, then MessagePack.

What MessagePack has no word for travels as an extension: a code, and the packed parts. Only the classes named here
can be made from bytes, whatever the bytes say.
"""

import os
import select
import struct
import time as clock
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any

import msgspec
import numpy as np

from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.quote import DepthLevel, Quote
from trading.orders.domain.option_choice import ExpiryRule, Right
from trading.orders.domain.states import OrderStatus
from trading.strategies.domain.market import Bar, Contract, Fill, Holding, OrderView
from trading.strategies.domain.wish import LegWish

LARGEST_MESSAGE = 256 * 1024 * 1024
"""To a strategy: a long history with its lines."""
LARGEST_ANSWER = 2 * 1024 * 1024
"""From a strategy. A byte of MessagePack can be a whole object, so this becomes up to some 150 MB here."""
_HEADER = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class GreeksView:
    """`context.Greeks` as plain numbers."""

    iv: float
    delta: float
    gamma: float
    theta: float
    vega: float


_RECORDS: dict[str, Any] = {
    each.__name__: each
    for each in (Bar, Contract, DepthLevel, Fill, GreeksView, Holding, LegWish, OrderView, Quote)
}
# Those that take their parts by name only.
_NAMED = {
    name: tuple(each.name for each in fields(kind))
    for name, kind in _RECORDS.items()
    if is_dataclass(kind) and all(each.kw_only for each in fields(kind))
}
_ENUMS: dict[str, type[Enum]] = {
    each.__name__: each for each in (ExpiryRule, Interval, OrderStatus, OrderType, Product, Right, Side, Validity)
}
_DECIMAL, _MOMENT, _DAY, _TIME, _ENUM, _RECORD, _ARRAY, _TUPLE = range(1, 9)
_DTYPES = frozenset({"float64", "int8", "int64", "bool"})


class WireBroken(Exception):
    """The other side said something that is no message."""


class WireClosed(Exception):
    """The other side is gone."""


class WireSlow(Exception):
    """The other side did not answer in time."""


def packed(value: object) -> bytes:
    """A message. Raises TypeError for a value that has no place in one."""
    return msgspec.msgpack.encode(_plain(value))


def unpacked(data: bytes | memoryview) -> Any:
    """The value again. Raises WireBroken for anything that `packed` does not make."""
    try:
        return msgspec.msgpack.decode(data, ext_hook=_HOOKS[0])
    except (msgspec.DecodeError, ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        raise WireBroken(f"not a message: {error}") from error


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return _text(value)
    if value is None or kind in (bool, int, float, bytes):
        return value
    if kind is list:
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {_text(str(name)): _plain(each) for name, each in value.items()}
    if isinstance(value, Enum):
        return _extended(_ENUM, [kind.__name__, value.value]) if kind.__name__ in _ENUMS else _plain(value.value)
    if kind is Decimal:
        return msgspec.msgpack.Ext(_DECIMAL, str(value).encode())
    if kind is datetime:
        return msgspec.msgpack.Ext(_MOMENT, value.isoformat().encode())
    if kind is date:
        return msgspec.msgpack.Ext(_DAY, value.isoformat().encode())
    if kind is time:
        return msgspec.msgpack.Ext(_TIME, value.isoformat().encode())
    if kind.__name__ in _RECORDS:
        return _extended(_RECORD, [kind.__name__, *map(_plain, _row(value))])
    if isinstance(value, np.ndarray) and value.dtype.name in _DTYPES and value.ndim == 1:
        return _extended(_ARRAY, [value.dtype.name, np.ascontiguousarray(value).tobytes()])
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, tuple | set | frozenset | memoryview) or hasattr(value, "__iter__"):
        return _extended(_TUPLE, [_plain(each) for each in value])
    raise TypeError(f"{kind.__name__} cannot be sent to or from a strategy")


def _text(value: str) -> str:
    """Without null characters, which no database takes, and halves of characters, which no message does."""
    if value.isascii() and "\x00" not in value:
        return value
    return value.replace("\x00", "").encode(errors="replace").decode()


def _row(record: Any) -> Sequence[Any]:
    """The fields of a record in order: a dataclass, a struct or a named tuple."""
    if is_dataclass(record):
        return [getattr(record, each.name) for each in fields(record)]
    return msgspec.structs.astuple(record) if isinstance(record, msgspec.Struct) else tuple(record)


def _extended(code: int, parts: list[Any]) -> msgspec.msgpack.Ext:
    return msgspec.msgpack.Ext(code, msgspec.msgpack.encode(parts))


def _extension(code: int, data: memoryview, *, depth: int) -> Any:
    if code in (_DECIMAL, _MOMENT, _DAY, _TIME):
        text = bytes(data).decode()
        if code == _DECIMAL:
            return _modest(Decimal(text))
        reader: Any = {_MOMENT: datetime, _DAY: date, _TIME: time}[code]
        return reader.fromisoformat(text)
    if depth == _DEEPEST:
        raise ValueError("nested too deeply")
    parts = msgspec.msgpack.decode(data, ext_hook=_HOOKS[depth + 1])
    if code == _TUPLE:
        return tuple(parts)
    if code == _ENUM:
        return _ENUMS[parts[0]](parts[1])
    if code == _RECORD:
        return _record(*parts)
    if code == _ARRAY and parts[0] in _DTYPES:
        return np.frombuffer(parts[1], dtype=parts[0])
    raise ValueError(f"unknown extension {code}")


def _record(name: str, *row: Any) -> Any:
    if name in _NAMED:
        return _RECORDS[name](**dict(zip(_NAMED[name], row, strict=True)))
    return _RECORDS[name](*row)


_DEEPEST = 32
"""Each extension within another takes some of the stack, of which a thread has little."""
_HOOKS = [partial(_extension, depth=depth) for depth in range(_DEEPEST + 1)]


def _modest(number: Decimal) -> Decimal:
    """Refuses what arithmetic would choke on: infinities, and exponents that make a whole number of gigabytes."""
    if not number.is_finite() or abs(number.adjusted()) > 40:
        raise ValueError("not a number of this world")
    return number


def greeks_view(value: Any) -> GreeksView | None:
    """Whatever has the five Greeks, as something that can be sent."""
    return None if value is None else GreeksView(*(float(getattr(value, each.name)) for each in fields(GreeksView)))


def write_message(descriptor: int, value: object, deadline: float | None = None) -> None:
    """Send one. `deadline` (monotonic seconds) needs a descriptor that does not block.

    Raises WireClosed, and WireSlow when the other side does not read.
    """
    body = packed(value)
    data = memoryview(_HEADER.pack(len(body)) + body)
    while data:
        _await(descriptor, select.POLLOUT, deadline)
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            continue
        except BrokenPipeError as error:
            raise WireClosed from error


def read_message(descriptor: int, deadline: float | None = None, *, largest: int = LARGEST_MESSAGE) -> Any:
    """Receive one. Raises WireClosed, WireBroken, and WireSlow past the deadline (monotonic seconds)."""
    (length,) = _HEADER.unpack(_read(descriptor, _HEADER.size, deadline))
    if length > largest:
        raise WireBroken(f"a message of {length:,} bytes")
    return unpacked(_read(descriptor, length, deadline))


def _await(descriptor: int, event: int, deadline: float | None) -> None:
    if deadline is None:
        return
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, deadline - clock.monotonic()) * 1000):
        raise WireSlow


def _read(descriptor: int, count: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        _await(descriptor, select.POLLIN, deadline)
        try:
            part = os.read(descriptor, min(count - len(parts), 1 << 20))
        except BlockingIOError:
            continue
        if not part:
            raise WireClosed
        parts += part
    return bytes(parts)
