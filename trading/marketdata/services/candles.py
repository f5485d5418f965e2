"""Storing one-minute candles in bulk: binary COPY on PostgreSQL, one prepared statement elsewhere."""

from typing import Any

import numpy as np
from django.db import connection, transaction

from core.clock import trading_date, wall_now

from ..domain.bars import Int64Array
from ..selectors.minutes import FINISHED_DAYS
from .counts import WriteCounts
from .daily import daily_roll_up, days_of

COLUMNS = ("instrument_id", "start", "open", "high", "low", "close", "volume", "oi")
_VALUES = COLUMNS[2:]
_COPY_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_TRAILER = b"\xff\xff"
_SQLITE_BATCH = 5_000


def candles_write(rows: Int64Array, *, replace: bool = True) -> WriteCounts:
    """Insert one-minute candles; rows that exist are replaced where they differ, or left alone.

    `rows` is an (n, 8) array in the order of `COLUMNS`: `start` in Unix seconds, prices in ten-thousandths of a
    rupee, at most one row for each (instrument, start). All or nothing; the same rows again change nothing.
    Daily bars of days that are over follow. Raises IntegrityError for impossible prices.
    """
    if not len(rows):
        return WriteCounts()
    write = _write_by_copy if connection.vendor == "postgresql" else _write_by_statement
    with transaction.atomic(), connection.cursor() as cursor:
        inserted, updated = write(cursor, rows, replace)
        if inserted or updated:
            if any(day[1] < trading_date(wall_now()) for day in days_of(rows)):
                FINISHED_DAYS.forget_on_commit()
            today = trading_date()
            daily_roll_up(day for day in days_of(rows) if day[1] < today)
    return WriteCounts(len(rows), inserted, updated)


def copy_payload(rows: Int64Array) -> bytes:
    """The rows as PostgreSQL's binary COPY format: eight bigint fields each."""
    record = np.dtype(
        [("fields", ">i2")] + [part for name in COLUMNS for part in ((f"{name}_size", ">i4"), (name, ">i8"))]
    )
    encoded = np.empty(len(rows), dtype=record)
    encoded["fields"] = len(COLUMNS)
    for position, name in enumerate(COLUMNS):
        encoded[f"{name}_size"] = 8
        encoded[name] = rows[:, position]
    return _COPY_SIGNATURE + encoded.tobytes() + _COPY_TRAILER


def _write_by_copy(cursor: Any, rows: Int64Array, replace: bool) -> tuple[int, int]:
    fields = ", ".join(f"{name} bigint" for name in COLUMNS)
    cursor.execute(f"CREATE TEMPORARY TABLE candle_staging ({fields}) ON COMMIT DROP")
    with cursor.copy(f"COPY candle_staging ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(copy_payload(rows))
    inserted = _insert_staged(cursor, "DO NOTHING")
    # Two passes where rows exist, because a partitioned table cannot tell which of them an upsert has inserted.
    updated = _insert_staged(cursor, _conflict(replace)) if replace and inserted < len(rows) else 0
    cursor.execute("DROP TABLE candle_staging")
    return inserted, updated


def _insert_staged(cursor: Any, conflict: str) -> int:
    """The staged rows into the table; returns how many were written."""
    cursor.execute(f"""
        INSERT INTO marketdata_candle AS stored ({", ".join(COLUMNS)})
        SELECT instrument_id, to_timestamp(start), {_rupees("open")}, {_rupees("high")}, {_rupees("low")},
               {_rupees("close")}, volume, oi
        FROM candle_staging ORDER BY instrument_id, start
        ON CONFLICT (instrument_id, start) {conflict}
    """)
    return int(cursor.rowcount)


def _rupees(name: str) -> str:
    # Multiplying is exact and several times quicker than dividing a numeric.
    return f"{name} * 0.0001"


def _conflict(replace: bool) -> str:
    if not replace:
        return "DO NOTHING"
    assignments = ", ".join(f"{name} = excluded.{name}" for name in _VALUES)
    differs = " OR ".join(f"stored.{name} <> excluded.{name}" for name in _VALUES)
    return f"DO UPDATE SET {assignments} WHERE {differs}"


def _write_by_statement(cursor: Any, rows: Int64Array, replace: bool) -> tuple[int, int]:
    """SQLite: the driver's executemany; what is new is counted by the table's growth."""
    before = _count(cursor)
    changes_before = connection.connection.total_changes
    statement = f"""
        INSERT INTO marketdata_candle AS stored ({", ".join(COLUMNS)})
        VALUES (%s, strftime('%%Y-%%m-%%d %%H:%%M:%%S', %s, 'unixepoch'), {", ".join(["%s / 10000.0"] * 4)}, %s, %s)
        ON CONFLICT (instrument_id, start) {_conflict(replace)}
    """
    for first in range(0, len(rows), _SQLITE_BATCH):
        cursor.executemany(statement, rows[first : first + _SQLITE_BATCH].tolist())
    inserted = _count(cursor) - before
    return inserted, connection.connection.total_changes - changes_before - inserted


def _count(cursor: Any) -> int:
    cursor.execute("SELECT count(*) FROM marketdata_candle")
    return int(cursor.fetchone()[0])
