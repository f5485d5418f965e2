"""Gaps are found against the calendar and filled day by day; it may stop anywhere, be cancelled, and go on."""

import gzip
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.domain.permissions import Role
from core.errors import Conflict, InvalidInput, Unavailable
from core.tenancy import tenant_scope
from tests.factories import actor_for, make_instrument, make_member
from tests.marketdata.daily_days import minute_rows, store_day, store_minutes
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import BarSeries
from trading.marketdata.domain.coverage import DayState
from trading.marketdata.history.filling import backfill_run, backfills_ring
from trading.marketdata.history.folder import FolderHistory
from trading.marketdata.history.simulated import SimulatedHistory
from trading.marketdata.models import Backfill, BackfillDay, Candle, DailyBar
from trading.marketdata.selectors import coverage
from trading.marketdata.services import DailyValues, backfill_cancel, backfill_plan, daily_bars_write

pytestmark = pytest.mark.django_db

# A week with a holiday: 2022-03-18 was Holi.
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2022, 3, day) for day in (14, 15, 16, 17))
MINUTE, DAY = Backfill.Interval.MINUTE, Backfill.Interval.DAY
Status, Outcome = Backfill.Status, BackfillDay.Outcome


class Shelf:
    """A source that has what was put on it, and counts how often it was asked."""

    requests_per_second = 0.0

    def __init__(self, *have: date, minutes: int = 375) -> None:
        self.have, self.count = have, minutes
        self.asked: list[date] = []
        self.fails_after: int | None = None

    def minutes(self, instrument: Instrument, on: date) -> BarSeries:
        if self.fails_after is not None and len(self.asked) >= self.fails_after:
            raise Unavailable("The source does not answer.")
        self.asked.append(on)
        if on not in self.have:
            return BarSeries.empty()
        return BarSeries.from_columns(minute_rows(instrument, on, count=self.count)[:, 1:])

    def day(self, instrument: Instrument, on: date) -> DailyValues | None:
        self.asked.append(on)
        price = Decimal(50)
        return DailyValues(instrument.pk, on, price, price, price, price) if on in self.have else None


@pytest.fixture
def stock() -> Instrument:
    instrument = make_instrument("NSE:RELIANCE")
    store_minutes(instrument, MONDAY)
    store_minutes(instrument, WEDNESDAY, count=100)
    return instrument


def _states(instrument: Instrument, **kwargs: object) -> dict[date, DayState]:
    found = coverage(MINUTE, first=MONDAY, last=date(2022, 3, 20), instruments=[instrument], **kwargs)
    return {day.date: day.state for day in found.instruments[0].days}


def _plan(instrument: Instrument, *days: date, interval: Backfill.Interval = MINUTE) -> Backfill:
    return backfill_plan(gaps=[(instrument.pk, day) for day in days], source="shelf", interval=interval)


def test_gaps_are_trading_days_with_too_few_minutes(stock: Instrument) -> None:
    assert _states(stock) == {
        MONDAY: DayState.COMPLETE,
        TUESDAY: DayState.MISSING,
        WEDNESDAY: DayState.PARTIAL,
        THURSDAY: DayState.MISSING,
    }


def test_an_instrument_that_nobody_named_is_expected_from_its_first_bar_on(stock: Instrument) -> None:
    other = make_instrument("NSE:TCS")
    store_minutes(other, THURSDAY)
    found = coverage(MINUTE, first=MONDAY, last=THURSDAY)
    assert {row.instrument.key: len(row.gaps) for row in found.instruments} == {"NSE:RELIANCE": 3, "NSE:TCS": 0}


def test_a_contract_may_stand_still_and_ends_with_its_expiry() -> None:
    call = make_instrument("NFO:NIFTY22MAR17W17000CE", expiry=WEDNESDAY)
    store_minutes(call, MONDAY, count=3)
    idle = DailyValues(call.pk, TUESDAY, Decimal(5), Decimal(5), Decimal(5), Decimal(5))
    daily_bars_write([idle], source=DailyBar.Source.BHAVCOPY)
    assert _states(call) == {
        MONDAY: DayState.COMPLETE,
        TUESDAY: DayState.NOT_EXPECTED,
        WEDNESDAY: DayState.MISSING,
    }


def test_a_missing_day_is_a_gap_only_where_no_bar_is_stored_at_all(stock: Instrument) -> None:
    store_day(stock, TUESDAY, close="50")
    found = coverage(DAY, first=MONDAY, last=THURSDAY)
    assert [gap.date for gap in found.instruments[0].gaps] == [THURSDAY]


def test_a_year_without_calendar_is_refused() -> None:
    with pytest.raises(CalendarUnknown):
        coverage(MINUTE, first=date(2015, 3, 1), last=date(2015, 3, 9))


def test_missing_minutes_are_filled_and_stored_ones_stay(stock: Instrument) -> None:
    Candle.objects.filter(start__date=WEDNESDAY).update(volume=77)
    source = Shelf(TUESDAY, WEDNESDAY)
    ended = backfill_run(_plan(stock, TUESDAY, WEDNESDAY, THURSDAY).pk, source=source)
    assert (ended.status, ended.done, ended.rows_written) == (Status.DONE, 3, 375 + 275)
    assert list(ended.days.values_list("outcome", flat=True)) == [Outcome.FILLED, Outcome.FILLED, Outcome.EMPTY]
    assert Candle.objects.filter(volume=77).count() == 100
    assert _states(stock)[WEDNESDAY] is DayState.COMPLETE


def test_what_lies_outside_the_session_is_not_stored(stock: Instrument) -> None:
    backfill_run(_plan(stock, TUESDAY).pk, source=Shelf(TUESDAY, minutes=400))
    assert Candle.objects.filter(start__date=TUESDAY).count() == 375


def test_impossible_prices_refuse_the_day_and_the_rest_goes_on(stock: Instrument) -> None:
    class Broken(Shelf):
        def minutes(self, instrument: Instrument, on: date) -> BarSeries:
            bars = super().minutes(instrument, on)
            return (
                bars if on != TUESDAY else BarSeries.from_columns(bars.columns() * np.array([1, 1, -1, 1, 1, 1, 1]))
            )

    ended = backfill_run(_plan(stock, TUESDAY, THURSDAY).pk, source=Broken(TUESDAY, THURSDAY))
    outcomes = dict(ended.days.values_list("date", "outcome"))
    assert outcomes == {TUESDAY: Outcome.REFUSED, THURSDAY: Outcome.FILLED}


def test_days_are_filled_from_the_source_but_never_over_a_bhavcopy(stock: Instrument) -> None:
    store_day(stock, THURSDAY, close="60")
    ended = backfill_run(_plan(stock, TUESDAY, THURSDAY, interval=DAY).pk, source=Shelf(TUESDAY, THURSDAY))
    assert ended.rows_written == 1
    closes = dict(DailyBar.objects.filter(date__in=[TUESDAY, THURSDAY]).values_list("date", "close"))
    assert closes == {TUESDAY: 50, THURSDAY: 60}


def test_it_goes_on_where_a_source_that_did_not_answer_stopped_it(stock: Instrument) -> None:
    backfill, source = _plan(stock, TUESDAY, WEDNESDAY, THURSDAY), Shelf(TUESDAY, WEDNESDAY, THURSDAY)
    source.fails_after = 1
    with pytest.raises(Unavailable):
        backfill_run(backfill.pk, source=source)
    backfill.refresh_from_db()
    assert (backfill.status, backfill.done, backfill.detail) == (Status.RUNNING, 1, "The source does not answer.")
    source.fails_after = None
    assert backfill_run(backfill.pk, source=source).status == Status.DONE
    assert source.asked == [TUESDAY, WEDNESDAY, THURSDAY]


def test_a_turn_ends_in_time_and_rings_for_the_next(
    stock: Instrument, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    backfill = _plan(stock, TUESDAY, THURSDAY)
    with django_capture_on_commit_callbacks() as bells:
        assert backfill_run(backfill.pk, source=Shelf(TUESDAY), seconds=0).status == Status.RUNNING
    assert len(bells) == 1


def test_cancelling_stops_after_the_day_at_hand_and_keeps_it(stock: Instrument) -> None:
    actor = actor_for(make_member(Role.OWNER))
    backfill = _plan(stock, TUESDAY, WEDNESDAY, THURSDAY)

    def cancel() -> None:
        with tenant_scope(actor.organisation_id):
            backfill_cancel(actor=actor, backfill_id=backfill.pk)

    source = Shelf(TUESDAY, WEDNESDAY, THURSDAY)
    ended = backfill_run(backfill.pk, source=source, on_day=lambda _: cancel())
    assert (ended.status, ended.done, ended.rows_written) == (Status.CANCELLED, 1, 375)
    with pytest.raises(Conflict):
        cancel()


def test_one_source_is_asked_by_one_backfill_at_a_time(stock: Instrument) -> None:
    first, second = _plan(stock, TUESDAY), _plan(stock, THURSDAY)
    Backfill.objects.filter(pk=first.pk).update(status=Status.RUNNING)
    source = Shelf(THURSDAY)
    assert backfill_run(second.pk, source=source).status == Status.QUEUED
    assert source.asked == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Backfill.objects.filter(pk=second.pk).update(status=Status.RUNNING)


def test_waiting_and_abandoned_backfills_are_rung_for(stock: Instrument) -> None:
    waiting, abandoned, fresh = (_plan(stock, TUESDAY) for _ in range(3))
    for backfill, name, at in ((abandoned, "a", "2022-01-01"), (fresh, "b", "2099-01-01")):
        Backfill.objects.filter(pk=backfill.pk).update(
            status=Status.RUNNING, source=name, touched_at=f"{at}T00:00:00Z"
        )
    assert backfills_ring() == 2
    assert waiting.is_live


def test_a_source_that_is_gone_fails_the_backfill_with_its_reason(stock: Instrument) -> None:
    ended = backfill_run(_plan(stock, TUESDAY).pk)
    assert (ended.status, "shelf" in ended.detail) == (Status.FAILED, True)


def test_nothing_to_fill_and_too_much_are_refused(stock: Instrument, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput) as nothing:
        _plan(stock)
    monkeypatch.setattr("trading.marketdata.services.backfill.MOST_DAYS", 1)
    with pytest.raises(InvalidInput) as much:
        _plan(stock, TUESDAY, THURSDAY)
    assert (nothing.value.code, much.value.code) == ("no_gaps", "too_many_gaps")


def test_the_rate_of_a_source_is_kept(stock: Instrument, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("trading.marketdata.history.filling.time.sleep", pauses.append)
    source = Shelf(TUESDAY)
    source.requests_per_second = 4.0
    backfill_run(_plan(stock, TUESDAY, THURSDAY).pk, source=source)
    assert pauses == [0.25, 0.25]


def test_the_simulated_past_is_always_the_same_and_joins_its_neighbours(stock: Instrument, settings: Any) -> None:
    with pytest.raises(InvalidInput):
        SimulatedHistory()
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    bars = SimulatedHistory().minutes(stock, TUESDAY)
    assert (bars.columns() == SimulatedHistory().minutes(stock, TUESDAY).columns()).all()
    assert (len(bars), bars.open[0]) == (375, 4_740_000)
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert len(SimulatedHistory().minutes(stock, date(2022, 3, 18))) == 0
    day = SimulatedHistory().day(stock, TUESDAY)
    assert day is not None
    assert day.high == Decimal(int(bars.high.max())) / 10_000


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.HISTORY_FOLDER = str(tmp_path)
    rows = "symbol,timestamp_ist,open,high,low,close,volume\nRELIANCE,2022-03-15 09:15:00,100,101,99,100.5,7\n"
    (tmp_path / "RELIANCE_1m.csv.gz").write_bytes(gzip.compress(rows.encode()))
    (tmp_path / "RELIANCE_broken.csv.gz").write_bytes(gzip.compress(rows.encode())[:-9])
    (tmp_path / "cm15MAR2022bhav.csv").write_text(
        "SYMBOL,SERIES,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,TOTTRDQTY,TOTTRDVAL,TIMESTAMP,TOTALTRADES,ISIN\n"
        "RELIANCE,EQ,100,101,99,100.4,100,98,900,90000,15-MAR-2022,21,INE002A01018\n"
    )
    return tmp_path


def test_a_folder_of_files_is_a_source(stock: Instrument, folder: Path) -> None:
    source = FolderHistory()
    assert source.minutes(stock, TUESDAY).close.tolist() == [1_005_000]
    assert len(source.minutes(stock, THURSDAY)) == 0
    day = source.day(stock, TUESDAY)
    assert day is not None
    assert (day.close, day.previous_close) == (Decimal("100.4"), 98)
    assert source.day(stock, THURSDAY) is None


def test_the_command_finds_and_fills(stock: Instrument, folder: Path) -> None:
    def run(*arguments: str) -> str:
        out = StringIO()
        call_command("backfill", "--from", "2022-03-14", "--to", "2022-03-20", *arguments, stdout=out)
        return out.getvalue()

    assert run("--dry-run").startswith("3 gaps in 4 trading days of 1 instruments.")
    assert not Backfill.objects.exists()
    assert "Done: 1 candles stored; days: 0 waiting, 1 filled, 2 the source has nothing, 0 not usable." in run()
    with pytest.raises(CommandError, match="calendar_unknown"):
        call_command("backfill", "--from", "2015-01-01", "--to", "2015-01-09")
