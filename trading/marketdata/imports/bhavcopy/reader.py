"""A bhavcopy as rows of one shape; whatever is wrong with a row is told with its number and a reason."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from trading.instruments.domain.keys import InstrumentKey

from ..files import FileBroken, Progress, Reject, csv_rows
from .formats import BhavcopyFormat, detect
from .parser import RowParser
from .row import BhavcopyFault, CellRefused, Quoted

_REPORT_EVERY = 2_000


@dataclass(slots=True)
class Bhavcopy:
    """A whole file; `skipped` counts rows of kinds that are not kept."""

    format: BhavcopyFormat
    rows_read: int = 0
    quoted: list[Quoted] = field(default_factory=list)
    unbarred: list[Quoted] = field(default_factory=list)
    """Rows whose prices contradict each other but whose settlement price stands; they are among the rejects."""
    rejects: list[Reject] = field(default_factory=list)
    skipped: int = 0
    duplicates: int = 0


def bhavcopy_read(path: Path, *, until: date, progress: Progress | None = None) -> Bhavcopy:
    """Read a bhavcopy (CSV, gzipped or zipped) of any known format; raises FileBroken.

    Rows of days after `until` are refused. An exact repetition is dropped and counted, contradicting rows of one
    instrument and day are all refused.
    """
    with csv_rows(path, errors="replace", progress=progress) as (rows, report):
        header = [column.strip() for column in next(rows, [])]
        file_format = detect(header)
        if file_format is None:
            raise FileBroken("unknown_columns", ", ".join(header)[:300] or "the file is empty")
        bhavcopy = Bhavcopy(file_format)
        parser = RowParser(header, file_format, until)
        for number, row in enumerate(rows, start=2):
            if row:
                _take(bhavcopy, parser, number, row)
            if number % _REPORT_EVERY == 0:
                report()
    bhavcopy.quoted = _unique(bhavcopy)
    bhavcopy.rejects.sort(key=lambda reject: reject.row)
    return bhavcopy


def _take(bhavcopy: Bhavcopy, parser: RowParser, number: int, row: list[str]) -> None:
    bhavcopy.rows_read += 1
    try:
        quoted = parser.parse(number, row)
        if quoted is None:
            bhavcopy.skipped += 1
        elif not quoted.is_possible:
            bhavcopy.unbarred.append(quoted)
            raise CellRefused(BhavcopyFault.IMPOSSIBLE_PRICES)
        else:
            bhavcopy.quoted.append(quoted)
    except CellRefused as refused:
        bhavcopy.rejects.append(Reject(number, refused.fault, ",".join(row)[:200]))


def _unique(bhavcopy: Bhavcopy) -> list[Quoted]:
    """One row for each instrument and day; repetitions and contradictions go into the bhavcopy's counts."""
    groups: dict[tuple[InstrumentKey, date], list[Quoted]] = {}
    for quoted in bhavcopy.quoted:
        groups.setdefault((quoted.key, quoted.date), []).append(quoted)
    kept = []
    for same in groups.values():
        if all(each.same_as(same[0]) for each in same[1:]):
            kept.append(same[0])
            bhavcopy.duplicates += len(same) - 1
        else:
            bhavcopy.rejects.extend(
                Reject(each.row, BhavcopyFault.CONFLICTING_ROW, f"another row says otherwise of {each.key}")
                for each in same
            )
    return kept
