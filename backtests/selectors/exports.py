"""A run's arrays as files: CSV for spreadsheets, Parquet with exact types for notebooks, JSON for programs."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from backtests.models import Run, RunSeries
from core.errors import NotFound
from core.money import rupee_text
from core.spreadsheet import defused
from trading.portfolio.domain.charges import LINES

from .export_rows import MONEY, cell_columns, window_columns
from .results import Columns, instant, price, series_get

_DAY_SECONDS = 86_400


class Form(StrEnum):
    """How a file is written."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


CONTENT_TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.PARQUET: "application/vnd.apache.parquet",
    Form.JSON: "application/json",
}


class What(StrEnum):
    """Which rows."""

    TRADES = "trades"
    FILLS = "fills"
    ORDERS = "orders"
    EQUITY = "equity"
    DAILY = "daily"
    EVENTS = "events"
    LOG = "log"
    CELLS = "cells"
    WINDOWS = "windows"


OFFERED = {
    Run.Kind.BACKTEST: (What.TRADES, What.FILLS, What.ORDERS, What.EQUITY, What.DAILY, What.EVENTS, What.LOG),
    Run.Kind.SWEEP: (What.CELLS,),
    Run.Kind.WALK_FORWARD: (What.WINDOWS, What.DAILY, What.TRADES, What.CELLS),
}
"""What there is of each kind of run; the days of a walk-forward are those out of sample in a row."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A column's type in Parquet, and how its whole numbers become that and become text."""

    type: pa.DataType
    value: Callable[[int], Any]
    text: Callable[[Any], str]


_INSTANT = _Kind(pa.timestamp("s", tz="Asia/Kolkata"), instant, lambda value: instant(int(value)).isoformat())
_PRICE = _Kind(pa.decimal128(18, 4), lambda value: Decimal(value).scaleb(-4), lambda value: price(int(value)))
_MONEY = _Kind(pa.decimal128(20, 2), lambda value: Decimal(value).scaleb(-2), lambda value: rupee_text(int(value)))
_DATE = _Kind(pa.date32(), lambda value: value, lambda value: instant(int(value) * _DAY_SECONDS).date().isoformat())
_KINDS = {
    **dict.fromkeys(("at", "opened", "closed"), _INSTANT),
    **dict.fromkeys(("entry", "exit", "price", "index"), _PRICE),
    **dict.fromkeys(("net", "charges", "paise", "value", "realised", *MONEY), _MONEY),
    **{f"{line}_charge": _MONEY for line in LINES},
    **dict.fromkeys(("day", "in_first", "in_last", "out_first", "out_last"), _DATE),
}
_NAMES = {"paise": "equity", "index": "benchmark_close", "day": "date"}
_LEFT_OUT = {"index_from"}


def export(run: Run, what: What, form: Form) -> bytes:
    """The rows of a kind as a file; only its header when there are none, nothing before there is a result.

    Raises NotFound, `unknown_rows`, for what this kind of run has not.
    """
    if what not in OFFERED[Run.Kind(run.kind)]:
        raise NotFound("This kind of run has no such rows.", code="unknown_rows")
    columns = _columns(run, what)
    shown = {name: column for name, column in columns.items() if name not in _LEFT_OUT}
    match form:
        case Form.CSV:
            return _csv(shown)
        case Form.JSON:
            return _json(shown)
        case Form.PARQUET:
            return _parquet(shown)


def _columns(run: Run, what: What) -> Columns:
    match what:
        case What.CELLS:
            return cell_columns(run)
        case What.WINDOWS:
            return window_columns(run)
        case _:
            return series_get(run, RunSeries.Name[what.name])


def filename(run: Run, what: What, form: Form) -> str:
    """What the file is called when it is saved."""
    return f"{run.kind.lower()}-{str(run.pk)[:13]}-{what}.{form}"


def _csv(columns: Columns) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([_NAMES.get(name, name) for name in columns])
    texts = [_texts(name, column) for name, column in columns.items()]
    writer.writerows(zip(*texts, strict=True))
    return target.getvalue().encode()


def _texts(name: str, column: NDArray[Any]) -> Sequence[str]:
    if name in _KINDS:
        return ["" if value is None else _KINDS[name].text(value) for value in column.tolist()]
    if column.dtype.kind == "U":
        return [defused(value) for value in column.tolist()]
    if column.dtype.kind == "f":
        return ["" if np.isnan(value) else repr(value) for value in column.tolist()]
    # A word among them is a setting's: whoever wrote the strategy chose it.
    return [_text(value) for value in column.tolist()]


def _text(value: object) -> str:
    if value is None:
        return ""
    return defused(value) if isinstance(value, str) else str(value)


def _json(columns: Columns) -> bytes:
    values = {
        _NAMES.get(name, name): [None if value is None else _KINDS[name].text(value) for value in column.tolist()]
        if name in _KINDS
        else [None if value != value else value for value in column.tolist()]
        for name, column in columns.items()
    }
    return msgspec.json.encode([dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)])


def _parquet(columns: Columns) -> bytes:
    table = pa.table({_NAMES.get(name, name): _arrow(name, column) for name, column in columns.items()})
    target = io.BytesIO()
    pq.write_table(table, target, compression="zstd")
    return target.getvalue()


def _arrow(name: str, column: NDArray[Any]) -> pa.Array:
    kind = _KINDS.get(name)
    if kind is None:
        return pa.array(column.tolist())
    if kind in (_INSTANT, _DATE):
        return pa.array(column.astype(np.int64 if kind is _INSTANT else np.int32)).cast(kind.type)
    values = [None if value is None else kind.value(value) for value in column.tolist()]
    return pa.array(values, type=kind.type)
