"""Writing finished candles on a thread of its own: the database may be slow, the tick path may not."""

import logging
import threading
from collections.abc import Iterable, Mapping

import numpy as np
from django.db import DatabaseError, close_old_connections, connections

from trading.marketdata.domain.bars import Int64Array
from trading.marketdata.domain.candle_builder import Bar
from trading.marketdata.services import candles_write

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 2.0
_MOST_PENDING = 200_000


class CandleWriter:
    """Keeps the latest version of each unwritten candle and writes them in batches until stopped."""

    def __init__(self, instrument_ids: Mapping[str, int]) -> None:
        self._ids = instrument_ids
        self._pending: dict[tuple[str, int], Bar] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="candle-writer", daemon=True)
        self.written = 0

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, bars: Iterable[Bar]) -> None:
        """Take candles over; never blocks on the database."""
        with self._changed:
            self._pending.update(((bar.key, bar.start), bar) for bar in bars)
            if len(self._pending) > _MOST_PENDING:
                logger.error("candles given up: the database has not taken any for too long")
                self._pending.clear()
            self._changed.notify()

    def stop(self, timeout: float) -> bool:
        """Write what is pending, then end; False when that took longer than `timeout` seconds."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while bars := self._take():
                self._write(bars)
        finally:
            connections.close_all()

    def _take(self) -> list[Bar]:
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._stopping)
            taken = list(self._pending.values())
            self._pending = {}
            return taken

    def _write(self, bars: list[Bar]) -> None:
        close_old_connections()
        try:
            # A minute that was watched in part must not replace a whole one stored before a restart.
            for whole in (True, False):
                rows = self._rows(bar for bar in bars if bar.whole is whole)
                self.written += candles_write(rows, replace=whole).given
        except DatabaseError:
            logger.exception("candles not written; trying again")
            with self._changed:
                self._pending = {(bar.key, bar.start): bar for bar in bars} | self._pending
                self._changed.wait_for(lambda: self._stopping, timeout=_RETRY_SECONDS)
                if self._stopping:
                    logger.error("candles lost at shutdown", extra={"candles": len(self._pending)})
                    self._pending = {}

    def _rows(self, bars: Iterable[Bar]) -> Int64Array:
        rows = [
            (self._ids[bar.key], bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.oi)
            for bar in bars
        ]
        return np.array(rows, dtype=np.int64).reshape(-1, 8)
