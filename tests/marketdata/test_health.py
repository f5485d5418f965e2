"""The data health page and its API: what is shown, what is filled, and who may."""

from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from core.clock import trading_date
from core.store import get_store
from tests.factories import make_instrument, make_member
from tests.marketdata.daily_days import store_day, store_minutes
from trading.instruments.models import Instrument
from trading.instruments.selectors import calendar_for
from trading.marketdata.models import Backfill, DailyBar, FileImport

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sources(settings) -> None:
    get_store().delete("feeds")
    settings.HISTORY_SOURCES = {"simulated": "trading.marketdata.history.simulated.SimulatedHistory"}
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True


def _client(role: Role) -> Client:
    client = Client()
    client.force_login(make_member(role).user)
    return client


@pytest.fixture
def days() -> list[date]:
    """The last three trading days before today."""
    today = trading_date()
    return calendar_for().trading_days(today - timedelta(days=14), today - timedelta(days=1))[-3:]


@pytest.fixture
def stock(days: list[date]) -> Instrument:
    """With the first day whole, the second in part and the third missing."""
    instrument = make_instrument("NSE:RELIANCE")
    store_minutes(instrument, days[0])
    store_minutes(instrument, days[1], count=10)
    return instrument


def _gaps(client: Client, **query: str) -> dict[str, list[str]]:
    results = client.get("/api/v1/market/gaps", query).json()["results"]
    return {row["symbol"]: [gap["state"] for gap in row["gaps"]] for row in results}


def test_gaps_over_the_api(stock: Instrument) -> None:
    viewer = _client(Role.VIEWER)
    assert _gaps(viewer) == {"NSE:RELIANCE": ["PARTIAL", "MISSING"]}
    assert _gaps(viewer, segment="EQUITY_DERIVATIVES") == {}
    assert viewer.get("/api/v1/market/gaps?symbol=NSE:NOSUCH").status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-11-20&to=2026-11-10", 400),
        ("from=2020-01-01&to=2026-11-10", 400),
        ("from=yesterday", 400),
        ("interval=5m", 400),
        ("segment=CRYPTO", 400),
        ("from=2014-11-01&to=2014-11-10", 400),
    ],
)
def test_a_bad_question_is_told_so(query: str, status: int) -> None:
    assert _client(Role.VIEWER).get(f"/api/v1/market/gaps?{query}").status_code == status


def test_a_backfill_is_asked_for_looked_at_and_cancelled(stock: Instrument) -> None:
    admin = _client(Role.ADMIN)
    created = admin.post("/api/v1/market/backfills", {"symbols": ["NSE:RELIANCE"]}, "application/json")
    assert (created.status_code, created.json()["status"], created.json()["percent"]) == (201, "QUEUED", 0)
    address = f"/api/v1/market/backfills/{created.json()['id']}"
    seen = admin.get(address).json()
    assert seen["outcomes"] == {"WAITING": seen["total"]}
    assert admin.get("/api/v1/market/backfills").json()["results"][0]["id"] == created.json()["id"]
    assert admin.delete(address).json()["status"] == "CANCELLED"
    again = admin.delete(address)
    assert (again.status_code, again.json()["code"]) == (409, "backfill_over")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"source": "nobody"}, 400, "unknown_history_source"),
        ({"symbols": ["NSE:WHOLE"]}, 400, "no_gaps"),
        ({"symbols": []}, 400, None),
        ({"symbols": "NSE:RELIANCE"}, 400, None),
        ({"interval": "1h"}, 400, None),
    ],
)
def test_a_backfill_that_makes_no_sense_is_refused(
    days: list[date], body: dict[str, object], status: int, code: str | None
) -> None:
    whole = make_instrument("NSE:WHOLE")
    for day in days:
        store_minutes(whole, day)
    span = {"from": days[0].isoformat(), "to": days[-1].isoformat()}
    answer = _client(Role.OWNER).post("/api/v1/market/backfills", span | body, "application/json")
    assert answer.status_code == status
    assert code is None or answer.json()["code"] == code
    assert not Backfill.objects.exists()


@pytest.mark.parametrize("role", [Role.TRADER, Role.RISK_MANAGER, Role.ANALYST, Role.VIEWER])
def test_only_those_with_the_permission_fill(stock: Instrument, role: Role) -> None:
    client = _client(role)
    assert client.post("/api/v1/market/backfills", {}, "application/json").status_code == 403
    assert client.post("/market/health/fill/", {}).status_code == 403
    assert "Fill" not in client.get("/market/health/").content.decode()


def test_daily_bars_name_their_source(stock: Instrument, days: list[date]) -> None:
    store_day(stock, days[1], close="450", source=DailyBar.Source.BHAVCOPY)
    answer = _client(Role.VIEWER).get("/api/v1/market/daily/NSE:RELIANCE").json()
    assert [(bar["date"], bar["source"], bar["close"], bar["minutes"]) for bar in answer] == [
        (days[1].isoformat(), "bhavcopy", "450.00", 10),
        (days[0].isoformat(), "roll_up", "474.00", 375),
    ]


def test_storage_and_imports_over_the_api() -> None:
    viewer = _client(Role.VIEWER)
    storage = viewer.get("/api/v1/market/storage").json()
    assert [(each["table"], each["kind"], each["stray_rows"]) for each in storage["tables"]] == [
        ("marketdata_candle", "partitioned", 0),
        ("marketdata_optionminute", "partitioned", 0),
    ]
    assert all(each["partitions"][-1]["month"] is None for each in storage["tables"])
    assert storage["recordings_kept_days"] == 0
    FileImport.objects.create(
        kind="BHAVCOPY", filename="b.csv", sha256="0", format="udiff", finished_at="2026-11-20T10:00:00Z",
        rows_read=5, inserted=3, updated=0, unchanged=0, skipped=2, duplicates=0, rejected=0,
    )  # fmt: skip
    (run,) = viewer.get("/api/v1/market/imports").json()["results"]
    assert (run["kind"], run["inserted"], run["skipped"]) == ("BHAVCOPY", 3, 2)


def test_the_page_shows_gaps_and_fills_them(stock: Instrument) -> None:
    owner = _client(Role.OWNER)
    page = owner.get("/market/health/").content.decode()
    assert "Fill 2 gaps" in page
    assert 'class="missing"' in page
    assert owner.post("/market/health/fill/", {"symbol": "NSE:RELIANCE", "days": "7"}).status_code == 302
    backfill = Backfill.objects.get()
    panel = owner.get("/market/health/backfills/").content.decode()
    assert "Queued" in panel
    assert "every 2s" in panel
    assert owner.post(f"/market/health/backfills/{backfill.pk}/cancel/").status_code == 302
    assert Backfill.objects.get().status == "CANCELLED"
    assert "every 2s" not in owner.get("/market/health/backfills/").content.decode()


def test_the_page_says_how_long_minutes_and_recordings_are_kept(settings: Settings) -> None:
    settings.RECORDING_KEEP_DAYS, settings.OPTION_RETENTION_MONTHS = 14, 6
    page = _client(Role.VIEWER).get("/market/health/").content.decode()
    assert "kept for 14 days" in page
    assert "kept for 6 months" in page
    assert "Option minutes" in page


def test_the_page_says_what_it_cannot_know(stock: Instrument) -> None:
    viewer = _client(Role.VIEWER)
    assert "Nothing to compare with" in viewer.get("/market/health/gaps/?symbol=NSE:NOSUCH").content.decode()
    assert "Nothing to compare with" in viewer.get("/market/health/gaps/?days=3").content.decode()
    assert "No feed has reported" in viewer.get("/market/health/").content.decode()
