"""Real files beside the project (`SAUDA_SHARED=…`, `-m recorded`): bars against pandas, actions without a jump."""

import csv
import gzip
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests.factories import make_instrument
from trading.instruments.models import ActionNotice, CorporateAction, Instrument
from trading.marketdata.domain.bars import Interval
from trading.marketdata.imports import bhavcopy_import, candle_file_import, corporate_actions_import
from trading.marketdata.models import DailyBar, SettlementPrice
from trading.marketdata.selectors import candles
from trading.marketdata.services import DailyValues, daily_bars_write

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SAUDA_SHARED", ROOT.parent / "shared")) / "data"

pytestmark = [pytest.mark.recorded, pytest.mark.django_db]

RULES = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}


def _frame(path: Path, session: tuple[str, str]) -> pd.DataFrame:
    """The file's minutes of the regular session in order, labelled by their start, prices in ten-thousandths."""
    raw = pd.read_csv(path)
    if "time_label_ist" in raw:
        at = pd.to_datetime(raw["date"] + " " + raw["time_label_ist"]) - pd.Timedelta(minutes=1)
    else:
        at = pd.to_datetime(raw["timestamp_ist"])
    frame = raw.set_index(at.dt.tz_localize("Asia/Kolkata")).sort_index()
    for name in ("open", "high", "low", "close"):
        frame[name] = (frame[name] * 10_000).round().astype("int64")
    return frame.between_time(*session, inclusive="left")


def _check(instrument: Instrument, interval: Interval, expected: pd.DataFrame) -> None:
    series = candles(
        instrument,
        interval,
        start=datetime(2016, 1, 1, tzinfo=UTC),
        end=datetime(2023, 1, 1, tzinfo=UTC),
        limit=200_000,
    )
    assert series.start.tolist() == [int(at.timestamp()) for at in expected.index]
    for name in RULES:
        assert getattr(series, name).tolist() == expected[name].tolist(), name


FILES = [
    ("minute_equity/RELIANCE_1m_2016-08_2016-09.csv.gz", "NSE:RELIANCE"),
    ("minute_equity/HDFCBANK_1m_2016-08_2016-09.csv.gz", "NSE:HDFCBANK"),
    ("minute_index/NIFTY_1m_2022.csv.gz", "NSE:NIFTY"),
]


@pytest.mark.parametrize(("path", "key"), FILES)
def test_five_minutes_hours_days_and_weeks_equal_an_aggregation_by_pandas(path: str, key: str) -> None:
    candle_file_import(DATA / path, create_instruments=True)
    instrument = Instrument.objects.get(key=key)
    regular = _frame(DATA / path, ("09:15", "15:30"))
    # Muhurat has an evening session of its own, which only the days and weeks share.
    muhurat = _frame(DATA / path, ("18:15", "19:15"))
    whole = pd.concat([regular, muhurat]).sort_index()
    for interval, rule in ((Interval.M5, "5min"), (Interval.H1, "60min")):
        parts = [
            part.resample(rule, origin=at).agg(RULES).dropna().astype("int64")
            for session, hour in ((regular, "09:15"), (muhurat, "18:15"))
            for day, part in session.groupby(session.index.date)
            for at in [pd.Timestamp(f"{day} {hour}", tz="Asia/Kolkata")]
        ]
        _check(instrument, interval, pd.concat(parts).sort_index())
    days = whole.groupby(whole.index.normalize()).agg(RULES)
    _check(instrument, Interval.D1, days)
    monday = days.index - pd.to_timedelta(days.index.day_of_week, unit="D")
    _check(instrument, Interval.W1, days.groupby(monday).agg(RULES))


ANNOUNCED = (
    *("SERIES", "SYMBOL", "SECURITY", "RECORD_DT", "BC_STRT_DT", "BC_END_DT"),
    *("EX_DT", "ND_STRT_DT", "ND_END_DT", "PURPOSE"),
)


def _announce(folder: Path, *lines: tuple[str, str, str]) -> None:
    path = folder / "bc.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(ANNOUNCED)
        writer.writerows(["EQ", symbol, symbol, on, "", "", on, "", "", purpose] for symbol, on, purpose in lines)
    assert corporate_actions_import(path).rejects == ()


def _jump(key: str, on: str, *, adjusted: bool) -> float:
    """The ex-date's open over the close before."""
    ex_date = date.fromisoformat(on)
    series = candles(
        Instrument.objects.get(key=key),
        Interval.D1,
        end=datetime(ex_date.year, ex_date.month, ex_date.day, 18, tzinfo=UTC),
        limit=2,
        adjusted=adjusted,
    )
    return float(series.open[1] / series.close[0])


ACTIONS = [
    ("HDFCBANK", "2025-08-26", "BONUS 1:1", 2),
    ("BAJFINANCE", "2025-06-16", "BONUS 4:1/FV SPLT FRM RS 2 TO RE 1", 10),
    ("NESTLEIND", "2025-08-08", "BONUS 1:1", 2),
    ("BSE", "2025-05-23", "BONUS 2:1", 3),
    ("RELIANCE", "2017-09-07", "BONUS 1:1", 2),
]


@pytest.mark.parametrize(("symbol", "on", "purpose", "ratio"), ACTIONS, ids=[each[0] for each in ACTIONS])
def test_adjusted_days_have_no_jump_at_known_corporate_actions(
    symbol: str, on: str, purpose: str, ratio: int, tmp_path: Path
) -> None:
    instrument = make_instrument(f"NSE:{symbol}")
    bars = []
    for path in sorted(DATA.glob("daily/*.csv.gz")):
        with gzip.open(path, "rt") as file:
            bars += [
                DailyValues(
                    instrument.pk,
                    date.fromisoformat(row["date"]),
                    Decimal(row["open"]),
                    Decimal(row["high"]),
                    Decimal(row["low"]),
                    Decimal(row["close"]),
                    volume=int(row["volume"]),
                )
                for row in csv.DictReader(file)
                if row["symbol"] == symbol
            ]
    daily_bars_write(bars, source=DailyBar.Source.BHAVCOPY)
    _announce(tmp_path, (symbol, on, purpose))
    assert _jump(f"NSE:{symbol}", on, adjusted=False) == pytest.approx(1 / ratio, rel=0.05)
    assert _jump(f"NSE:{symbol}", on, adjusted=True) == pytest.approx(1, rel=0.05)


def test_real_bhavcopies_and_announcements_meet(tmp_path: Path) -> None:
    files = sorted(DATA.glob("bhavcopy_cm/*.gz"))
    reports = [bhavcopy_import(path, create_instruments=True) for path in files]
    assert [report.format for report in reports] == ["cm-legacy"] * 3 + ["cm-full"] * 2
    assert (
        sum(len(report.rejects) for report in reports) == 1
    )  # IDEA in series T0: its close lies outside its range
    _announce(tmp_path, ("HDFCBANK", "2025-08-26", "BONUS 1:1"), ("RELIANCE", "2017-09-07", "BONUS 1:1"))
    for key, on in (("NSE:HDFCBANK", "2025-08-26"), ("NSE:RELIANCE", "2017-09-07")):
        assert _jump(key, on, adjusted=True) == pytest.approx(1, rel=0.05)
    assert all(bhavcopy_import(path).counts.unchanged for path in files)
    assert DailyBar.objects.count() == sum(report.counts.inserted for report in reports)


def test_a_real_bhavcopy_of_futures_and_options() -> None:
    path = DATA / "bhavcopy_fo_udiff/BhavCopy_NSE_FO_0_0_0_20250203_F_0000.csv.zip"
    make_instrument("NSE:NIFTY", instrument_type="INDEX")
    report = bhavcopy_import(path, create_instruments=True)
    assert (report.rows_read, report.counts.inserted, len(report.rejects)) == (34_304, 34_302, 2)
    future = Instrument.objects.get(key="NFO:NIFTY25FEBFUT")
    bar = DailyBar.objects.get(instrument=future)
    assert bar.oi > 0
    assert bar.volume % future.lot_size == 0
    assert SettlementPrice.objects.get(instrument__key="NSE:NIFTY").price == Decimal("23361.05")
    again = bhavcopy_import(path)
    assert (again.counts.unchanged, again.counts.updated) == (34_302, 0)


def test_a_real_day_of_announcements() -> None:
    for symbol in ("LALPATHLAB", "NUVAMA", "IOC", "KMEW"):
        make_instrument(f"NSE:{symbol}")
    report = corporate_actions_import(DATA / "nse_pr_2025-12-16/bc16122025.csv.gz")
    assert report.rejects == ()
    actions = {each.instrument.symbol: each for each in CorporateAction.objects.select_related("instrument")}
    assert {symbol: (each.kind, each.ratio_after, each.amount) for symbol, each in actions.items()} == {
        "LALPATHLAB": ("BONUS", 2, None),
        "NUVAMA": ("SPLIT", 5, None),
        "KMEW": ("SPLIT", 2, None),
        "IOC": ("DIVIDEND", None, Decimal(5)),
    }
    unread = ActionNotice.objects.filter(reading=ActionNotice.Reading.UNREAD)
    assert set(unread.values_list("symbol", "purpose")) == {("ARSSINFRA", "CAP RED"), ("DCMSRIND", "DEMERGER")}
    assert corporate_actions_import(DATA / "nse_api_json_samples/actions.json").counts.inserted == 1
