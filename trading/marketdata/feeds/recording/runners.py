"""Setting the replay of a recording up: ours or Upstox's, its instruments, its feed."""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from core.errors import InvalidInput, NotFound
from trading.instruments.models import Instrument, Source
from trading.instruments.selectors import instrument_for_token, instrument_get, instruments_by_key

from ..replay import ReplayFeed
from ..replay.runners import LEAD, day_span, require_speed
from ..runner import FeedRunner
from ..upstox import upstox_recorded_ticks
from . import RecordedFile, recorded_files, recorded_frames

SOURCE = "recording"
_UPSTOX_SUFFIXES = (".jsonl", ".jsonl.gz")


def recording_runner(
    *,
    paths: Sequence[Path],
    on: date,
    speed: float = 1.0,
    source: str | None = None,
    symbol_map: Mapping[str, str] | None = None,
    exit_at_end: bool = False,
    record_to: Path | None = None,
) -> FeedRunner:
    """A runner that replays recorded ticks through the path of live ones and stores the candles they make.

    `paths` are what `run_feed --record` wrote (its directory, or files of it; `source` chooses among several
    feeds), or recordings of Upstox's feed (`NSE_EQ_INE027H01010_20251215.jsonl.gz`), whose tokens are resolved by
    `symbol_map` (token → instrument key), else as Upstox's of that date. Raises NotFound for what is not there,
    CalendarUnknown, and InvalidInput for files that are no recordings and a speed that is not positive.
    """
    require_speed(speed)
    missing = [str(path) for path in paths if not path.exists()]
    if missing or not paths:
        raise NotFound(f"There is no recording {', '.join(missing)}.", code="no_recording")
    are_upstox = {path.name.endswith(_UPSTOX_SUFFIXES) for path in paths}
    if len(are_upstox) > 1:
        raise InvalidInput("Replay our own recordings or Upstox's, not both at once.", code="mixed_recordings")
    if are_upstox == {True}:
        known = {token: _instrument(token, on, symbol_map or {}) for token in map(_token, paths)}
        instruments = list(known.values())
        starts, ends = day_span(instruments, on)
        frames = upstox_recorded_ticks(paths, {token: each.key for token, each in known.items()})
    else:
        files = recorded_files(paths, on, source=source)
        instruments = _instruments({key for each in files for key in each.header.keys})
        frames = recorded_frames(files)
        starts, ends = _span(files, instruments, on)
    feed = ReplayFeed(frames, starts=starts - LEAD, ends=ends, speed=speed, exit_at_end=exit_at_end, source=SOURCE)
    return FeedRunner(feed, instruments, record_to=record_to)


def _span(files: Sequence[RecordedFile], instruments: Sequence[Instrument], on: date) -> tuple[datetime, datetime]:
    """The day's session and what was recorded before it; where none was held, all that was recorded."""
    first = next(recorded_frames(files), None)
    try:
        starts, ends = day_span(instruments, on)
    except NotFound:
        if first is None:
            raise
        return first[0], deque(recorded_frames(files), maxlen=1)[0][0]
    return (min(starts, first[0]) if first else starts), ends


def _instruments(keys: set[str]) -> list[Instrument]:
    """Those that the master knows; ticks of the others are counted as of a wrong instrument."""
    found = list(instruments_by_key(keys).values())
    if not found:
        raise NotFound("The master knows none of the recorded instruments: import it first.", code="no_instruments")
    return found


def _token(path: Path) -> str:
    """`NSE_EQ_INE027H01010_20251215.jsonl.gz` holds `NSE_EQ|INE027H01010`."""
    segment, _, rest = path.name.rpartition("_")[0].rpartition("_")
    return f"{segment}|{rest}"


def _instrument(token: str, on: date, symbol_map: Mapping[str, str]) -> Instrument:
    key = symbol_map.get(token)
    return instrument_get(key) if key else instrument_for_token(Source.UPSTOX, token, on)
