"""Finding a day's recording, and reading it as frames for a replay."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from core.errors import InvalidInput, NotFound

from ..port import Frame, FrameBroken
from .blocks import SUFFIX, Damage, Entry, Header, instant, read_entries, read_header, tick_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file of a recording and what its header says."""

    path: Path
    header: Header


def recorded_files(paths: Sequence[Path], on: date, *, source: str | None = None) -> list[RecordedFile]:
    """The files of one source on a date, in the order in which they were begun.

    `paths` are files, or directories that a recorder wrote to; of those a file without a readable header is left
    out, because its recorder was killed as it began. Raises NotFound when there is none, and InvalidInput for a
    named file without a header and where several sources were recorded and none is named.
    """
    found = [each for path in paths for each in _found(path, on)]
    if source is not None:
        found = [each for each in found if each.header.source == source]
    if not found:
        raise NotFound(
            f"There is no recording of {on:%d %b %Y} in {', '.join(map(str, paths))}.", code="no_recording"
        )
    sources = sorted({each.header.source for each in found})
    if len(sources) > 1:
        raise InvalidInput(
            f"Several feeds were recorded, choose one: {', '.join(sources)}.", code="several_sources"
        )
    return sorted(found, key=lambda each: each.header.started_at)


def recorded_frames(files: Iterable[RecordedFile]) -> Iterator[Frame]:
    """What was said, with the moment on the market clock at which it came, never going back.

    What is damaged comes as FrameBroken: the rest of the recording is used.
    """
    due = datetime.fromtimestamp(0, UTC)
    for each in files:
        with each.path.open("rb") as file:
            for entry in read_entries(file):
                if isinstance(entry, Damage):
                    yield due, FrameBroken(f"{each.path.name}: {entry.size} bytes at {entry.offset} are unreadable")
                else:
                    due = max(due, instant(entry.at))
                    yield from _frames(entry, due)


def _frames(entry: Entry, due: datetime) -> Iterator[Frame]:
    if entry.broken is not None:
        yield due, FrameBroken(entry.broken)
    for row in entry.rows:
        try:
            tick = tick_of(row)
        except OverflowError as error:
            yield due, FrameBroken(f"a recorded tick of {row.key}: {error}")
        else:
            yield due, tick


def _found(path: Path, on: date) -> Iterator[RecordedFile]:
    if path.is_dir():
        folder = path / on.isoformat()
        for each in sorted((folder if folder.is_dir() else path).glob(f"*{SUFFIX}")):
            header = _header(each)
            if header is None:
                logger.warning("a recording without a header is left out", extra={"path": str(each)})
            else:
                yield RecordedFile(each, header)
    elif path.is_file():
        header = _header(path)
        if header is None:
            raise InvalidInput(f"{path} is not a recording, or its header is damaged.", code="bad_recording")
        yield RecordedFile(path, header)


def _header(path: Path) -> Header | None:
    with path.open("rb") as file:
        return read_header(file)
