"""Real recordings beside the project: `SAUDA_SHARED=/path/to/shared pytest -m recorded`."""

import csv
import gzip
import json
import os
from datetime import date
from pathlib import Path

import pytest

from core import clock
from trading.instruments.domain.sessions import Segment
from trading.instruments.models import Instrument, Source
from trading.instruments.selectors import instrument_for_token
from trading.instruments.services import instruments_import
from trading.marketdata.domain.candle_builder import Bar, CandleBuilder
from trading.marketdata.feeds.recording.runners import recording_runner
from trading.marketdata.feeds.replay.runners import candle_replay_runner
from trading.marketdata.imports import candle_file_import
from trading.marketdata.models import Candle
from trading.marketdata.selectors import stored_minutes, trading_hours

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SAUDA_SHARED", ROOT.parent / "shared")) / "data"
DAY = date(2016, 8, 22)
TICKS_DAY = date(2025, 12, 15)

pytestmark = [pytest.mark.recorded, pytest.mark.django_db]


def test_all_minute_files_import_and_again_without_change():
    files = sorted(DATA.glob("minute_equity/*.gz")) + sorted(DATA.glob("minute_index/*.gz"))
    assert len(files) == 14
    first = [candle_file_import(path, create_instruments=True) for path in files]
    assert sum(report.rows_read for report in first) == 12 * 6_750 + 93_338 + 93_370
    assert not any(report.rejects for report in first)
    assert sum(report.outside_session for report in first) == 743 + 738
    assert Candle.objects.count() == sum(report.counts.inserted for report in first) == 266_227
    assert sum(candle_file_import(path).counts.unchanged for path in files) == 266_227


def test_a_replayed_day_makes_exactly_the_candles_it_was_imported_from():
    for path in sorted(DATA.glob("minute_equity/*.gz")):
        candle_file_import(path, create_instruments=True)
    runner = candle_replay_runner(on=DAY, speed=60)
    builder = CandleBuilder()
    built: dict[tuple[str, int], Bar] = {}
    (session,) = trading_hours(Segment.EQUITY, DAY)
    for _, tick in runner.feed._frames:  # type: ignore[attr-defined]
        builder.add(tick, opens_at=session.starts)
        built |= {(bar.key, bar.start): bar for bar in builder.drain()}
    assert len(built) == 12 * 375
    since, until = clock.ist_day_span(DAY)
    for instrument in Instrument.objects.all():
        for start, *stored in stored_minutes(instrument.pk, since, until).columns().tolist():
            bar = built[instrument.key, start]
            assert [bar.open, bar.high, bar.low, bar.close, bar.volume] == stored[:5]


@pytest.mark.django_db(transaction=True)
def test_candles_made_of_recorded_ticks_lie_within_the_feeds_own_minute_bars(tmp_path):
    """The whole way: master, decoder, replay on the virtual clock, checks, builder, writer, database."""
    paths = sorted(DATA.glob("ticks_upstox_v3/*.jsonl.gz"))
    tokens = {path: "|".join(path.name.rsplit("_", 1)[0].rsplit("_", 1)) for path in paths}
    with gzip.open(DATA / "instruments" / "upstox_NSE_2025-10-05.json.gz") as file:
        rows = [row for row in json.load(file) if row["instrument_key"] in tokens.values()]
    assert len(paths) == len(rows) == 5
    master = tmp_path / "master.json"
    master.write_text(json.dumps(rows))
    instruments_import(path=master, source=Source.UPSTOX, master_date=date(2025, 10, 5))
    runner = recording_runner(paths=paths, on=TICKS_DAY, speed=1_500, exit_at_end=True)
    runner.start()
    runner.join(timeout=170)
    assert not runner.is_running
    status = runner.status()
    assert status.ticks == 113_676
    assert set(status.rejected) <= {"out_of_order", "outside_session", "crossed"}
    assert status.rejected["out_of_order"] <= 30
    since, until = clock.ist_day_span(TICKS_DAY)
    for path in paths:
        instrument = instrument_for_token(Source.UPSTOX, tokens[path], TICKS_DAY)
        built = {row[0]: row[1:] for row in stored_minutes(instrument.pk, since, until).columns().tolist()}
        with gzip.open(str(path).replace(".jsonl.gz", "_I1bars.csv.gz"), "rt") as file:
            feeds_own = {int(row["ts_ms"]) // 1000: row for row in csv.DictReader(file)}
        common = sorted(set(built) & set(feeds_own))
        assert len(common) >= 340
        for start in common:
            first, high, low, last, volume, _ = built[start]
            own_high, own_low = (round(float(feeds_own[start][name]) * 10_000) for name in ("high", "low"))
            assert own_low <= low <= min(first, last) <= max(first, last) <= high <= own_high
            assert volume >= 0
        close = sum(built[start][3] == round(float(feeds_own[start]["close"]) * 10_000) for start in common)
        assert close >= 0.8 * len(common), "the recorder saw some trades only: its last is mostly the close"
