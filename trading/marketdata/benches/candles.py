"""`manage.py bench candles`: importing candles beside the database's own fastest way of taking the same rows."""

import gzip
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.core.management.base import CommandError, OutputWrapper
from django.db import connection, transaction

from core.clock import IST
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.selectors import calendar_for

from ..domain.bars import Int64Array
from ..imports import candle_file_import
from ..services import candles_write

_MINUTES = 375
_FIRST_DAY = datetime(2022, 1, 3, 9, 15, tzinfo=IST)


class CandlesBench:
    """Rows a second of the import and of its write, against COPY of the same rows."""

    help = "Candle import against a bare COPY of the same rows (PostgreSQL only); everything is rolled back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, default=90_000, help="at most 90,000 (a year of minutes)")
        parser.add_argument("--rounds", type=int, default=3)

    def run(self, out: OutputWrapper, *, rows: int, rounds: int, **options: Any) -> None:
        """Interleaved rounds; ratios are of the same round, and the worst one counts."""
        if connection.vendor != "postgresql":
            raise CommandError("COPY is PostgreSQL's: set DATABASE_URL.")
        with transaction.atomic(), TemporaryDirectory() as folder:
            instrument = Instrument.objects.create(
                key="NSE:BENCH", exchange="NSE", symbol="BENCH", name="Bench",
                instrument_type=InstrumentType.EQUITY, tick_size="0.05",
            )  # fmt: skip
            block = _rows(instrument.pk, rows)
            path = _file(Path(folder) / "bench.csv.gz", block)
            out.write(f"{len(block)} rows, rows/s    bare COPY   candles_write   file import   file again")
            ratios = [_round(out, block, path) for _ in range(rounds)]
            out.write(
                f"worst ratio to bare COPY: candles_write {min(write for write, _ in ratios):.2f}, "
                f"file import {min(whole for _, whole in ratios):.2f}"
            )
            transaction.set_rollback(True)


def _round(out: OutputWrapper, block: Int64Array, path: Path) -> tuple[float, float]:
    text = _copy_text(block)
    bare = _rate(len(block), lambda: _bare_copy(text))
    _forget(block)
    write = _rate(len(block), lambda: _write_checked(block))
    _forget(block)
    whole = _rate(len(block), lambda: candle_file_import(path))
    again = _rate(len(block), lambda: candle_file_import(path))
    out.write(f"{'':25}{bare:12,.0f}{write:16,.0f}{whole:14,.0f}{again:13,.0f}")
    return write / bare, whole / bare


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
        with cursor.copy("COPY bare_candle FROM STDIN") as copy:
            copy.write(text)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("DROP TABLE bare_candle")


def _write_checked(block: Int64Array) -> None:
    """With its foreign keys checked, as a commit would."""
    candles_write(block)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _forget(block: Int64Array) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM marketdata_candle WHERE instrument_id = %s", [int(block[0, 0])])


def _file(path: Path, block: Int64Array) -> Path:
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        file.write("symbol,timestamp_ist,open,high,low,close,volume\n")
        for _, start, *prices, volume, _ in block.tolist():
            moment = datetime.fromtimestamp(start, IST).strftime("%Y-%m-%d %H:%M:%S")
            file.write(f"BENCH,{moment},{','.join(str(price / 10_000) for price in prices)},{volume}\n")
    return path
