"""`manage.py bench candles`: importing and reading candles beside the database's own fastest way with them."""

import gzip
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.core.management.base import CommandError, OutputWrapper
from django.db import connection, transaction

from core.clock import IST, trading_date
from trading.instruments.models import CorporateAction, Instrument, InstrumentType
from trading.instruments.selectors import calendar_for

from ..domain.bars import Int64Array, Interval, derive
from ..imports import candle_file_import
from ..selectors import candles, stored_minutes
from ..services import candles_write, months_of, partitions_ensure
from ..services.candles import COLUMNS

_MINUTES = 375
_FIRST_DAY = datetime(2022, 1, 3, 9, 15, tzinfo=IST)


class CandlesBench:
    """Rows a second of the import and of its write, against COPY of the same rows; then reads of that year."""

    help = "Candle import and reads against a bare COPY of the same rows (PostgreSQL only); all is rolled back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, default=90_000, help="at most 90,000 (a year of minutes)")
        parser.add_argument("--rounds", type=int, default=3)

    def run(self, out: OutputWrapper, *, rows: int, rounds: int, **options: Any) -> None:
        """Interleaved rounds; ratios are of the same round, and the worst one counts."""
        if connection.vendor != "postgresql":
            raise CommandError("COPY is PostgreSQL's: set DATABASE_URL.")
        with transaction.atomic(), TemporaryDirectory() as folder:
            instrument = _instrument("BENCH")
            block = _rows(instrument.pk, rows)
            partitions_ensure(
                months_of(trading_date(datetime.fromtimestamp(at, UTC)) for at in block[::375, 1].tolist())
            )
            out.write(f"{len(block)} rows, rows/s    bare COPY   candles_write   file import   file again")
            ratios = [_round(out, block, Path(folder), number) for number in range(rounds)]
            out.write(
                f"worst ratio to bare COPY: candles_write {min(write for write, _ in ratios):.2f}, "
                f"file import {min(whole for _, whole in ratios):.2f}"
            )
            _reads(out, instrument, block, rounds)
            transaction.set_rollback(True)


def _instrument(symbol: str) -> Instrument:
    made: Instrument = Instrument.objects.create(
        key=f"NSE:{symbol}", exchange="NSE", symbol=symbol, name="Bench",
        instrument_type=InstrumentType.EQUITY, tick_size="0.05",
    )  # fmt: skip
    return made


def _round(out: OutputWrapper, block: Int64Array, folder: Path, number: int) -> tuple[float, float]:
    """Each under an instrument of its own: keys that were deleted before would be looked through again."""
    text = _copy_text(block)
    bare = _rate(len(block), lambda: _bare_copy(text))
    written = block if number == 0 else block.copy()
    if number:
        written[:, 0] = _instrument(f"BENCHW{number}").pk
    write = _rate(len(block), lambda: _checked(partial(candles_write, written)))
    symbol = f"BENCHF{number}"
    _instrument(symbol)
    path = _file(folder / f"{symbol}.csv.gz", symbol, block)
    whole = _rate(len(block), lambda: _checked(partial(candle_file_import, path)))
    again = _rate(len(block), lambda: candle_file_import(path))
    out.write(f"{'':25}{bare:12,.0f}{write:16,.0f}{whole:14,.0f}{again:13,.0f}")
    return write / bare, whole / bare


def _reads(out: OutputWrapper, instrument: Instrument, block: Int64Array, rounds: int) -> None:
    """A year of minutes as arrays, longer bars of it, and its days, beside COPY of the minutes out."""
    start, end = (datetime.fromtimestamp(int(at), UTC) for at in (block[0, 1], block[-1, 1] + 60))
    read = partial(candles, instrument, start=start, end=end, limit=len(block))
    CorporateAction.objects.create(
        instrument=instrument,
        kind=CorporateAction.Kind.BONUS,
        ex_date=trading_date(end),
        ratio_held=1,
        ratio_after=2,
    )
    reads: dict[str, Callable[[], object]] = {
        "COPY out": lambda: _copy_out(instrument.pk),
        "1m": lambda: read(Interval.M1),
        "1m adjusted": lambda: read(Interval.M1, adjusted=True),
        "5m": lambda: read(Interval.M5),
        "1d from days": lambda: read(Interval.D1),
        "1d from minutes": lambda: derive(stored_minutes(instrument.pk, start, end), Interval.D1, block[:, 1]),
    }
    out.write(f"{len(block)} minutes read, ms" + "".join(f"{name:>17}" for name in reads))
    for _ in range(rounds):
        took = [len(block) / _rate(len(block), action) * 1_000 for action in reads.values()]
        out.write(f"{'':22}" + "".join(f"{each:17.1f}" for each in took))


def _copy_out(instrument_id: int) -> int:
    rows = f"SELECT * FROM marketdata_candle WHERE instrument_id = {instrument_id}"
    with connection.cursor() as cursor, cursor.copy(f"COPY ({rows}) TO STDOUT (FORMAT BINARY)") as copy:
        return sum(len(part) for part in copy)


def _rate(rows: int, action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return rows / (time.perf_counter() - started)


def _rows(instrument_id: int, count: int) -> Int64Array:
    """Minutes of the trading days of 2022 with a wandering price."""
    days = calendar_for().trading_days(_FIRST_DAY.date(), _FIRST_DAY.date() + timedelta(days=362))
    opens = [int(_FIRST_DAY.timestamp()) + (day - _FIRST_DAY.date()).days * 86_400 for day in days]
    starts = np.concatenate([np.arange(_MINUTES) * 60 + first for first in opens])[:count]
    steps = np.random.default_rng(1).integers(-20, 21, len(starts))
    close = 10_000_000 + np.cumsum(steps) * 500
    opening = np.r_[10_000_000, close[:-1]]
    columns = (
        np.full(len(starts), instrument_id),
        starts,
        opening,
        np.maximum(opening, close) + 500,
        np.minimum(opening, close) - 500,
        close,
        np.abs(steps) * 100,
        np.zeros(len(starts), dtype=np.int64),
    )
    return np.column_stack(columns).astype(np.int64)


def _copy_text(block: Int64Array) -> str:
    lines = []
    for pk, start, *prices, volume, oi in block.tolist():
        moment = datetime.fromtimestamp(start, IST).isoformat()
        values = "\t".join(f"{price / 10_000:.4f}" for price in prices)
        lines.append(f"{pk}\t{moment}\t{values}\t{volume}\t{oi}\n")
    return "".join(lines)


def _bare_copy(text: str) -> None:
    """Into a table like the real one: key, checks and foreign key included."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_candle (LIKE marketdata_candle INCLUDING ALL)")
        cursor.execute(
            "ALTER TABLE bare_candle ADD FOREIGN KEY (instrument_id) REFERENCES instruments_instrument"
            " DEFERRABLE INITIALLY DEFERRED"
        )
        with cursor.copy(f"COPY bare_candle ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            copy.write(text)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("DROP TABLE bare_candle")


def _checked(action: Callable[[], object]) -> None:
    """With its foreign keys checked, as a commit would."""
    action()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _file(path: Path, symbol: str, block: Int64Array) -> Path:
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        file.write("symbol,timestamp_ist,open,high,low,close,volume\n")
        for _, start, *prices, volume, _ in block.tolist():
            moment = datetime.fromtimestamp(start, IST).strftime("%Y-%m-%d %H:%M:%S")
            file.write(f"{symbol},{moment},{','.join(str(price / 10_000) for price in prices)},{volume}\n")
    return path
