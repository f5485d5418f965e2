"""The stored one-minute candles, and the minute that is forming."""

from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from core.store import get_store
from trading.instruments.models import Instrument

from ..domain.bars import BarSeries, Int64Array
from ..domain.wire import FORMING_HASH, decode_bar

_EPOCH = {
    "postgresql": "EXTRACT(EPOCH FROM start)::bigint",
    "sqlite": "CAST(strftime('%%s', start) AS INTEGER)",
}


def stored_minutes(instrument_id: int, since: datetime, until: datetime) -> BarSeries:
    """The stored one-minute candles that begin in [since, until)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {epoch()}, {scaled('open')}, {scaled('high')}, {scaled('low')},"
            f" {scaled('close')}, volume, oi FROM marketdata_candle"
            " WHERE instrument_id = %s AND start >= %s AND start < %s ORDER BY start",
            [instrument_id, adapt_instant(since), adapt_instant(until)],
        )
        rows = cursor.fetchall()
    return BarSeries.from_columns(np.array(rows, dtype=np.int64)) if rows else BarSeries.empty()


def epoch() -> str:
    """SQL for the `start` column in Unix seconds."""
    return _EPOCH[connection.vendor]


def scaled(column: str) -> str:
    """SQL for a price column in ten-thousandths of a rupee."""
    return f"CAST(ROUND({column} * 10000) AS BIGINT)"


def adapt_instant(moment: datetime) -> datetime | str | None:
    """A moment as a bare cursor of this database takes it."""
    # A bare cursor would hand SQLite an offset that its stored text does not have.
    adapted: Any = connection.ops.adapt_datetimefield_value(moment)
    return moment if adapted is None else adapted


def minutes_known(instrument: Instrument, since: datetime, until: datetime, *, at: datetime) -> BarSeries:
    """Minutes that begin in [since, until): stored ones that were over at market time `at`, and the forming one."""
    # A replayed day is stored to its end, so the minute that is forming must not be read from there.
    finished = stored_minutes(instrument.pk, since, min(until, at.replace(second=0, microsecond=0)))
    bar = decode_bar(get_store().hmget(FORMING_HASH, [instrument.key])[0])
    if bar is None or not since.timestamp() <= bar.start < until.timestamp():
        return finished
    row = np.array([[bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.oi]], dtype=np.int64)
    kept: Int64Array = finished.columns()
    if len(kept) and kept[-1, 0] > bar.start:
        return finished
    return BarSeries.from_columns(np.vstack((kept[kept[:, 0] < bar.start], row)))
