"""Identifiers that sort by creation time (UUID version 7, RFC 9562), so that indexes grow at one end."""

import os
import threading
import time
from uuid import UUID

_TICKS_PER_MILLISECOND = 4096
_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A UUIDv7: 48 bits of Unix milliseconds, 12 bits of a millisecond's parts, 62 random bits.

    Later ids of a process sort after its earlier ones, also within a millisecond and when the clock is set back
    (RFC 9562, 6.2, method 3): the trades of one order are told apart by nothing else.
    """
    global _last
    ticks = time.time_ns() * _TICKS_PER_MILLISECOND // 1_000_000
    with _lock:
        ticks = _last = max(ticks, _last + 1)
    milliseconds, part = divmod(ticks, _TICKS_PER_MILLISECOND)
    random = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | part << 64 | 0x2 << 62 | random)
