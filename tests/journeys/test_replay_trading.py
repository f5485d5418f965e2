"""Trading a replayed day: what the paper exchange says has happened is what the day can have filled."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core import clock
from tests.factories import make_instrument
from tests.journeys.replay_desk import ScriptedTrader, assert_day_could_have_filled
from tests.marketdata.test_import_candles import HEADER, write
from tests.orders.desk import LAKH_PAISE, make_desk
from trading.instruments.models import Instrument
from trading.marketdata.feeds.replay.runners import candle_replay_runner
from trading.marketdata.imports import candle_file_import

DAY = date(2016, 8, 22)
SHARED = Path(os.environ.get("SAUDA_SHARED", Path(__file__).resolve().parents[3] / "shared"))
OPENING = datetime(2016, 8, 22, 3, 45, tzinfo=UTC)
MINUTES = 20


@pytest.fixture(autouse=True)
def _wall_clock_afterwards() -> Iterator[None]:
    yield
    clock.clear_virtual()


def wave(minute: int) -> tuple[str, str, str, str]:
    """Open, high, low and close of a price that swings by a few rupees."""
    swing = (0, 2, 3, 1, -2, -4, -1, 2)
    first, last = 1000 + swing[minute % 8], 1000 + swing[(minute + 1) % 8]
    return f"{first}.00", f"{max(first, last)}.45", f"{min(first, last) - 1}.55", f"{last}.00"


@pytest.mark.django_db(transaction=True)
def test_fills_on_a_replayed_day_lie_within_their_minutes(tmp_path: Path) -> None:
    instruments = [make_instrument("NSE:RELIANCE"), make_instrument("NSE:TCS")]
    for instrument in instruments:
        rows = [
            f"{instrument.symbol},2016-08-22 09:{15 + minute}:00,{','.join(wave(minute))},{6000 + minute}\n"
            for minute in range(MINUTES)
        ]
        candle_file_import(write(tmp_path / f"{instrument.symbol}.csv", HEADER + "".join(rows)))
    desk = make_desk(paise=50 * LAKH_PAISE)
    runner = candle_replay_runner(on=DAY, speed=240)
    runner.start()
    try:
        trader = ScriptedTrader(desk, instruments)
        trader.trade(runner, until=OPENING + timedelta(minutes=MINUTES - 1), pause=0.02)
    finally:
        runner.stop()
    figures = assert_day_could_have_filled(desk)
    assert figures.instruments == 2
    assert figures.fills > 20
    assert figures.fills_of_resting_orders > 5


@pytest.mark.recorded
@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
def test_fills_on_a_recorded_day_lie_within_their_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    for path in sorted(SHARED.glob("data/minute_equity/*.gz")):
        candle_file_import(path, create_instruments=True)
    instruments = list(Instrument.objects.filter(instrument_type="EQ").order_by("key"))
    desk = make_desk(paise=500 * LAKH_PAISE)
    runner = candle_replay_runner(on=DAY, speed=300)
    runner.start()
    try:
        trader = ScriptedTrader(desk, instruments)
        trader.trade(runner, until=OPENING + timedelta(minutes=374), pause=0.03)
    finally:
        runner.stop()
    figures = assert_day_could_have_filled(desk)
    with capsys.disabled():
        print(f"\n{figures} {dict(trader.answers)}")  # noqa: T201 - the figures are what one runs it for
    assert figures.instruments == len(instruments)
    assert figures.fills_of_resting_orders > 100
