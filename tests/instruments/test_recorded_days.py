"""The shipped calendar against the days and minutes of real recordings."""

import csv
import gzip
import os
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from core.clock import IST
from trading.instruments.domain.sessions import Phase, Segment, phase_at
from trading.instruments.selectors import calendar_for, session_windows

pytestmark = [pytest.mark.recorded, pytest.mark.django_db]

SHARED = Path(os.environ.get("SAUDA_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "data"


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def test_every_recorded_day_of_2022_is_a_trading_day_and_no_trading_day_is_missing() -> None:
    recorded = {date.fromisoformat(row["date"]) for row in rows(SHARED / "minute_index" / "NIFTY_1m_2022.csv.gz")}
    calendar = calendar_for("NSE")
    assert all(calendar.is_trading_day(on) for on in recorded)
    days_2022 = {on for on in recorded if on.year == 2022}
    missing = set(calendar.trading_days(min(days_2022), max(days_2022))) - days_2022
    assert not missing


@pytest.mark.parametrize("symbol", ["RELIANCE", "SBIN", "NIFTY50"])
def test_every_recorded_minute_of_2016_lies_in_the_continuous_session(symbol: str) -> None:
    for row in rows(SHARED / "minute_equity" / f"{symbol}_1m_2016-08_2016-09.csv.gz"):
        starts = datetime.fromisoformat(row["timestamp_ist"]).replace(tzinfo=IST)
        assert phase_at(session_windows(Segment.EQUITY, starts.date()), starts) is Phase.CONTINUOUS


def test_recorded_muhurat_minutes_lie_in_their_evening_session() -> None:
    for row in rows(SHARED / "minute_index" / "NIFTY_1m_2022.csv.gz"):
        if row["date"] == "2022-10-24":
            ends = datetime.fromisoformat(f"{row['date']}T{row['time_label_ist'][:5]}").replace(tzinfo=IST)
            window = session_windows(Segment.EQUITY, ends.date())[0]
            assert window.starts - timedelta(minutes=10) < ends < window.ends + timedelta(minutes=10)
