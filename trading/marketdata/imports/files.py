"""Opening files as they come from exchanges: plain, gzipped or zipped, in one encoding or in several."""

import csv
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.clock import wall_now

from ..models import FileImport, RejectedFileRow
from ..services import WriteCounts

Progress = Callable[[int], None]
"""Told how many bytes of a file have been read."""

_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = b"PK\x03\x04"
_LARGEST = 1 << 30
_MOST_REJECTS_STORED = 1_000


class FileBroken(Exception):
    """The file as a whole cannot be trusted, so nothing of it is stored. `code` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was refused, and why; row 1 is the header."""

    row: int
    reason: str
    detail: str


@contextmanager
def csv_rows(
    path: Path, *, errors: str = "strict", progress: Progress | None = None
) -> Iterator[tuple[Iterator[list[str]], Callable[[], None]]]:
    """The rows of a CSV file, and a function that tells `progress` how far the reading is.

    A zip must hold one file. With `errors="replace"` bytes that are no UTF-8 become U+FFFD, for the caller to
    refuse that row; strict, they refuse the file. Raises FileBroken, also out of the body.
    """
    with _broken_files(), path.open("rb") as raw:

        def report() -> None:
            if progress:
                progress(raw.tell())

        with _text(raw, errors) as text:
            yield csv.reader(text, strict=True), report


def text_of(path: Path) -> str:
    """The whole text of a small file, opened as `csv_rows` does; raises FileBroken."""
    with _broken_files(), path.open("rb") as raw, _text(raw, "strict") as text:
        return text.read(_LARGEST)


@contextmanager
def _broken_files() -> Iterator[None]:
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileBroken("truncated_gzip", str(error)) from error
    except zipfile.BadZipFile as error:
        raise FileBroken("truncated_zip", str(error)) from error
    except UnicodeDecodeError as error:
        raise FileBroken("mixed_encodings", f"not UTF-8 throughout: {error.reason}") from error
    except csv.Error as error:
        raise FileBroken("broken_csv", str(error)) from error
    except OSError as error:
        raise FileBroken("unreadable", error.strerror or str(error)) from error


@contextmanager
def _text(raw: io.BufferedReader, errors: str) -> Iterator[io.TextIOWrapper]:
    magic = raw.peek(4)[:4]
    if magic == _ZIP_MAGIC:
        with zipfile.ZipFile(raw) as archive, archive.open(_only_member(archive)) as member:
            yield io.TextIOWrapper(member, encoding="utf-8-sig", errors=errors, newline="")
    else:
        stream = gzip.GzipFile(fileobj=raw) if magic[:2] == _GZIP_MAGIC else raw
        yield io.TextIOWrapper(stream, encoding="utf-8-sig", errors=errors, newline="")


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise FileBroken("not_one_file", f"the zip holds {len(members)} files")
    if members[0].file_size > _LARGEST:
        raise FileBroken("too_large", f"{members[0].filename} is more than {_LARGEST >> 20} MiB")
    return members[0]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file's rows: each was stored, skipped, outside the session, a repetition or rejected."""

    kind: FileImport.Kind
    format: str
    rows_read: int
    counts: WriteCounts
    rejects: tuple[Reject, ...] = ()
    created: tuple[str, ...] = ()
    skipped: int = 0
    outside_session: int = 0
    duplicates: int = 0


def import_record(path: Path, report: ImportReport) -> FileImport:
    """Write the import into the history; belongs into the transaction of what it stored."""
    run: FileImport = FileImport.objects.create(
        kind=report.kind,
        filename=path.name[:200],
        sha256=_digest(path),
        format=report.format,
        finished_at=wall_now(),
        rows_read=report.rows_read,
        inserted=report.counts.inserted,
        updated=report.counts.updated,
        unchanged=report.counts.unchanged,
        skipped=report.skipped,
        outside_session=report.outside_session,
        duplicates=report.duplicates,
        rejected=len(report.rejects),
    )
    RejectedFileRow.objects.bulk_create(
        RejectedFileRow(run=run, row_number=reject.row, reason=reject.reason, detail=_storable(reject.detail))
        for reject in report.rejects[:_MOST_REJECTS_STORED]
    )
    return run


def is_garbled(text: str) -> bool:
    """Whether bytes of it were no UTF-8, or are none that a text has."""
    return "\ufffd" in text or "\x00" in text


def _storable(detail: str) -> str:
    # PostgreSQL takes no zero bytes, and a lone half of a character is none.
    return detail[:200].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
