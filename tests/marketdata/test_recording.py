"""Recording what a feed says, and reading it again after a kill, a full disk or a torn file."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import clock
from core.errors import InvalidInput, NotFound
from core.store import get_store
from tests.factories import make_instrument
from tests.marketdata.builders import OPENING, make_tick
from trading.marketdata.domain.quote import DepthLevel
from trading.marketdata.domain.tick import Tick
from trading.marketdata.feeds.port import FrameBroken
from trading.marketdata.feeds.recording import TickRecorder, recorded_files, recorded_frames
from trading.marketdata.feeds.recording import recorder as recorder_module
from trading.marketdata.feeds.recording.blocks import row_of, tick_of
from trading.marketdata.feeds.recording.runners import recording_runner
from trading.marketdata.models import Candle
from trading.marketdata.selectors import quote_latest

DAY = date(2016, 8, 22)
KEYS = ["NSE:RELIANCE"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)

prices = st.decimals(-5, 100_000, places=2) | st.sampled_from([Decimal("NaN"), Decimal("Infinity")])
moments = st.integers(0, 10**15).map(lambda microseconds: EPOCH + timedelta(microseconds=microseconds))
levels = st.lists(st.builds(DepthLevel, prices, st.integers(-9, 10**12), st.integers(0, 99)), max_size=5).map(tuple)
ticks = st.builds(
    Tick,
    key=st.text(max_size=12),
    price=prices,
    timestamp=moments,
    volume=st.none() | st.integers(-1, 10**12),
    oi=st.none() | st.integers(0, 10**12),
    bids=levels,
    asks=levels,
    open=st.none() | prices,
    close=st.none() | prices,
    sent_at=st.none() | moments,
)


def record(directory: Path, batches: int, *, source: str = "scripted", step: timedelta = SECOND) -> None:
    """So many batches of one tick each, beginning at the opening, each in a block of its own."""
    recorder = TickRecorder(directory, source, KEYS)
    for number in range(batches):
        at = OPENING + step * number
        recorder._write(clock.trading_date(at), [(at, [make_tick(str(100 + number))])])
    recorder._close()


def frames(directory: Path, on: date = DAY) -> list[Tick | FrameBroken]:
    return [frame for _, frame in recorded_frames(recorded_files([directory], on))]


def only_file(directory: Path) -> Path:
    (path,) = directory.rglob("*.ticks")
    return path


@given(ticks)
def test_a_tick_comes_back_as_it_was_written_whatever_it_holds(tick):
    assert repr(tick_of(row_of(tick))) == repr(tick)


def test_what_came_comes_again_with_its_moments_and_its_broken_frames(tmp_path):
    recorder = TickRecorder(tmp_path, "scripted", KEYS)
    recorder.start()
    recorder.put(OPENING, [make_tick("100"), make_tick("NaN")])
    recorder.put(OPENING + timedelta(seconds=1), FrameBroken("garbage"))
    recorder.stop(5)
    found = list(recorded_frames(recorded_files([tmp_path], DAY)))
    assert [due for due, _ in found] == [OPENING, OPENING, OPENING + timedelta(seconds=1)]
    assert [str(getattr(frame, "price", frame)) for _, frame in found] == ["100", "NaN", "garbage"]
    assert (recorder.recorded, recorder.fault) == (2, "")


def test_each_indian_day_and_each_start_has_a_file_of_its_own(tmp_path):
    record(tmp_path, 3, step=timedelta(hours=12))
    record(tmp_path, 1)
    folders = {path.name: len(list(path.iterdir())) for path in tmp_path.iterdir()}
    assert folders == {"2016-08-22": 2, "2016-08-23": 1}
    assert len(frames(tmp_path)) == 3
    assert len(frames(tmp_path, DAY + timedelta(days=1))) == 1


@settings(max_examples=60)
@given(cut=st.integers(1, 600))
def test_a_recording_cut_off_anywhere_gives_all_whole_blocks_before_the_cut(tmp_path_factory, cut):
    directory = tmp_path_factory.mktemp("cut")
    record(directory, 4)
    path = only_file(directory)
    whole = path.read_bytes()
    path.write_bytes(whole[: max(0, len(whole) - cut)])
    try:
        found = frames(directory)
    except NotFound:
        assert whole[: max(0, len(whole) - cut)].count(b"SDT1") <= 1, "not even the header is whole"
        return
    good = [frame for frame in found if isinstance(frame, Tick)]
    assert [int(tick.price) for tick in good] == list(range(100, 100 + len(good)))
    lost_whole_blocks_only = whole[: len(whole) - cut].count(b"SDT1") - 1
    assert lost_whole_blocks_only - 1 <= len(good) <= lost_whole_blocks_only


def test_a_damaged_block_costs_itself_only(tmp_path):
    record(tmp_path, 4)
    path = only_file(tmp_path)
    content = bytearray(path.read_bytes())
    second = content.index(b"SDT1", content.index(b"SDT1", content.index(b"SDT1") + 1) + 1)
    content[second + 20] ^= 0xFF
    path.write_bytes(bytes(content))
    found = frames(tmp_path)
    assert [type(frame).__name__ for frame in found] == ["Tick", "FrameBroken", "Tick", "Tick"]


@given(st.binary(max_size=300))
@settings(max_examples=50)
def test_garbage_for_a_recording_is_refused_and_never_raises_otherwise(tmp_path_factory, garbage):
    path = tmp_path_factory.mktemp("garbage") / "x.ticks"
    path.write_bytes(garbage)
    with pytest.raises(InvalidInput, match="not a recording"):
        recorded_files([path], DAY)
    with pytest.raises(NotFound):
        recorded_files([path.parent], DAY)


def test_several_feeds_in_one_directory_have_to_be_told_apart(tmp_path):
    record(tmp_path, 1, source="upstox")
    record(tmp_path, 2, source="zerodha")
    with pytest.raises(InvalidInput, match="upstox, zerodha"):
        recorded_files([tmp_path], DAY)
    assert len(list(recorded_frames(recorded_files([tmp_path], DAY, source="zerodha")))) == 2


def test_a_disk_that_is_full_is_told_and_the_recorder_goes_on_when_it_is_not(tmp_path):
    full = Path("/dev/full")
    if not full.exists():
        pytest.fail("this test needs Linux' /dev/full")
    recorder = TickRecorder(tmp_path, "scripted", KEYS)
    with full.open("wb", buffering=0) as file:
        recorder._file, recorder._day = file, DAY
        recorder._write(DAY, [(OPENING, [make_tick("100")])])
    assert "No space left" in recorder.fault
    assert recorder.recorded == 0
    recorder._write(DAY, [(OPENING, [make_tick("101")])])
    recorder._close()
    assert (recorder.fault, recorder.recorded, len(frames(tmp_path))) == ("", 1, 1)


def test_a_recorder_that_cannot_keep_up_leaves_ticks_out_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(recorder_module, "_MOST_PENDING", 10)
    recorder = TickRecorder(tmp_path, "scripted", KEYS)
    for _ in range(20):
        recorder.put(OPENING, [make_tick()])
    assert "too slow" in recorder.fault
    recorder.start()
    recorder.stop(5)
    assert recorder.recorded == 11


RECORDING_PROCESS = """
import django
django.setup()
import sys, time
from datetime import timedelta
from pathlib import Path
from tests.marketdata.builders import OPENING, make_tick
from trading.marketdata.feeds.recording import TickRecorder
recorder = TickRecorder(Path(sys.argv[1]), "scripted", ["NSE:RELIANCE"])
recorder.start()
for number in range(100_000):
    recorder.put(OPENING + timedelta(milliseconds=number), [make_tick(str(1 + number), number / 60_000)] * 20)
    time.sleep(0.001)
"""


def test_a_recorder_that_is_killed_leaves_a_recording_without_a_gap(tmp_path):
    command = [sys.executable, "-c", RECORDING_PROCESS, tmp_path]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    deadline = time.monotonic() + 60
    while sum(path.stat().st_size for path in tmp_path.rglob("*.ticks")) < 20_000:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = [int(frame.price) for frame in frames(tmp_path) if isinstance(frame, Tick)]
    assert len(kept) > 1000
    assert kept == [1 + position // 20 for position in range(len(kept))]


@pytest.mark.django_db(transaction=True)
def test_a_recording_is_replayed_through_the_path_of_live_ticks(tmp_path):
    reliance = make_instrument("NSE:RELIANCE")
    get_store().delete("quotes")
    recorder = TickRecorder(tmp_path, "scripted", KEYS)
    for number in range(180):
        at = OPENING + timedelta(seconds=number)
        said = [make_tick(str(100 + number % 7), number / 60, volume=number * 10)]
        if number == 50:
            said += [make_tick("NaN", number / 60), make_tick("5", number / 60, key="NSE:NOBODY")]
        if number == 60:
            said += [make_tick("100", 0.5, volume=300)]
        recorder._write(DAY, [(at, said)])
    recorder._write(DAY, [(OPENING + timedelta(seconds=181), "garbage")])
    recorder._close()
    torn = only_file(tmp_path)
    torn.write_bytes(torn.read_bytes() + b"SDT1torn")
    runner = recording_runner(paths=[tmp_path], on=DAY, speed=20_000, exit_at_end=True)
    runner.start()
    runner.join(30)
    assert not runner.is_running
    assert runner.status().rejected == {
        "bad_number": 1,
        "unknown_instrument": 1,
        "out_of_order": 1,
        "broken_frame": 2,
    }
    quote = quote_latest("NSE:RELIANCE")
    assert (quote.volume, quote.source) == (1790, "recording")
    stored = list(Candle.objects.filter(instrument=reliance).order_by("start"))
    assert [(int(each.low), int(each.high), each.volume) for each in stored] == [
        (100, 106, 590),
        (100, 106, 600),
        (100, 106, 600),
    ]
    assert stored[0].open == Decimal(100)
    assert clock.state() is None


@pytest.mark.django_db
def test_a_recording_that_is_not_there_or_of_unknown_instruments_is_refused(tmp_path):
    with pytest.raises(NotFound, match="There is no recording"):
        recording_runner(paths=[tmp_path / "nowhere"], on=DAY)
    record(tmp_path, 1)
    with pytest.raises(NotFound, match="import it first"):
        recording_runner(paths=[tmp_path], on=DAY)
    (tmp_path / "x.jsonl").touch()
    with pytest.raises(InvalidInput, match="not both"):
        recording_runner(paths=[tmp_path, tmp_path / "x.jsonl"], on=DAY)


def _written(directory: Path, day: date, age: timedelta, name: str = "scripted-091500.ticks") -> Path:
    path = directory / day.isoformat() / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")
    moment = (clock.wall_now() - age).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_old_recordings_go_with_the_first_tick_of_a_day_and_nothing_else_does(tmp_path):
    today = clock.trading_date(clock.wall_now())
    month = timedelta(days=30)
    gone = _written(tmp_path, today - month, month)
    kept = [
        _written(tmp_path, today - timedelta(days=5), timedelta(days=5)),
        # Replayed today: an old day, and a recording that is new.
        _written(tmp_path, today - 2 * month, timedelta(0)),
        _written(tmp_path, today - 3 * month, 3 * month, "notes.txt"),
    ]
    (tmp_path / "not-a-day").mkdir()
    recorder = TickRecorder(tmp_path, "scripted", KEYS, keep_days=5)
    recorder._write(DAY, [(OPENING, [make_tick("100")])])
    recorder._close()
    assert not gone.parent.exists()
    assert [path.exists() for path in kept] == [True] * 3
    assert (tmp_path / "not-a-day").is_dir()
    assert only_file(tmp_path / DAY.isoformat()).stat().st_size


def test_without_a_limit_every_recording_stays(tmp_path):
    old = _written(tmp_path, date(2016, 1, 4), timedelta(days=3_000))
    record(tmp_path, 1)
    assert old.exists()


def test_a_recording_that_cannot_be_deleted_does_not_stop_the_recorder(tmp_path, monkeypatch):
    old = _written(tmp_path, date(2016, 1, 4), timedelta(days=3_000))

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    recorder = TickRecorder(tmp_path, "scripted", KEYS, keep_days=1)
    recorder._write(DAY, [(OPENING, [make_tick("100")])])
    assert (recorder.recorded, recorder.fault, old.exists()) == (1, "", True)
    recorder._close()
