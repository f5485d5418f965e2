"""Real recordings beside the project: `SAUDA_SHARED=/path/to/shared pytest -m recorded`."""

import csv
import gzip
import os
from datetime import date
from pathlib import Path

import pytest

from core import clock
from tests.factories import make_instrument
from trading.instruments.domain.sessions import Segment
from trading.instruments.models import Instrument
from trading.marketdata.domain.candle_builder import Bar, CandleBuilder
from trading.marketdata.feeds.port import FrameBroken
from trading.marketdata.feeds.replay.recording import recorded_ticks
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


@pytest.mark.parametrize("path", sorted(DATA.glob("ticks_upstox_v3/*.jsonl.gz")), ids=lambda path: path.name)
def test_candles_built_from_recorded_ticks_agree_with_the_feeds_own_bars(path):
    token = "|".join(path.name.rsplit("_", 1)[0].rsplit("_", 1))
    instrument = make_instrument("NSE:RECORDED")
    builder, broken = CandleBuilder(), 0
    built: dict[int, Bar] = {}
    (session,) = trading_hours(Segment.EQUITY, TICKS_DAY)
    for _, frame in recorded_ticks([path], {token: instrument.key}):
        if isinstance(frame, FrameBroken):
            broken += 1
        elif session.starts <= frame.timestamp < session.ends:
            builder.add(frame, opens_at=session.starts)
            built |= {bar.start: bar for bar in builder.drain()}
    with gzip.open(str(path).replace(".jsonl.gz", "_I1bars.csv.gz"), "rt") as file:
        feeds_own = {int(row["ts_ms"]) // 1000: row for row in csv.DictReader(file)}
    common = sorted(set(built) & set(feeds_own))
    close = sum(built[start].close == round(float(feeds_own[start]["close"]) * 10_000) for start in common)
    inside = sum(
        built[start].high <= round(float(feeds_own[start]["high"]) * 10_000)
        and built[start].low >= round(float(feeds_own[start]["low"]) * 10_000)
        for start in common
    )
    assert broken == 0
    assert len(common) >= 340
    # The recorder saw some trades only: its range lies within the feed's, and its last price is mostly the close.
    assert inside >= 0.95 * len(common)
    assert close >= 0.8 * len(common)
    assert all(bar.volume >= 0 for bar in built.values())
