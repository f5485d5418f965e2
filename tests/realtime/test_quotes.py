"""Quotes from the one door that feeds use to a client's screen."""

import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from prometheus_client import REGISTRY

from accounts.domain.permissions import Role
from core.realtime.protocol import CloseCode
from tests.factories import actor_for, make_member
from tests.realtime.conftest import Client, Server
from trading.marketdata.domain.quote import DepthLevel, Quote
from trading.marketdata.services import quote_publish

AT = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)


def quote(key: str, ltp: str) -> Quote:
    price = Decimal(ltp)
    return Quote(
        key=key,
        ltp=price,
        open=Decimal("99.00"),
        high=Decimal("120.00"),
        low=Decimal("98.00"),
        close=Decimal("100.00"),
        volume=4200,
        bids=(DepthLevel(price - Decimal("0.05"), 10),),
        asks=(DepthLevel(price + Decimal("0.05"), 20),),
        timestamp=AT,
        received_at=datetime.now(UTC),
        source="test",
    )


@pytest.fixture
def client(server: Server) -> Client:
    return server.open("/ws/quotes", actor=actor_for(make_member(Role.VIEWER)))


def test_a_viewer_sees_the_latest_quote_at_once_and_each_change(client: Client) -> None:
    quote_publish([quote("NSE:SAUDA", "101.25")])
    client.send(action="subscribe", symbols=["NSE:SAUDA"])
    first = client.receive("quote_update")["data"]
    assert first["symbol"] == "NSE:SAUDA"
    assert (first["ltp"], first["change"], first["change_pct"]) == ("101.25", "1.25", "1.25")
    assert (first["bid"], first["ask"], first["volume"]) == ("101.20", "101.30", 4200)
    assert first["timestamp"] == "2026-11-20T04:30:00Z"

    quote_publish([quote("NSE:SAUDA", "102.00"), quote("NSE:OTHER", "7.00")])
    assert client.receive("quote_update")["data"]["ltp"] == "102.00"
    assert client.receive_all() == []


def test_with_batch_one_frame_carries_all_that_changed(client: Client) -> None:
    keys = [f"NSE:BATCH{number}" for number in range(5)]
    quote_publish(quote(key, "10.00") for key in keys)
    client.send(action="subscribe", symbols=keys, batch=True)
    assert {each["symbol"] for each in client.receive("quotes")["data"]} == set(keys)
    quote_publish(quote(key, "11.00") for key in keys)
    assert [each["ltp"] for each in client.receive("quotes")["data"]] == ["11.00"] * 5


def test_unsubscribed_symbols_fall_silent(client: Client) -> None:
    quote_publish([quote("NSE:ONE", "1.00"), quote("NSE:TWO", "2.00")])
    client.send(action="subscribe", symbols=["NSE:ONE", "NSE:TWO"])
    client.receive_all()
    client.send(action="unsubscribe", symbols=["NSE:ONE"])
    client.send(action="ping")
    client.receive("pong")
    quote_publish([quote("NSE:ONE", "1.05"), quote("NSE:TWO", "2.05")])
    assert [frame["data"]["symbol"] for frame in client.receive_all()] == ["NSE:TWO"]


def test_unknown_symbols_are_named_and_the_known_ones_served(client: Client) -> None:
    quote_publish([quote("NSE:KNOWN", "5.00")])
    client.send(action="subscribe", symbols=["NSE:KNOWN", "NSE:NOPE", "<script>"])
    frames = [client.receive(), client.receive()]
    by_event = {frame["event"]: frame for frame in frames}
    assert by_event["quote_update"]["data"]["symbol"] == "NSE:KNOWN"
    assert by_event["error"]["code"] == "unknown_symbol"
    assert by_event["error"]["symbols"] == ["<script>", "NSE:NOPE"]


def test_a_stalled_client_is_closed_as_slow_and_another_misses_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.realtime.switchboard.SLOW_SECONDS", 1.0)
    keys = [f"NSE:WIDE{number:03}" for number in range(500)]
    quote_publish(quote(key, "1.00") for key in keys)
    actor = actor_for(make_member(Role.TRADER))
    # Unread frames stay in the kernel's buffers: that is a stalled client.
    stalled = server.open("/ws/quotes", actor=actor, max_queue=1)
    reading = server.open("/ws/quotes", actor=actor)
    for client in (stalled, reading):
        client.send(action="subscribe", symbols=keys, batch=True)
    reading.receive("quotes")

    before = closed_as_slow()
    deadline = time.monotonic() + 10
    rupees = 1
    while closed_as_slow() == before:
        assert time.monotonic() < deadline
        rupees += 1
        quote_publish(quote(key, f"{rupees}.00") for key in keys)
        assert {each["ltp"] for each in reading.receive("quotes")["data"]} == {f"{rupees}.00"}
    assert stalled.close_code(within=10) == CloseCode.SLOW


def closed_as_slow() -> float:
    return REGISTRY.get_sample_value("sauda_socket_closed_total", {"code": "4408"}) or 0.0
