"""Recordings of Upstox's V3 feed: JSON lines, each what one message said of one instrument, gzipped or not.

A line is a `Feed` of the schema with the token beside it (`instrumentKey`) and, where the recorder noted it, when
it wrote the line (`_insertion_time`, India's time without an offset).
"""

import gzip
import heapq
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zlib import error as DeflateError  # noqa: N812 - it is a class

import msgspec

from core.clock import IST
from trading.marketdata.domain.tick import Tick

from ..port import Frame, FrameBroken
from .messages import UpstoxFeed, UpstoxMessages


class _Line(UpstoxFeed):
    instrumentKey: str = ""  # noqa: N815
    inserted: str | None = msgspec.field(default=None, name="_insertion_time")


_decoder = msgspec.json.Decoder(_Line, strict=False)
_UNREADABLE = (EOFError, gzip.BadGzipFile, DeflateError)


def upstox_recorded_ticks(paths: Sequence[Path], keys: Mapping[str, str]) -> Iterator[Frame]:
    """Each line with the moment it is due, in order over all files; `keys` as for `UpstoxMessages`.

    A line is due when it was recorded, else at the latest trade time seen before it in its file, so that what
    arrived out of order arrives out of order again. A broken line comes as FrameBroken, and so does the end of a
    file that was cut off.
    """
    messages = UpstoxMessages(keys)
    return heapq.merge(*(_file_frames(path, messages) for path in paths), key=lambda frame: frame[0])


def _file_frames(path: Path, messages: UpstoxMessages) -> Iterator[Frame]:
    due, number = datetime.fromtimestamp(0, UTC), 0
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as lines:
        try:
            for number, line in enumerate(lines, start=1):
                try:
                    tick = _line_tick(line, messages)
                except (msgspec.MsgspecError, ValueError, OverflowError) as error:
                    yield due, FrameBroken(f"{path.name} line {number}: {error}")
                    continue
                due = max(due, tick.sent_at or tick.timestamp)
                yield due, tick
        except _UNREADABLE as error:
            yield due, FrameBroken(f"{path.name} ends after line {number}: {error}")


def _line_tick(line: bytes, messages: UpstoxMessages) -> Tick:
    read = _decoder.decode(line)
    recorded_at = (
        datetime.fromisoformat(read.inserted).replace(tzinfo=IST).astimezone(UTC) if read.inserted else None
    )
    return messages.tick(read.instrumentKey, read, recorded_at)
