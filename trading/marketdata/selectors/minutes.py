"""The stored one-minute candles, and the minute that is forming."""

import zlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from django.db import connection

from core.cache import Cache, CacheGroup, Shared
from core.clock import ist_day_span, ist_day_start, trading_date
from core.store import get_store
from trading.instruments.models import Instrument

from ..domain.bars import BarSeries, Int64Array
from ..domain.wire import FORMING_HASH, decode_bar

# Longer spans are for batches: one of them would put out what everybody else reads.
_LONGEST_KEPT = timedelta(days=120)
_INSTANT = timedelta(microseconds=1)
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


def minutes_of_many(instrument_ids: Sequence[int], since: datetime, until: datetime) -> dict[int, BarSeries]:
    """The same of several instruments in one query, by id; those without a minute in the span are left out."""
    if not instrument_ids:
        return {}
    marks = ", ".join(["%s"] * len(instrument_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT instrument_id, {epoch()}, {scaled('open')}, {scaled('high')}, {scaled('low')},"
            f" {scaled('close')}, volume, oi FROM marketdata_candle"
            f" WHERE instrument_id IN ({marks}) AND start >= %s AND start < %s ORDER BY instrument_id, start",
            [*instrument_ids, adapt_instant(since), adapt_instant(until)],
        )
        rows = cursor.fetchall()
    return {
        instrument_id: BarSeries.from_columns(np.array([row[1:] for row in of_one], dtype=np.int64))
        for instrument_id, of_one in groupby(rows, key=itemgetter(0))
    }


def _finished_minutes(instrument_id: int, since: datetime, until: datetime, at: datetime) -> BarSeries:
    """The same as `stored_minutes`: days before market time `at` from the cache, the day itself from the table."""
    today = ist_day_start(trading_date(at))
    if since >= today or until <= since:
        return stored_minutes(instrument_id, since, until)
    past = _past_days(instrument_id, trading_date(since), trading_date(min(until, today) - _INSTANT))
    kept = past.columns()
    kept = kept[(kept[:, 0] >= since.timestamp()) & (kept[:, 0] < until.timestamp())]
    if until > today:
        kept = np.vstack((kept, stored_minutes(instrument_id, today, until).columns()))
    return BarSeries.from_columns(kept)


def _past_days(instrument_id: int, first: date, last: date) -> BarSeries:
    def load() -> BarSeries:
        return stored_minutes(instrument_id, ist_day_start(first), ist_day_span(last)[1])

    if last - first > _LONGEST_KEPT:
        return load()
    return _past.get((instrument_id, first, last), load)


def _packed(series: BarSeries) -> bytes:
    return zlib.compress(series.columns().astype("<i8").tobytes(), 1)


def _unpacked(content: bytes) -> BarSeries:
    try:
        return BarSeries.from_columns(np.frombuffer(zlib.decompress(content), dtype="<i8").reshape(-1, 7))
    except zlib.error as error:
        raise ValueError("not minutes") from error


FINISHED_DAYS = CacheGroup("candles")
"""What was read of days that are over: they change only by an import or a backfill, which forget it."""

_past: Cache[tuple[int, date, date], BarSeries] = Cache(
    "marketdata.past_minutes",
    seconds=600,
    group=FINISHED_DAYS,
    most=64 * 1024 * 1024,
    weigh=lambda series: 56 * len(series) + 500,
    shared=Shared(encode=_packed, decode=_unpacked, seconds=3600, one_loader=True),
    key_text=lambda key: f"{key[0]}:{key[1].isoformat()}:{key[2].isoformat()}",
)


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
    finished = _finished_minutes(instrument.pk, since, min(until, at.replace(second=0, microsecond=0)), at)
    bar = decode_bar(get_store().hmget(FORMING_HASH, [instrument.key])[0])
    if bar is None or not since.timestamp() <= bar.start < until.timestamp():
        return finished
    row = np.array([[bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.oi]], dtype=np.int64)
    kept: Int64Array = finished.columns()
    if len(kept) and kept[-1, 0] > bar.start:
        return finished
    return BarSeries.from_columns(np.vstack((kept[kept[:, 0] < bar.start], row)))
