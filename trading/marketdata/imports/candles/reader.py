"""A candle file as arrays: whatever is wrong with a row is told with its number and a reason."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import numpy as np

from trading.marketdata.domain.bars import IST_OFFSET, MINUTE, PRICE_SCALE, Int64Array

from ..files import FileBroken, Progress, Reject, csv_rows
from .formats import FORMATS, PRICES, CandleFormat, Label, detect

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - files carry Indian time without an offset
_HIGHEST_PRICE = 100_000_000.0
_MOST_VOLUME = 2**62
_REPORT_EVERY = 5_000


class RowFault(StrEnum):
    """Why a row of a candle file was refused."""

    BAD_COLUMNS = "bad_columns"
    BAD_TIME = "bad_time"
    BAD_NUMBER = "bad_number"
    IMPOSSIBLE_PRICES = "impossible_prices"
    NEGATIVE_VOLUME = "negative_volume"
    CONFLICTING_ROW = "conflicting_row"


@dataclass(slots=True)
class CandleFile:
    """For each symbol an (n, 8) array of row number, start, open, high, low, close, volume, oi."""

    format: CandleFormat
    rows_read: int = 0
    rejects: list[Reject] = field(default_factory=list)
    symbols: dict[str, Int64Array] = field(default_factory=dict)
    duplicates: int = 0


def candle_file_read(
    path: Path, *, format_name: str | None = None, label: Label | None = None, progress: Progress | None = None
) -> CandleFile:
    """Read a CSV file, gzipped, zipped or plain; `progress` is told of bytes consumed. Raises FileBroken.

    Rows come back ascending by time and unique: an exact repetition is dropped and counted, contradicting rows of
    one minute are all rejected.
    """
    with csv_rows(path, progress=progress) as (rows, report):
        return _read(rows, format_name, label, report)


def _read(
    reader: Iterator[list[str]], format_name: str | None, label: Label | None, report: Callable[[], None]
) -> CandleFile:
    header = [column.strip() for column in next(reader, [])]
    file_format = FORMATS[format_name] if format_name else detect(header)
    if file_format is None or not file_format.required <= set(header):
        raise FileBroken("unknown_columns", ", ".join(header) or "the file is empty")
    parsed = CandleFile(file_format)
    parser = _RowParser(header, file_format, label or file_format.label)
    for number, row in enumerate(reader, start=2):
        parsed.rows_read += 1
        fault = parser.take(number, row)
        if fault:
            parsed.rejects.append(Reject(number, fault, ",".join(row)[:200]))
        if number % _REPORT_EVERY == 0:
            report()
    for symbol, rows in parser.rows.items():
        parsed.symbols[symbol] = _unique(np.array(rows, dtype=np.int64), parsed)
    parsed.rejects.sort(key=lambda reject: reject.row)
    return parsed


class _RowParser:
    """Turns rows of strings into rows of integers, symbol by symbol."""

    def __init__(self, header: list[str], file_format: CandleFormat, label: Label) -> None:
        self.rows: dict[str, list[tuple[int, ...]]] = {}
        self._width = len(header)
        self._symbol = header.index(file_format.symbol)
        self._times = [header.index(column) for column in file_format.time]
        self._prices = [header.index(column) for column in PRICES]
        self._volume = header.index("volume")
        self._oi = header.index("oi") if "oi" in header else None
        self._shift = IST_OFFSET + (MINUTE if label is Label.END else 0)

    def take(self, number: int, row: list[str]) -> RowFault | None:
        """Keep a row, or say what is wrong with it."""
        if len(row) != self._width or not row[self._symbol].strip():
            return RowFault.BAD_COLUMNS
        start = self._start(row)
        if start is None:
            return RowFault.BAD_TIME
        try:
            prices = [_scaled(row[column]) for column in self._prices]
            volume = _count(row[self._volume])
            oi = _count(row[self._oi]) if self._oi is not None else 0
        except ValueError:
            return RowFault.BAD_NUMBER
        first, high, low, last = prices
        if low <= 0 or not low <= first <= high or not low <= last <= high:
            return RowFault.IMPOSSIBLE_PRICES
        if volume < 0 or oi < 0:
            return RowFault.NEGATIVE_VOLUME
        self.rows.setdefault(row[self._symbol].strip(), []).append(
            (number, start, first, high, low, last, volume, oi)
        )
        return None

    def _start(self, row: list[str]) -> int | None:
        try:
            stamp = datetime.fromisoformat(" ".join(row[column] for column in self._times))
        except ValueError:
            return None
        if stamp.tzinfo is not None or stamp.second or stamp.microsecond:
            return None
        return int((stamp - _EPOCH).total_seconds()) - self._shift


def _scaled(text: str) -> int:
    """Ten-thousandths of a rupee; raises ValueError for NaN, infinity, absurd size or finer digits."""
    value = float(text)
    if not math.isfinite(value) or abs(value) > _HIGHEST_PRICE:
        raise ValueError(text)
    scaled = round(value * PRICE_SCALE)
    if abs(scaled - value * PRICE_SCALE) > 0.01:
        raise ValueError(text)
    return scaled


def _count(text: str) -> int:
    value = float(text or 0)
    if not value.is_integer() or abs(value) > _MOST_VOLUME:
        raise ValueError(text)
    return int(value)


def _unique(rows: Int64Array, parsed: CandleFile) -> Int64Array:
    """Ascending by start, one row a minute; repetitions and contradictions go into `parsed`."""
    rows = rows[np.lexsort((rows[:, 0], rows[:, 1]))]
    repeats_last = np.r_[False, rows[1:, 1] == rows[:-1, 1]]
    if not repeats_last.any():
        return rows
    same = np.r_[False, (rows[1:, 1:] == rows[:-1, 1:]).all(axis=1)]
    conflicting = np.isin(rows[:, 1], np.unique(rows[repeats_last & ~same, 1]))
    for row in rows[conflicting].tolist():
        parsed.rejects.append(Reject(row[0], RowFault.CONFLICTING_ROW, "another row says otherwise of this minute"))
    parsed.duplicates += int((repeats_last & ~conflicting).sum())
    kept: Int64Array = rows[~repeats_last & ~conflicting]
    return kept
