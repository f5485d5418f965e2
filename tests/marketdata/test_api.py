from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from core.clock import wall_now
from core.store import get_store
from tests.factories import make_instrument, make_member
from tests.marketdata.builders import make_quote
from tests.marketdata.test_import_candles import FIRST, HEADER, SECOND, write
from trading.marketdata.domain.feed_status import FeedState, FeedStatus
from trading.marketdata.imports import candle_file_import
from trading.marketdata.services import feed_status_publish, quote_publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_quotes() -> None:
    get_store().delete("quotes")
    get_store().delete("candles.forming")


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_member(Role.VIEWER).user)
    return client


def test_quotes_come_in_the_order_asked_with_prices_as_strings(viewer):
    make_instrument("NSE:TCS")
    quote_publish([make_quote("100.00"), make_quote("200.50", key="NSE:M&M", asks=())])
    answer = viewer.get("/api/v1/quotes", {"symbols": "NSE:M&M,NSE:TCS,NSE:RELIANCE"}).json()
    assert [quote["symbol"] for quote in answer["results"]] == ["NSE:M&M", "NSE:RELIANCE"]
    assert answer["silent"] == ["NSE:TCS"]
    first, second = answer["results"]
    assert (first["ltp"], first["ask"], first["ask_quantity"], first["stale"]) == ("200.50", None, 0, False)
    assert (second["change"], second["change_pct"], second["bid"]) == ("1.00", "1.01", "99.95")
    assert set(second) >= {"open", "high", "low", "close", "volume", "oi", "bid_quantity", "timestamp", "source"}


def test_an_old_quote_says_that_it_is_stale(viewer):
    quote_publish([make_quote(received_at=datetime.now(UTC) - timedelta(minutes=5))])
    assert viewer.get("/api/v1/quotes?symbols=NSE:RELIANCE").json()["results"][0]["stale"] is True


def test_depth_shows_levels_and_totals(viewer):
    make_instrument("NSE:RELIANCE")
    quote_publish([make_quote("100.00")])
    answer = viewer.get("/api/v1/depth/NSE:RELIANCE").json()
    assert answer["bids"] == [{"price": "99.95", "quantity": 10, "orders": 1}]
    assert (answer["total_bid_quantity"], answer["total_ask_quantity"]) == (10, 20)


def test_candles_are_ascending_with_the_bars_start_and_derive_longer_ones(viewer, tmp_path):
    make_instrument("NSE:RELIANCE")
    candle_file_import(write(tmp_path / "r.csv", HEADER + SECOND + FIRST))
    span = {"from": "2016-08-22T00:00:00+05:30", "to": "2016-08-23T00:00:00+05:30"}
    answer = viewer.get("/api/v1/candles/NSE:RELIANCE", span).json()
    assert answer == {
        "symbol": "NSE:RELIANCE",
        "interval": "1m",
        "candles": [
            ["2016-08-22T09:15:00+05:30", "100.00", "101.00", "99.50", "100.50", 10, 0],
            ["2016-08-22T09:16:00+05:30", "100.50", "102.00", "100.00", "101.05", 20, 0],
        ],
    }
    five = viewer.get("/api/v1/candles/NSE:RELIANCE", {**span, "interval": "5m"}).json()["candles"]
    assert five == [["2016-08-22T09:15:00+05:30", "100.00", "102.00", "99.50", "101.05", 30, 0]]
    last = viewer.get("/api/v1/candles/NSE:RELIANCE", {**span, "limit": "1"}).json()["candles"]
    assert last[0][0] == "2016-08-22T09:16:00+05:30"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("quotes", 400, "invalid_input"),
        ("quotes?symbols=,", 400, "invalid_input"),
        ("quotes?symbols=" + ",".join(f"NSE:S{n}" for n in range(201)), 400, "invalid_input"),
        ("quotes?symbols=NSE:NOBODY", 404, "unknown_symbol"),
        ("quotes?symbols=garbage", 404, "unknown_symbol"),
        ("depth/NSE:NOBODY", 404, "unknown_symbol"),
        ("depth/NSE:RELIANCE", 404, "no_quote"),
        ("candles/NSE:NOBODY", 404, "unknown_symbol"),
        ("candles/NSE:RELIANCE?interval=7m", 400, "invalid_input"),
        ("candles/NSE:RELIANCE?limit=0", 400, "invalid_input"),
        ("candles/NSE:RELIANCE?limit=999999", 400, "invalid_input"),
        ("candles/NSE:RELIANCE?from=yesterday", 400, "invalid_input"),
        ("candles/NSE:RELIANCE?from=2016-08-22T00:00:00Z&to=2016-08-21T00:00:00Z", 400, "invalid_input"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(viewer, path, status, code):
    make_instrument("NSE:RELIANCE")
    answer = viewer.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ["quotes?symbols=NSE:TCS", "depth/NSE:TCS", "candles/NSE:TCS", "market/feeds"])
def test_a_stranger_sees_no_market_data(client, path):
    assert client.get(f"/api/v1/{path}").status_code == 401


def test_feeds_report_their_state_and_refused_ticks(viewer):
    get_store().delete("feeds")
    moment = datetime.now(UTC)
    feed_status_publish(
        FeedStatus(
            source="simulated",
            state=FeedState.LIVE,
            started_at=moment,
            reported_at=moment - timedelta(minutes=1),
            rejected={"spike": 2},
        )
    )
    (feed,) = viewer.get("/api/v1/market/feeds").json()["results"]
    assert (feed["state"], feed["rejected"]) == ("DOWN", {"spike": 2})


def test_metrics_tell_what_the_feeds_report_whichever_process_is_asked(client):
    get_store().delete("feeds")
    status = FeedStatus(
        source="upstox",
        state=FeedState.MUTE,
        started_at=wall_now(),
        reported_at=wall_now(),
        last_tick_at=wall_now(),
        ticks=12,
        rejected={"spike": 2},
        resubscriptions=3,
    )
    feed_status_publish(status)
    lines = client.get("/metrics").content.decode().splitlines()
    assert 'sauda_feed_rejected_total{reason="spike",source="upstox"} 2.0' in lines
    assert 'sauda_feed_resubscriptions_total{source="upstox"} 3.0' in lines
    assert 'sauda_feed_state{source="upstox",state="MUTE"} 1.0' in lines
    assert 'sauda_feed_state{source="upstox",state="LIVE"} 0.0' in lines
    assert not any(line.startswith("sauda_feed_lag_seconds{") for line in lines), "unknown is not zero"
