"""Current candles from the feed's bus message to a client's screen."""

from datetime import date, datetime
from typing import Any

import pytest

from accounts.domain.permissions import Role
from core import clock
from core.bus import get_bus
from core.clock import IST
from core.store import get_store
from tests.factories import actor_for, make_instrument, make_member
from tests.marketdata.daily_days import store_minutes
from tests.realtime.conftest import Client, Server
from trading.marketdata.domain.candle_builder import Bar
from trading.marketdata.domain.wire import CANDLES_CHANNEL, encode_bars

DAY = date(2022, 3, 15)


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{DAY}T{text}:00").replace(tzinfo=IST).timestamp())


def publish(start: str, close: int, volume: int = 10, key: str = "NSE:RELIANCE") -> None:
    price = close * 10_000
    get_bus().publish(CANDLES_CHANNEL, encode_bars([Bar(key, at(start), price, price, price, price, volume, 0)]))


@pytest.fixture
def client(server: Server) -> Client:
    get_store().delete("candles.forming")
    stock = make_instrument("NSE:RELIANCE")
    store_minutes(stock, date(2022, 3, 14))
    store_minutes(stock, DAY, count=20)
    clock.set_virtual(datetime.fromtimestamp(at("09:35"), IST), 0.001)
    return server.open("/ws/stream", actor=actor_for(make_member(Role.VIEWER)))


@pytest.fixture(autouse=True)
def _real_clock():
    yield
    clock.clear_virtual()


def _candle(client: Client) -> list[Any]:
    return client.receive("candle_update")["data"]["candle"]


def test_the_current_bar_comes_at_once_and_with_each_change(client: Client) -> None:
    client.send(action="subscribe", topic="candles", symbols=["nse:reliance"], interval="15m")
    frame = client.receive("candle_update")["data"]
    assert (frame["symbol"], frame["interval"]) == ("NSE:RELIANCE", "15m")
    assert frame["candle"] == ["2022-03-15T09:30:00+05:30", "115.00", "119.50", "114.50", "119.00", 50, 19]
    publish("09:35", 130)
    assert _candle(client)[1:6] == ["115.00", "130.00", "114.50", "130.00", 60]
    publish("09:35", 125, volume=30)
    assert _candle(client)[1:6] == ["115.00", "125.00", "114.50", "125.00", 80]
    publish("09:45", 140)
    assert _candle(client)[0] == "2022-03-15T09:45:00+05:30"


def test_days_and_weeks_go_on_from_what_is_stored(client: Client) -> None:
    client.send(action="subscribe", topic="candles", symbols=["NSE:RELIANCE"], interval="1w")
    week = _candle(client)
    assert (week[0], week[1], week[2], week[5]) == ("2022-03-14T00:00:00+05:30", "100.00", "474.50", 3950)
    publish("09:35", 500)
    assert _candle(client)[2:6] == ["500.00", "99.50", "500.00", 3960]


def test_several_intervals_of_a_symbol_are_told_apart_and_left_apart(client: Client) -> None:
    for interval in ("15m", "1h"):
        client.send(action="subscribe", topic="candles", symbols=["NSE:RELIANCE"], interval=interval)
        assert client.receive("candle_update")["data"]["interval"] == interval
    client.send(action="unsubscribe", topic="candles", symbols=["NSE:RELIANCE"], interval="15m")
    client.send(action="ping")
    client.receive("pong")
    publish("09:35", 130)
    assert [frame["data"]["interval"] for frame in client.receive_all() if frame["event"] == "candle_update"] == [
        "1h"
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"symbols": ["NSE:RELIANCE"], "interval": "7m"}, "bad_field"),
        ({"symbols": ["NSE:RELIANCE"]}, "bad_field"),
        ({"symbols": "NSE:RELIANCE", "interval": "5m"}, "bad_field"),
        ({"symbols": ["NSE:NOSUCH"], "interval": "5m"}, "unknown_symbol"),
        ({"symbols": [f"NSE:X{number}" for number in range(201)], "interval": "5m"}, "too_many_subscriptions"),
    ],
)
def test_what_cannot_be_served_is_answered_by_an_error(client: Client, fields: dict[str, Any], code: str) -> None:
    client.send(action="subscribe", topic="candles", **fields)
    assert client.receive("error")["code"] == code
