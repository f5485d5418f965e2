"""Opening a master, packed or not, and reading it row by row."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import IO

import ijson

from . import kite, nse, upstox
from .listing import Listing, MalformedMaster, Rejection, RowRefused

Row = Mapping[str, object]
RowReader = Callable[[Row, int, date], Listing]

_GZIP_MAGIC = b"\x1f\x8b"


def read_master(source: str, raw: IO[bytes], on: date) -> Iterator[Listing | Rejection]:
    """Every row of a master in its order, as published on a date, gzipped or not, without holding the file.

    Raises MalformedMaster when the file as a whole cannot be read: not at the first row, but when the
    reading gets to the broken place.
    """
    to_listing, rows_of = _READERS[source]
    try:
        with _unpacked(raw) as stream:
            for row_number, row in enumerate(rows_of(stream), start=1):
                try:
                    yield to_listing(row, row_number, on)
                except RowRefused as refusal:
                    yield Rejection(row_number, refusal.reason, refusal.detail)
    except (ijson.JSONError, csv.Error, UnicodeDecodeError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise MalformedMaster(f"The file cannot be read as a {source} instrument master: {error}") from error


@contextmanager
def _unpacked(raw: IO[bytes]) -> Iterator[IO[bytes]]:
    head = raw.read(2)
    raw.seek(0)
    if head == _GZIP_MAGIC:
        with gzip.open(raw, "rb") as stream:
            yield stream  # type: ignore[misc]
    else:
        yield raw


def _json_rows(stream: IO[bytes]) -> Iterator[Row]:
    empty = True
    for row in ijson.items(stream, "item"):
        empty = False
        yield row if isinstance(row, dict) else {}
    if empty:
        raise MalformedMaster("The file holds no list of instruments.")


def _csv_rows(required: Iterable[str]) -> Callable[[IO[bytes]], Iterator[Row]]:
    def rows(stream: IO[bytes]) -> Iterator[Row]:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        reader = csv.DictReader(text, skipinitialspace=True)
        reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
        missing = [name for name in required if name not in reader.fieldnames]
        if missing:
            raise MalformedMaster(f"The file has no column {missing[0]!r}.")
        yield from reader

    return rows


_READERS: dict[str, tuple[RowReader, Callable[[IO[bytes]], Iterator[Row]]]] = {
    "upstox": (upstox.listing, _json_rows),
    "kite": (kite.listing, _csv_rows(kite.COLUMNS)),
    "nse": (nse.listing, _csv_rows(nse.COLUMNS)),
}
