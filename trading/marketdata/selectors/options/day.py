"""A stored day of a chain as arrays: what every minute of it looked like, from the contracts' one-minute
candles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db import connection

from core import clock
from core.cache import Cache
from trading.instruments.process_cache import REFERENCE

from ...domain.bars import PRICE_SCALE, Int64Array
from ...domain.options.kernel import FloatArray
from ..minutes import adapt_instant, epoch, scaled
from .contracts import ChainContracts

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class ChainDay:
    """Minutes (columns) of instruments (rows), each as it stood at the minute's end.

    `ends` are Unix seconds, ascending. `close` in rupees is the last one so far, NaN before the first; `seen` the
    end of the minute that it is of (0 before the first); `volume` counts from the start of the day; `oi` is the
    last one.
    """

    rows: dict[int, int]
    ends: Int64Array
    close: FloatArray
    seen: Int64Array
    volume: Int64Array
    oi: Int64Array

    def column(self, at: datetime) -> int:
        """The last minute that was over at a moment; -1 before the first."""
        return int(np.searchsorted(self.ends, int(at.timestamp()), side="right")) - 1


# Scrubbing through a day reads it once; imports and backfills show within the minute.
_days: Cache[tuple[tuple[int, ...], date, int], ChainDay] = Cache(
    "marketdata.chain_days", seconds=60, group=REFERENCE, most=24
)


def chain_day(contracts: ChainContracts, day: date) -> ChainDay:
    """The chain's minutes of an Indian day that are over by market time now, its spot and its future among the
    rows."""
    ids = tuple(each.id for each in contracts.options)
    ids += tuple(pk for pk in (contracts.spot_id, contracts.future_id) if pk is not None)
    since, until = clock.ist_day_span(day)
    over = min(until, clock.now().replace(second=0, microsecond=0))
    return _days.get((ids, day, int(over.timestamp())), lambda: _load(ids, since, over))


def _load(ids: Sequence[int], since: datetime, until: datetime) -> ChainDay:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT instrument_id, {epoch()}, {scaled('close')}, volume, oi FROM marketdata_candle"
            f" WHERE instrument_id IN ({','.join(['%s'] * len(ids))}) AND start >= %s AND start < %s",
            [*ids, adapt_instant(since), adapt_instant(until)],
        )
        found = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 5)
    return _arrange(ids, found)


def _arrange(ids: Sequence[int], found: Int64Array) -> ChainDay:
    """From rows of (instrument, start, close, volume, oi)."""
    rows = {pk: row for row, pk in enumerate(ids)}
    starts, column = np.unique(found[:, 1], return_inverse=True)
    row = np.array([rows[pk] for pk in found[:, 0].tolist()], dtype=np.intp)
    shape = (len(ids), len(starts))
    latest = np.full(shape, -1, dtype=np.int64)
    latest[row, column] = column
    latest = np.maximum.accumulate(latest, axis=1) if starts.size else latest
    close, volume, oi = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for table, values in ((close, found[:, 2]), (volume, found[:, 3]), (oi, found[:, 4])):
        table[row, column] = values
    known = latest >= 0
    pick = np.maximum(latest, 0)
    ends = starts + _MINUTE
    return ChainDay(
        rows=rows,
        ends=ends,
        close=np.where(known, np.take_along_axis(close, pick, axis=1) / PRICE_SCALE, np.nan),
        seen=np.where(known, ends[pick] if starts.size else 0, 0),
        volume=np.cumsum(volume, axis=1),
        oi=np.where(known, np.take_along_axis(oi, pick, axis=1), 0),
    )
