"""The `chain` topic over a real socket: the whole chain at first, then only the strikes that changed."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from core import clock
from core.store import get_store
from tests.factories import actor_for, make_member
from tests.marketdata.options.market import STRIKES, list_chain, option_key, option_quote, show_chain
from tests.realtime.conftest import Client, Server
from trading.marketdata.services import quote_publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _market(settings: Settings) -> Iterator[None]:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    get_store().delete("quotes")
    yield
    get_store().delete("quotes")


def open_stream(server: Server) -> Client:
    return server.open("/ws/stream", actor=actor_for(make_member(Role.VIEWER)))


def test_a_chain_comes_whole_and_then_by_changed_strikes(server: Server) -> None:
    expiry = clock.trading_date() + timedelta(days=7)
    list_chain(expiry)
    show_chain(expiry)
    socket = open_stream(server)
    socket.send(action="subscribe", topic="chain", underlying="NIFTY", expiry=expiry.isoformat())
    first = socket.receive("chain")["data"]
    assert [item["kind"] for item in first].count("head") == 1
    rows = {item["strike"]: item for item in first if item["kind"] == "row"}
    assert sorted(rows) == [f"{strike}.00" for strike in STRIKES]
    assert rows["24000.00"]["call"]["iv"] == pytest.approx(13, abs=0.3)

    quote_publish([option_quote(option_key(expiry, 24_300, "CE"), Decimal("99.95"), oi=65)])
    told: dict[str | None, dict[str, Any]] = {}
    while "24300.00" not in told:
        told |= {item.get("strike"): item for item in socket.receive("chain")["data"]}
        # The market moves the time to expiry too, but never the quotes of a strike that is quiet.
        assert all(item is None or item["kind"] in ("row", "head") for item in told.values())
    assert told["24300.00"]["call"]["ltp"] == "99.95"
    assert told["24300.00"]["call"]["oi"] == 65


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"underlying": "NOSUCH", "expiry": "2024-06-27"}, "unknown_underlying"),
        ({"underlying": "NIFTY", "expiry": "2024-06-28"}, "no_such_expiry"),
        ({"underlying": "NIFTY", "expiry": "2024-06-27"}, "expired"),
        ({"underlying": "NIFTY", "expiry": "soon"}, "bad_field"),
        ({"underlying": "NIFTY"}, "bad_field"),
        ({"underlying": 7, "expiry": "2024-06-27"}, "bad_field"),
    ],
)
def test_a_chain_that_cannot_be_followed_is_told_and_the_socket_stays(
    server: Server, fields: dict[str, object], code: str
) -> None:
    list_chain()
    socket = open_stream(server)
    socket.send(action="subscribe", topic="chain", **fields)
    assert socket.receive("error")["code"] == code
    socket.send(action="ping")
    assert socket.receive("pong")


def test_unsubscribing_ends_the_frames(server: Server) -> None:
    expiry = clock.trading_date() + timedelta(days=7)
    list_chain(expiry, STRIKES[:1])
    show_chain(expiry, strikes=STRIKES[:1])
    socket = open_stream(server)
    socket.send(action="subscribe", topic="chain", underlying="NIFTY", expiry=expiry.isoformat())
    socket.receive("chain")
    socket.send(action="unsubscribe", topic="chain", underlying="NIFTY", expiry=expiry.isoformat())
    socket.receive_all()
    quote_publish([option_quote(option_key(expiry, STRIKES[0], "CE"), Decimal("99.95"))])
    assert [frame for frame in socket.receive_all() if frame["event"] == "chain"] == []
