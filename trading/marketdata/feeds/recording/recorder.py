"""Writing down what a feed says, on a thread of its own: a slow disk may not slow a tick."""

import logging
import os
import threading
import time
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from core.clock import trading_date, wall_now
from trading.marketdata.domain.tick import Tick

from ..port import FrameBroken
from .blocks import SUFFIX, Entry, Header, encode_block, micros, row_of
from .retention import recordings_prune

logger = logging.getLogger(__name__)

# What may be lost when the process is killed.
BLOCK_SECONDS = 1.0
_MOST_PENDING = 200_000

_Said = tuple[datetime, list[Tick] | str]


class TickRecorder:
    """Keeps all that one source says in `directory/YYYY-MM-DD/source-HHMMSS.ticks`, a new file a day and start.

    The day is India's on the market clock. A disk that is full or gone is told as a fault and tried again; the feed
    goes on. With each new file, what lies in the directory and is older than `keep_days` is deleted; 0 keeps all.
    """

    def __init__(self, directory: Path, source: str, keys: Iterable[str], *, keep_days: int = 0) -> None:
        self._directory = directory
        self._source = source
        self._keys = sorted(keys)
        self._keep_days = keep_days
        self._pending: list[_Said] = []
        self._ticks_pending = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._day: date | None = None
        self._file: BinaryIO | None = None
        self._thread = threading.Thread(target=self._run, name=f"recorder-{source}", daemon=True)
        self.recorded = 0
        self.fault = ""

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, at: datetime, said: Iterable[Tick] | FrameBroken) -> None:
        """Take over what came at `at` on the market clock; never blocks on the disk."""
        what = str(said) if isinstance(said, FrameBroken) else list(said)
        with self._changed:
            if self._ticks_pending > _MOST_PENDING:
                self.fault = "the disk is too slow: ticks were left out"
                return
            self._pending.append((at, what))
            self._ticks_pending += len(what) if isinstance(what, list) else 1

    def stop(self, timeout: float) -> None:
        """Write what is pending, then end; waits at most `timeout` seconds."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            with self._changed:
                stopping = self._changed.wait_for(lambda: self._stopping, timeout=BLOCK_SECONDS)
                taken, self._pending, self._ticks_pending = self._pending, [], 0
            for day, part in _by_day(taken):
                self._write(day, part)
        self._close()

    def _write(self, day: date, said: list[_Said]) -> None:
        entries = [_entry(at, what) for at, what in said]
        try:
            file = self._file_of(day)
            file.write(encode_block(entries))
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            logger.exception("ticks not recorded", extra={"source": self._source})
            self.fault = f"{error.strerror or type(error).__name__}: {len(said)} frames not recorded"
            self._close()
        else:
            self.recorded += sum(len(entry.rows) for entry in entries)
            self.fault = ""

    def _file_of(self, day: date) -> BinaryIO:
        if self._file is None or self._day != day:
            self._close()
            folder = self._directory / day.isoformat()
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self._new_file(folder)
            self._day = day
            self._file.write(encode_block(Header(self._source, wall_now(), self._keys)))
            if self._keep_days:
                recordings_prune(self._directory, trading_date(wall_now()) - timedelta(days=self._keep_days))
        return self._file

    def _new_file(self, folder: Path) -> BinaryIO:
        """A file that was not there: what a process before this one wrote is never touched."""
        stem = f"{self._source}-{time.strftime('%H%M%S')}"
        number = 0
        while True:
            path = folder / (f"{stem}-{number}{SUFFIX}" if number else f"{stem}{SUFFIX}")
            try:
                return path.open("xb")
            except FileExistsError:
                number += 1

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                logger.warning("a recording was not closed cleanly", exc_info=True)


def _entry(at: datetime, said: list[Tick] | str) -> Entry:
    if isinstance(said, str):
        return Entry(micros(at), [], said)
    return Entry(micros(at), [row_of(tick) for tick in said])


def _by_day(said: list[_Said]) -> list[tuple[date, list[_Said]]]:
    """The same in order, split where India's date changes."""
    parts: list[tuple[date, list[_Said]]] = []
    for each in said:
        day = trading_date(each[0])
        if not parts or parts[-1][0] != day:
            parts.append((day, []))
        parts[-1][1].append(each)
    return parts
