"""Storing one-minute candles in bulk: binary COPY on PostgreSQL, one prepared statement elsewhere."""

from contextlib import suppress
from typing import Any

import numpy as np
from django.db import IntegrityError, connection, transaction
from numpy.typing import DTypeLike

from core.clock import trading_date, wall_now

from ..domain.bars import Int64Array
from ..selectors.minutes import FINISHED_DAYS
from .counts import WriteCounts
from .daily import daily_roll_up, days_of

COLUMNS = ("instrument_id", "start", "open", "high", "low", "close", "volume", "oi")
_VALUES = COLUMNS[2:]
_PRICES = COLUMNS[2:6]
_DIGITS = 5
_NEGATIVE = 0x4000
_NUMERIC = np.dtype(
    [("digits", ">i2"), ("weight", ">i2"), ("sign", ">i2"), ("scale", ">i2"), ("digit", ">i2", (_DIGITS,))]
)
_POSTGRES_EPOCH = 946_684_800
"""2000-01-01, from which PostgreSQL counts microseconds."""
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
    """The rows as PostgreSQL's binary COPY format: bigint, timestamptz, four numeric(14,4) and two bigint."""
    fields: list[tuple[str, DTypeLike]] = [("fields", ">i2")]
    for name in COLUMNS:
        fields += [(f"{name}_size", ">i4"), (name, _NUMERIC if name in _PRICES else ">i8")]
    encoded = np.empty(len(rows), dtype=fields)
    encoded["fields"] = len(COLUMNS)
    for position, name in enumerate(COLUMNS):
        encoded[f"{name}_size"] = encoded[name].dtype.itemsize
        encoded[name] = _numeric(rows[:, position]) if name in _PRICES else rows[:, position]
    encoded["start"] = (rows[:, 1] - _POSTGRES_EPOCH) * 1_000_000
    return _COPY_SIGNATURE + encoded.tobytes() + _COPY_TRAILER


def _numeric(prices: Int64Array) -> np.ndarray:
    """Ten-thousandths as `numeric`: digits of base 10,000, the last of them behind the point."""
    encoded = np.zeros(len(prices), dtype=_NUMERIC)
    encoded["digits"], encoded["weight"], encoded["scale"] = _DIGITS, _DIGITS - 2, 4
    encoded["sign"] = np.where(prices < 0, _NEGATIVE, 0)
    rest = np.abs(prices)
    for digit in reversed(range(_DIGITS)):
        rest, encoded["digit"][:, digit] = np.divmod(rest, 10_000)
    return encoded


def _write_by_copy(cursor: Any, rows: Int64Array, replace: bool) -> tuple[int, int]:
    payload = copy_payload(rows)
    if not _may_exist(cursor, rows):
        with suppress(IntegrityError), transaction.atomic():
            _copy(cursor, "marketdata_candle", payload)
            return len(rows), 0
        # Somebody was quicker, or a price is impossible: the longer way tells which.
    cursor.execute(
        f"CREATE TEMPORARY TABLE candle_staging ON COMMIT DROP AS"
        f" SELECT {', '.join(COLUMNS)} FROM marketdata_candle LIMIT 0"
    )
    _copy(cursor, "candle_staging", payload)
    inserted = _insert_staged(cursor, "DO NOTHING")
    # Two passes where rows exist, because a partitioned table cannot tell which of them an upsert has inserted.
    updated = _insert_staged(cursor, _conflict(replace)) if replace and inserted < len(rows) else 0
    cursor.execute("DROP TABLE candle_staging")
    return inserted, updated


def _copy(cursor: Any, table: str, payload: bytes) -> None:
    columns = ", ".join(COLUMNS)
    with (
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(payload)


def _may_exist(cursor: Any, rows: Int64Array) -> bool:
    """Whether anything is stored of these instruments in the rows' span."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM marketdata_candle WHERE instrument_id = ANY(%s)"
        " AND start BETWEEN to_timestamp(%s) AND to_timestamp(%s))",
        [np.unique(rows[:, 0]).tolist(), int(rows[:, 1].min()), int(rows[:, 1].max())],
    )
    return bool(cursor.fetchone()[0])


def _insert_staged(cursor: Any, conflict: str) -> int:
    """The staged rows into the table; returns how many were written."""
    columns = ", ".join(COLUMNS)
    cursor.execute(
        f"INSERT INTO marketdata_candle AS stored ({columns}) SELECT {columns} FROM candle_staging"
        f" ORDER BY instrument_id, start ON CONFLICT (instrument_id, start) {conflict}"
    )
    return int(cursor.rowcount)


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
