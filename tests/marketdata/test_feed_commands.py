"""`run_feed` and `replay` from the command line."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_instrument
from tests.marketdata.builders import make_tick
from trading.marketdata.feeds.recording import TickRecorder, recorded_files, recorded_frames
from trading.marketdata.models import Candle

DAY = date(2016, 8, 22)


@pytest.fixture(autouse=True)
def _no_signals(monkeypatch):
    """A test is not the main program: its signals stay as they are."""
    monkeypatch.setattr("signal.signal", lambda signum, handler: None)


@pytest.mark.parametrize(
    ("command", "options", "code"),
    [
        ("run_feed", ["--source", "recording", "--date", "2016-08-22"], "--recording"),
        ("run_feed", ["--source", "recording", "--recording", "/nowhere"], "--date"),
        ("run_feed", ["--source", "recording", "--recording", "/nowhere", "--date", "2016-08-22"], "no_recording"),
        ("replay", ["--recording", "/nowhere", "--date", "2016-08-22"], "no_recording"),
        ("replay", ["--recording", __file__, "--date", "2016-08-22"], "bad_recording"),
        ("replay", ["--recording", __file__, "--date", "2016-08-22", "--speed", "0"], "invalid_speed"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_replayed_is_refused_with_its_reason(command, options, code):
    with pytest.raises(CommandError, match=code):
        call_command(command, *options)


@pytest.mark.django_db(transaction=True)
def test_a_recording_is_replayed_and_recorded_again_the_same(tmp_path, capsys):
    make_instrument("NSE:RELIANCE")
    recorder = TickRecorder(tmp_path / "first", "scripted", ["NSE:RELIANCE"])
    for minute in range(3):
        tick = make_tick(str(100 + minute), minute, volume=10 * minute)
        recorder._write(DAY, [(tick.timestamp, [tick])])
    recorder._close()
    options = ["--date", "2016-08-22", "--speed", "20000", "--exit-at-end", "--recording", str(tmp_path / "first")]
    call_command("run_feed", "--source", "recording", "--record", str(tmp_path / "again"), *options)
    assert "3 ticks of 1 instruments; refused: none; recorded: 3." in capsys.readouterr().out
    assert [int(candle.close) for candle in Candle.objects.order_by("start")] == [100, 101, 102]
    again = [frame for _, frame in recorded_frames(recorded_files([tmp_path / "again"], DAY))]
    assert [frame.timestamp for frame in again] == [make_tick(minutes=minute).timestamp for minute in range(3)]
    call_command("replay", *options)
    assert "Replayed 3 ticks of 1 instruments" in capsys.readouterr().out
