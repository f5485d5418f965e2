"""A candle file as arrays: whatever is wrong with a row is told with its number and a reason."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trading.marketdata.domain.bars import IST_OFFSET, MINUTE, PRICE_SCALE, Int64Array

from ..files import FileBroken, Progress, Reject, csv_rows
from .formats import FORMATS, PRICES, CandleFormat, Label, detect

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - files carry Indian time without an offset
_HIGHEST_PRICE = 100_000_000.0
_MOST_VOLUME = 2**62
_TIME = "0000-00-00 00:00:00"
_BLOCK = 5_000
_EARLIEST = -62_135_596_800
"""Year 1: `datetime` knows none before."""


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
    first = 2
    while block := list(islice(reader, _BLOCK)):
        parsed.rows_read += len(block)
        for number in parser.take_block(first, block):
            fault = parser.take(number, block[number - first])
            if fault:
                parsed.rejects.append(Reject(number, fault, ",".join(block[number - first])[:200]))
        first += len(block)
        report()
    for symbol, rows in parser.rows.items():
        parsed.symbols[symbol] = _unique(np.vstack(rows), parsed)
    parsed.rejects.sort(key=lambda reject: reject.row)
    return parsed


class _RowParser:
    """Turns rows of strings into rows of integers, symbol by symbol.

    Whole blocks at once where all is as usual; what is not is looked at row by row, which says what is wrong.
    """

    def __init__(self, header: list[str], file_format: CandleFormat, label: Label) -> None:
        self.rows: dict[str, list[Int64Array]] = {}
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
        kept = np.array([[number, start, first, high, low, last, volume, oi]], dtype=np.int64)
        self.rows.setdefault(row[self._symbol].strip(), []).append(kept)
        return None

    def take_block(self, first: int, block: list[list[str]]) -> list[int]:
        """Keep the good rows of a block that begins with a row's number; returns the numbers of the others."""
        numbers = list(range(first, first + len(block)))
        if any(len(row) != self._width for row in block):
            return numbers
        columns = list(zip(*block, strict=True))
        names = [name.strip() for name in columns[self._symbol]]
        try:
            starts = _instants([columns[each] for each in self._times]) - self._shift
            prices = np.array([_floats(columns[each]) for each in self._prices])
            volume = _floats(columns[self._volume])
            oi = _floats(columns[self._oi]) if self._oi is not None else np.zeros(len(block))
        except ValueError:
            return numbers
        scaled = np.rint(prices * PRICE_SCALE)
        good = (
            _are_good(prices, scaled, volume, oi)
            & (starts % MINUTE == 0)
            & np.array([bool(name) for name in names])
        )
        values = np.where(good, np.vstack((scaled, volume, oi)), 0).astype(np.int64)
        rows = np.column_stack((numbers, starts, values.T))
        symbols = np.array(names)
        for name in dict.fromkeys(names):
            kept = rows[good & (symbols == name)]
            if len(kept):
                self.rows.setdefault(name, []).append(kept)
        others: list[int] = rows[~good, 0].tolist()
        return others

    def _start(self, row: list[str]) -> int | None:
        try:
            stamp = datetime.fromisoformat(" ".join(row[column] for column in self._times))
        except ValueError:
            return None
        if stamp.tzinfo is not None or stamp.second or stamp.microsecond:
            return None
        return int((stamp - _EPOCH).total_seconds()) - self._shift


def _instants(columns: list[tuple[str, ...]]) -> Int64Array:
    """Unix seconds of times such as `2022-01-03 09:15:00`, read as UTC; raises ValueError where one is not so."""
    texts = np.array(columns[0] if len(columns) == 1 else [" ".join(parts) for parts in zip(*columns, strict=True)])
    width = texts.dtype.itemsize // 4
    if width not in (len(_TIME), len(_TIME) - 3):
        raise ValueError("times of another form")
    codes = texts.view(np.uint32).reshape(len(texts), width)
    for position, expected in enumerate(_TIME[:width]):
        column = codes[:, position]
        if not (((column >= 48) & (column <= 57)) if expected == "0" else column == ord(expected)).all():
            raise ValueError("times of another form")
    starts: Int64Array = texts.astype("datetime64[s]").astype(np.int64)
    if (starts < _EARLIEST).any():
        raise ValueError("a time before the calendar")
    return starts


def _floats(column: tuple[str, ...]) -> FloatArray:
    """Numbers as `float` reads them, nothing as 0; raises ValueError."""
    texts = [text or "0" for text in column] if "" in column else column
    return np.fromiter(map(float, texts), np.float64, len(column))


def _are_good(prices: FloatArray, scaled: FloatArray, volume: FloatArray, oi: FloatArray) -> BoolArray:
    """Which rows of open, high, low and close, in rupees and scaled, and of counts may be stored."""
    first, high, low, last = scaled
    with np.errstate(invalid="ignore"):
        exact = (np.abs(prices) <= _HIGHEST_PRICE) & (np.abs(scaled - prices * PRICE_SCALE) <= 0.01)
        whole = [(count >= 0) & (count <= _MOST_VOLUME) & (np.floor(count) == count) for count in (volume, oi)]
        possible = (low > 0) & (low <= np.minimum(first, last)) & (np.maximum(first, last) <= high)
    good: BoolArray = exact.all(axis=0) & whole[0] & whole[1] & possible
    return good


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
