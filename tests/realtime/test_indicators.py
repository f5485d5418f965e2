"""Indicators on sockets: one computation for all, forming values by quotes, final ones by stored bars."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from prometheus_client import REGISTRY

from accounts.domain.permissions import Role
from core import clock
from core.store import get_store
from tests.factories import actor_for, make_instrument, make_member
from tests.realtime.conftest import Client, Server
from trading.instruments.models import Instrument
from trading.marketdata.domain.indicators import registry
from trading.marketdata.domain.quote import Quote
from trading.marketdata.services import candles_write, quote_publish

OPENS = datetime(2016, 8, 22, 3, 45, tzinfo=UTC)
"""09:15 in India on a Monday on which NSE traded; minutes are stored to 10:15, and it is 09:45."""
NOW = OPENS + timedelta(minutes=30, seconds=10)
CLOSES = [round(1000 + 10 * float(np.sin(number / 5)), 2) for number in range(60)]
SLOW = 0.001
"""The market clock all but stands still, unless a test moves it."""


@pytest.fixture
def instrument(transactional_db: None) -> Iterator[Instrument]:
    get_store().delete("candles.forming")
    made = make_instrument("NSE:SAUDA")
    rows = [
        (made.pk, int((OPENS + timedelta(minutes=number)).timestamp()), *[round(close * 10_000)] * 4, 100, 0)
        for number, close in enumerate(CLOSES)
    ]
    candles_write(np.array(rows, dtype=np.int64))
    clock.set_virtual(NOW, SLOW)
    yield made
    clock.clear_virtual()


@pytest.fixture
def client(server: Server, instrument: Instrument) -> Client:
    return server.open("/ws/indicators", actor=actor_for(make_member(Role.VIEWER)))


def quote(ltp: str, at: datetime, key: str = "NSE:SAUDA", volume: int = 5000) -> Quote:
    price = Decimal(ltp)
    return Quote(
        key=key, ltp=price, open=price, high=price, low=price, close=price, volume=volume,
        timestamp=at, received_at=datetime.now(UTC), source="test",
    )  # fmt: skip


def subscribe(client: Client, indicator: str = "sma", **fields: object) -> str:
    """The key that the server gave the computation."""
    client.send(action="subscribe", symbol="NSE:SAUDA", indicator=indicator, interval="1m", **fields)
    return str(client.receive("subscribed")["key"])


def running() -> float:
    return REGISTRY.get_sample_value("sauda_indicator_computations") or 0.0


def until(true: object, within: float = 3.0) -> bool:
    end = time.monotonic() + within
    while not true() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.02)
    return bool(true())  # type: ignore[operator]


def test_the_last_final_value_comes_at_once_and_equals_the_batch(client: Client) -> None:
    client.send(action="subscribe", symbol="NSE:SAUDA", indicator="rsi", interval="1m", params={"period": 5})
    told = client.receive("subscribed")
    assert (told["symbol"], told["indicator"], told["interval"]) == ("NSE:SAUDA", "rsi", "1m")
    assert told["params"] == {"period": 5, "source": "close"}
    data = client.receive("indicator_update")["data"]
    assert (data["key"], data["time"], data["final"]) == (told["key"], "2016-08-22T09:44:00+05:30", True)
    computation = registry.get("rsi").incremental(period=5)
    expected = [computation.push({"close": close}) for close in CLOSES[:30]][-1]
    assert data["values"] == pytest.approx(expected, abs=1e-9)


def test_a_quote_makes_the_forming_value_and_each_later_one_moves_it(client: Client) -> None:
    subscribe(client, params={"period": 2})
    client.receive("indicator_update")
    # The first quote of a minute that is not stored yet is placed once stored bars tell of nothing newer.
    quote_publish([quote("1010.00", NOW)])
    first = client.receive("indicator_update")["data"]
    assert (first["time"], first["final"]) == ("2016-08-22T09:45:00+05:30", False)
    assert first["values"]["sma"] == pytest.approx((CLOSES[29] + 1010.0) / 2)
    quote_publish([quote("1020.00", NOW + timedelta(seconds=1))])
    assert client.receive("indicator_update")["data"]["values"]["sma"] == pytest.approx((CLOSES[29] + 1020.0) / 2)


def test_bars_that_close_are_final_in_order_and_equal_the_stored_ones(client: Client) -> None:
    subscribe(client, params={"period": 2})
    client.receive("indicator_update")
    clock.set_virtual(NOW, 60.0)
    finals: list[dict[str, Any]] = []
    while len(finals) < 3:
        # Prices that nobody stored: they show while a bar forms and never when it is final.
        quote_publish([quote("1.00", clock.now())])
        data = client.receive("indicator_update")["data"]
        if data["final"]:
            finals.append(data)
    numbers = [(datetime.fromisoformat(each["time"]) - OPENS) // timedelta(minutes=1) for each in finals]
    assert numbers == sorted(set(numbers))
    for number, final in zip(numbers, finals, strict=True):
        assert final["final"] is True
        assert final["values"]["sma"] == pytest.approx((CLOSES[number - 1] + CLOSES[number]) / 2)


def test_one_computation_serves_all_and_ends_with_the_last_listener(server: Server, instrument: Instrument) -> None:
    before = running()
    clients = [server.open("/ws/indicators", actor=actor_for(make_member(Role.VIEWER))) for _ in range(3)]
    keys = {subscribe(each, params={"period": 4}) for each in clients}
    # Defaults spelt out are the same computation.
    keys.add(subscribe(clients[0], params={"period": 4, "source": "close"}))
    assert len(keys) == 1
    assert running() == before + 1
    subscribe(clients[0], params={"period": 5})
    assert running() == before + 2
    clients[0].connection.close()
    assert until(lambda: running() == before + 1)
    clients[1].send(action="unsubscribe", key=keys.pop())
    clients[2].send(action="unsubscribe", symbol="NSE:SAUDA", indicator="sma", interval="1m", params={"period": 4})
    assert until(lambda: running() == before)


def test_after_unsubscribing_nothing_comes(client: Client) -> None:
    subscribe(client)
    client.receive("indicator_update")
    client.send(action="unsubscribe")
    client.send(action="ping")
    client.receive("pong")
    quote_publish([quote("1010.00", NOW)])
    assert client.receive_all() == []


def test_with_batch_several_indicators_share_a_frame(client: Client) -> None:
    subscribe(client, batch=True)
    assert len(client.receive("indicators")["data"]) == 1
    subscribe(client, "rsi")
    client.receive("indicators")
    quote_publish([quote("1010.00", NOW)])
    data = client.receive("indicators")["data"]
    assert {each["indicator"] for each in data} == {"sma", "rsi"}


def test_the_shared_socket_carries_the_topic(server: Server, instrument: Instrument) -> None:
    client = server.open(actor=actor_for(make_member(Role.VIEWER)))
    client.send(action="subscribe", topic="indicators", symbol="NSE:SAUDA", indicator="adx", interval="5m")
    assert client.receive("subscribed")["topic"] == "indicators"
    values = client.receive("indicator_update")["data"]["values"]
    assert set(values) == {"adx", "plus_di", "minus_di"}
    # Six bars of five minutes are too few.
    assert values["adx"] is None


GOOD = {"symbol": "NSE:SAUDA", "indicator": "rsi", "interval": "1m"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"symbol": "NSE:NOBODY"}, "unknown_symbol"),
        ({"symbol": 7}, "bad_field"),
        ({"symbol": None}, "bad_field"),
        ({"indicator": "nonsense"}, "unknown_indicator"),
        ({"indicator": ["rsi"]}, "bad_field"),
        ({"interval": "7m"}, "bad_field"),
        ({"interval": 1}, "bad_field"),
        ({"params": [14]}, "bad_field"),
        ({"params": None}, "bad_field"),
        ({"params": {"length": 14}}, "parameter_unknown"),
        ({"params": {"period": True}}, "parameter_invalid"),
        ({"params": {"period": {}}}, "parameter_invalid"),
        ({"params": {"period": "14x"}}, "parameter_invalid"),
        ({"params": {"period": 10**400}}, "parameter_invalid"),
        ({"params": {"period": 100_000}}, "parameter_out_of_bounds"),
        ({"params": {"source": 3}}, "parameter_invalid"),
        ({"indicator": "macd", "params": {"fast": 26, "slow": 12}}, "parameters_conflict"),
        ({"indicator": "beta", "params": {"against": "NSE:NOBODY"}}, "unknown_symbol"),
        ({"batch": "yes"}, "bad_field"),
    ],
)
def test_a_frame_that_cannot_be_served_is_told_why_and_the_socket_stays(
    client: Client, fields: dict[str, object], code: str
) -> None:
    before = running()
    client.send(action="subscribe", **{**GOOD, **fields})
    assert client.receive("error")["code"] == code
    client.send(action="ping")
    assert client.receive("pong")["event"] == "pong"
    assert running() == before


def test_a_socket_follows_so_many_and_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from trading.marketdata.consumers.indicators import IndicatorTopic

    monkeypatch.setattr(IndicatorTopic, "most", 2)
    subscribe(client, params={"period": 3})
    subscribe(client, params={"period": 4})
    client.send(action="subscribe", **GOOD)
    assert client.receive("error")["code"] == "too_many_subscriptions"
    # One that it follows already is no further one.
    subscribe(client, params={"period": 4})


def test_a_process_runs_so_many_and_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from trading.marketdata.consumers.indicators import board

    monkeypatch.setattr(board, "MOST_COMPUTATIONS", 1)
    subscribe(client, params={"period": 3})
    client.send(action="subscribe", **GOOD)
    assert client.receive("error")["code"] == "too_many_computations"
