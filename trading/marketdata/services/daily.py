"""Daily bars: added up from minutes, or as an exchange or a broker published them."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection, transaction

from core.clock import ist_day_span, trading_date

from ..domain.bars import Int64Array, ist_days
from ..models import DailyBar
from ..selectors.minutes import adapt_instant
from .counts import WriteCounts

_DAYS_A_STATEMENT = 400
_SWEPT_DAYS = 5
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class DailyValues:
    """A day of an instrument as a file or a broker tells it; rupees and units, None where it does not say."""

    instrument_id: int
    date: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int = 0
    oi: int = 0
    previous_close: Decimal | None = None
    turnover: Decimal | None = None
    trades: int | None = None
    delivered: int | None = None


_COLUMNS = tuple(field.name for field in fields(DailyValues))
_TOLD = _COLUMNS[2:]


def daily_bars_write(bars: Sequence[DailyValues], *, source: DailyBar.Source) -> WriteCounts:
    """Store days that an exchange or a broker told; a day known from a better source stays as it is.

    At most one row for each (instrument, date). All or nothing; the same again changes nothing.
    """
    if not bars:
        return WriteCounts()
    with transaction.atomic(), connection.cursor() as cursor:
        _stage(cursor, bars)
        inserted = _insert_staged(cursor, source, "DO NOTHING")
        updated = 0
        if inserted < len(bars):
            assignments = ", ".join(f"{name} = excluded.{name}" for name in ("source", *_TOLD))
            differs = " OR ".join(f"stored.{name} IS DISTINCT FROM excluded.{name}" for name in ("source", *_TOLD))
            updated = _insert_staged(
                cursor,
                source,
                f"DO UPDATE SET {assignments} WHERE stored.source <= excluded.source AND ({differs})",
            )
        cursor.execute("DROP TABLE daily_staging")
    return WriteCounts(len(bars), inserted, updated)


def _stage(cursor: Any, bars: Sequence[DailyValues]) -> None:
    cursor.execute(
        f"CREATE TEMPORARY TABLE daily_staging AS SELECT {', '.join(_COLUMNS)} FROM marketdata_dailybar LIMIT 0"
    )
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY daily_staging ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for bar in bars:
                copy.write_row(astuple(bar))
        return
    marks = ", ".join(["%s"] * len(_COLUMNS))
    cursor.executemany(
        f"INSERT INTO daily_staging ({', '.join(_COLUMNS)}) VALUES ({marks})",
        [tuple(_plain(value) for value in astuple(bar)) for bar in bars],
    )


def _plain(value: object) -> object:
    """As SQLite's driver takes it; its decimals are stored as floating-point numbers."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def _insert_staged(cursor: Any, source: DailyBar.Source, conflict: str) -> int:
    cursor.execute(f"""
        INSERT INTO marketdata_dailybar AS stored ({", ".join(_COLUMNS)}, source, minutes)
        SELECT {", ".join(_COLUMNS)}, {int(source)}, 0 FROM daily_staging WHERE true
        ORDER BY instrument_id, date
        ON CONFLICT (instrument_id, date) {conflict}
    """)
    return int(cursor.rowcount)


def days_of(rows: Int64Array) -> list[tuple[int, date]]:
    """The (instrument, Indian date) pairs that rows of `candles_write` touch."""
    pairs = np.unique(np.column_stack((rows[:, 0], ist_days(rows[:, 1]))), axis=0)
    return [(instrument_id, date.fromordinal(_EPOCH_ORDINAL + day)) for instrument_id, day in pairs.tolist()]


def daily_roll_up(days: Iterable[tuple[int, date]]) -> int:
    """Add up the stored minutes of these (instrument, date) pairs; returns how many days have any.

    Where an exchange or a broker has told the day's prices, only the count of minutes is refreshed.
    """
    wanted = list(days)
    written = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for first in range(0, len(wanted), _DAYS_A_STATEMENT):
            written += _roll_up(cursor, wanted[first : first + _DAYS_A_STATEMENT])
    return written


def _roll_up(cursor: Any, days: Sequence[tuple[int, date]]) -> int:
    told = ("open", "high", "low", "close", "volume", "oi")
    is_ours = f"stored.source = {int(DailyBar.Source.ROLL_UP)}"
    kept = ", ".join(f"{name} = CASE WHEN {is_ours} THEN excluded.{name} ELSE stored.{name} END" for name in told)
    sums, values = (_sums_by_scan if connection.vendor == "postgresql" else _sums_by_key)(days)
    cursor.execute(
        f"""
        INSERT INTO marketdata_dailybar AS stored
            (instrument_id, date, open, high, low, close, volume, oi, minutes, source)
        SELECT sums.*, {int(DailyBar.Source.ROLL_UP)} FROM ({sums}) AS sums WHERE true
        ON CONFLICT (instrument_id, date) DO UPDATE SET minutes = excluded.minutes, {kept}
        """,
        values,
    )
    return int(cursor.rowcount)


def _sums_by_scan(days: Sequence[tuple[int, date]]) -> tuple[str, list[Any]]:
    """One pass over the minutes from the first day to the last: joined by day, every partition is asked anew."""
    on = [day for _, day in days]
    wanted = [part for pair in days for part in pair]
    sums = f"""
        SELECT minute.instrument_id, wanted.date, (array_agg(open ORDER BY start))[1], max(high), min(low),
               (array_agg(close ORDER BY start DESC))[1], sum(volume)::bigint,
               (array_agg(oi ORDER BY start DESC))[1], count(*)
        FROM marketdata_candle AS minute
        JOIN (VALUES {", ".join(["(%s, %s)"] * len(days))}) AS wanted (instrument_id, date)
            ON wanted.instrument_id = minute.instrument_id
            AND wanted.date = (minute.start AT TIME ZONE 'Asia/Kolkata')::date
        WHERE minute.instrument_id = ANY(%s) AND minute.start >= %s AND minute.start < %s
        GROUP BY minute.instrument_id, wanted.date
    """
    ids = list({instrument_id for instrument_id, _ in days})
    return sums, [*wanted, ids, ist_day_span(min(on))[0], ist_day_span(max(on))[1]]


def _sums_by_key(days: Sequence[tuple[int, date]]) -> tuple[str, list[Any]]:
    """The same where aggregates know no order: the first and last minute are looked up by their key."""
    values: list[Any] = []
    for instrument_id, day in days:
        opens, closes = ist_day_span(day)
        values += [instrument_id, day, adapt_instant(opens), adapt_instant(closes)]
    sums = f"""
        WITH wanted (instrument_id, date, opens, closes) AS (VALUES {", ".join(["(%s, %s, %s, %s)"] * len(days))}),
        days AS (
            SELECT wanted.instrument_id, wanted.date, min(start) AS first_at, max(start) AS last_at,
                   max(high) AS high, min(low) AS low, sum(volume) AS volume, count(*) AS minutes
            FROM wanted JOIN marketdata_candle AS minute ON minute.instrument_id = wanted.instrument_id
                AND minute.start >= wanted.opens AND minute.start < wanted.closes
            GROUP BY wanted.instrument_id, wanted.date
        )
        SELECT days.instrument_id, days.date, first.open, days.high, days.low, last.close, days.volume, last.oi,
               days.minutes
        FROM days
        JOIN marketdata_candle AS first ON first.instrument_id = days.instrument_id AND first.start = days.first_at
        JOIN marketdata_candle AS last ON last.instrument_id = days.instrument_id AND last.start = days.last_at
    """
    return sums, values


def daily_sweep() -> int:
    """Add up the days that are over and have minutes but no count of them; returns how many.

    What was written while a day was not over is found by this; what comes later adds itself up.
    """
    today = trading_date()
    found: list[tuple[int, date]] = []
    with connection.cursor() as cursor:
        for day in (today - timedelta(days=back) for back in range(1, _SWEPT_DAYS + 1)):
            opens, closes = ist_day_span(day)
            cursor.execute(
                "SELECT DISTINCT instrument_id FROM marketdata_candle WHERE start >= %s AND start < %s"
                " AND instrument_id NOT IN"
                " (SELECT instrument_id FROM marketdata_dailybar WHERE date = %s AND minutes > 0)",
                [adapt_instant(opens), adapt_instant(closes), day],
            )
            found += [(instrument_id, day) for (instrument_id,) in cursor.fetchall()]
    return daily_roll_up(found)
