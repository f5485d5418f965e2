"""Every socket path × every role × own, a colleague's and a foreign account; and no path beside the table."""

from contextlib import suppress

import pytest
from channels.routing import URLRouter
from websockets.exceptions import ConnectionClosed

from accounts.domain.permissions import Role
from config.routing import websocket
from core.realtime.protocol import CloseCode
from tests.access.world import Desk, make_desks
from tests.factories import actor_for, make_account, make_member
from tests.realtime.conftest import Server, server

__all__ = ["server"]

# Path → whether it names an account.
SOCKETS = {
    "ws/quotes": False,
    "ws/indicators": False,
    "ws/orders/<uuid:account>": True,
    "ws/positions/<uuid:account>": True,
    "ws/notifications": False,
    "ws/stream": False,
}
_UNKNOWN = ""
SEE_EVERY_ACCOUNT = set(Role) - {Role.TRADER}


@pytest.fixture
def desks(transactional_db: None) -> tuple[Desk, Desk]:
    return make_desks()


def test_every_socket_path_is_in_the_table() -> None:
    assert isinstance(websocket, URLRouter)
    assert {str(route.pattern) for route in websocket.routes} == {*SOCKETS, _UNKNOWN}


def _verdict(server: Server, path: str, role: Role, desk: Desk) -> str:
    socket = server.open(f"/{path}", actor=actor_for(desk.members[role]))
    # A refusal may have closed the socket before the ping is written; it is read all the same.
    with suppress(ConnectionClosed):
        socket.send(action="ping")
    answer = socket.receive()
    if answer["event"] == "error":
        assert socket.close_code() == CloseCode.FORBIDDEN
        return str(answer["code"])
    return "admitted"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_its_accounts_and_no_others(server: Server, desks: tuple[Desk, Desk], role: Role) -> None:
    ours, theirs = desks
    colleague = make_account(make_member(Role.TRADER, ours.organisation))
    verdicts = {}
    for path, names_account in SOCKETS.items():
        accounts = {"own": ours.account, "colleague": colleague, "foreign": theirs.account} if names_account else {}
        for whose, account in accounts.items():
            address = path.replace("<uuid:account>", str(account.id))
            verdicts[path, whose] = _verdict(server, address, role, ours)
        if not names_account:
            verdicts[path, ""] = _verdict(server, path, role, ours)
    seen = "admitted" if role in SEE_EVERY_ACCOUNT else "unknown_account"
    assert verdicts == {
        key: {"foreign": "unknown_account", "colleague": seen}.get(key[1], "admitted") for key in verdicts
    }


@pytest.mark.parametrize("path", SOCKETS)
def test_without_proof_no_path_opens(server: Server, desks: tuple[Desk, Desk], path: str) -> None:
    address = path.replace("<uuid:account>", str(desks[0].account.id))
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Cookie": "sessionid=nonsense"}):
        assert server.open(f"/{address}", **headers).close_code() == CloseCode.NOT_AUTHENTICATED


def test_a_subscription_on_the_shared_socket_reaches_no_further_than_its_path(
    server: Server, desks: tuple[Desk, Desk]
) -> None:
    ours, theirs = desks
    shared = server.open(actor=actor_for(ours.members[Role.OWNER]))
    path = server.open(f"/ws/orders/{ours.account.id}", actor=actor_for(ours.members[Role.OWNER]))
    path.receive("snapshot")
    for topic in ("orders", "positions"):
        for action in ({"action": "subscribe"}, {"action": "resume", "epoch": "", "seq": 0}):
            shared.send(topic=topic, account=str(theirs.account.id), **action)
            assert shared.receive()["code"] == "unknown_account"
    # What the path says wins over what the frame claims.
    path.send(action="subscribe", topic="orders", account=str(theirs.account.id))
    assert path.receive("snapshot")["account"] == str(ours.account.id)


@pytest.mark.parametrize("symbol", ["\x00", "NSE:\x00", "‮😀", "%", "' OR 1=1 --"])
def test_a_strange_symbol_is_unknown_and_the_socket_stays(
    server: Server, desks: tuple[Desk, Desk], symbol: str
) -> None:
    socket = server.open("/ws/quotes", actor=actor_for(desks[0].members[Role.VIEWER]))
    socket.send(action="subscribe", symbols=[symbol])
    assert socket.receive()["code"] == "unknown_symbol"
    socket.send(action="ping")
    assert socket.receive()["event"] == "pong"


def test_a_strange_resume_point_does_not_end_the_socket(server: Server, desks: tuple[Desk, Desk]) -> None:
    ours, _ = desks
    socket = server.open(actor=actor_for(ours.members[Role.OWNER]))
    for epoch in ("\x00", "x" * 5000, "‮"):
        socket.send(action="resume", topic="orders", account=str(ours.account.id), epoch=epoch, seq=2**53 - 1)
        assert socket.receive()["event"] in ("reset", "error", "snapshot")
    socket.send(action="ping")
    assert socket.receive("pong")["event"] == "pong"
