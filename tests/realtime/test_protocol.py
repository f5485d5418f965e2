"""What a socket answers to nonsense, to strangers and to too much."""

from contextlib import suppress

import pytest
from django.test import Client as Browser
from pytest_django import Settings
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.domain.permissions import Role
from accounts.services import ws_ticket_issue
from core.errors import NotAuthenticated
from core.http.request_id import current_request_id
from core.realtime.identity import Identity, Scope
from core.realtime.protocol import MAX_ACTION_BYTES, CloseCode
from tests.factories import actor_for, make_member
from tests.realtime.conftest import Server


def test_without_proof_the_socket_is_accepted_and_closed_as_not_authenticated(server: Server) -> None:
    client = server.open("/ws/stream")
    assert client.receive()["code"] == "not_authenticated"
    assert client.close_code() == CloseCode.NOT_AUTHENTICATED


@pytest.mark.parametrize("header", ["Bearer nonsense", "Api-Key nonsense", "Basic dXNlcjpwYXNz"])
def test_a_proof_that_does_not_hold_is_not_authenticated(server: Server, header: str) -> None:
    client = server.open("/ws/quotes", Authorization=header)
    assert client.close_code() == CloseCode.NOT_AUTHENTICATED


def test_a_ticket_opens_one_socket_and_no_second(server: Server) -> None:
    ticket = ws_ticket_issue(actor=actor_for(make_member(Role.TRADER)))
    first = server.open(f"/ws/stream?ticket={ticket}")
    first.send(action="ping")
    assert first.receive() == {"event": "pong"}
    assert server.open(f"/ws/stream?ticket={ticket}").close_code() == CloseCode.NOT_AUTHENTICATED


def test_a_ticket_is_not_written_to_the_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    ticket = ws_ticket_issue(actor=actor_for(make_member(Role.TRADER)))
    with caplog.at_level("INFO"):
        server.open(f"/ws/stream?ticket={ticket}").send(action="ping")
    assert ticket not in caplog.text


def test_a_browser_session_opens_a_socket_from_our_own_page_only(server: Server, client: Browser) -> None:
    client.force_login(make_member(Role.TRADER).user)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    ours = server.open("/ws/stream", Cookie=cookie, Origin=f"http://{server.address}")
    ours.send(action="ping")
    assert ours.receive() == {"event": "pong"}
    for origin in ("https://evil.example", "http://127.0.0.1:1", "null", "http://["):
        with pytest.raises(InvalidStatus) as refused:
            server.open("/ws/stream", Cookie=cookie, Origin=origin)
        assert refused.value.response.status_code == 403


def test_logging_out_ends_the_sockets_proof(server: Server, client: Browser) -> None:
    client.force_login(make_member(Role.TRADER).user)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    client.logout()
    assert server.open("/ws/stream", Cookie=cookie).close_code() == CloseCode.NOT_AUTHENTICATED


def test_an_unknown_path_is_refused(server: Server) -> None:
    with pytest.raises(InvalidStatus):
        server.open("/ws/nothing-here")


def refuse_and_name_the_request(scope: Scope) -> Identity:
    """Stands in for the authenticator; it runs on the thread that asks the database."""
    raise NotAuthenticated(current_request_id())


def test_one_request_id_follows_a_socket_from_handshake_to_database(server: Server, settings: Settings) -> None:
    settings.SOCKET_AUTHENTICATOR = f"{__name__}.refuse_and_name_the_request"
    offered = server.open("/ws/stream", **{"X-Request-ID": "click-0042"})
    assert offered.request_id == offered.receive()["detail"] == "click-0042"
    made_up = server.open("/ws/stream", **{"X-Request-ID": "not sane"})
    assert made_up.request_id == made_up.receive()["detail"]
    assert made_up.request_id not in ("", "not sane", "click-0042")


NONSENSE: list[tuple[str | bytes, str]] = [
    ("{", "bad_frame"),
    ("[]", "bad_frame"),
    ("null", "bad_frame"),
    ("[" * 20_000, "bad_frame"),
    (b"\x00\x01", "bad_frame"),
    ('{"topic":"quotes"}', "bad_action"),
    ('{"action":7}', "bad_action"),
    ('{"action":"explode","topic":"quotes"}', "unknown_action"),
    ('{"action":"subscribe"}', "bad_field"),
    ('{"action":"subscribe","topic":"secrets"}', "unknown_topic"),
    ('{"action":"subscribe","topic":"quotes"}', "bad_field"),
    ('{"action":"subscribe","topic":"quotes","symbols":"NSE:TCS"}', "bad_field"),
    ('{"action":"subscribe","topic":"quotes","symbols":[1,null]}', "bad_field"),
    ('{"action":"subscribe","topic":"quotes","symbols":["NSE:NO-SUCH-THING"]}', "unknown_symbol"),
    ('{"action":"subscribe","topic":"orders","account":"1 OR 1=1"}', "bad_field"),
    ('{"action":"resume","topic":"orders","account":"00000000-0000-7000-8000-000000000000","seq":-1}', "bad_field"),
    ('{"action":"resume","topic":"quotes"}', "unknown_action"),
    ('{"action":"subscribe","topic":"quotes","symbols":["' + "A" * MAX_ACTION_BYTES + '"]}', "frame_too_large"),
]


def test_nonsense_is_answered_with_a_code_and_the_socket_stays_open(server: Server) -> None:
    client = server.open(actor=actor_for(make_member(Role.TRADER)))
    for frame, code in NONSENSE:
        client.connection.send(frame)
        answer = client.receive()
        assert (answer["event"], answer["code"]) == ("error", code), frame[:60]
        assert answer["detail"]
    client.send(action="ping")
    assert client.receive() == {"event": "pong"}


def test_a_flood_of_actions_ends_the_socket(server: Server) -> None:
    client = server.open(actor=actor_for(make_member(Role.TRADER)))
    # The server may well be done with it before the client is.
    with suppress(ConnectionClosed):
        for _ in range(400):
            client.connection.send('{"action":"pong"}')
    assert client.close_code() == CloseCode.TOO_MANY


def test_one_user_cannot_open_sockets_without_end(server: Server, settings: Settings) -> None:
    settings.SOCKETS_PER_USER = 2
    actor = actor_for(make_member(Role.TRADER))
    held = [server.open(actor=actor) for _ in range(2)]
    for client in held:
        client.send(action="ping")
        client.receive("pong")
    assert server.open(actor=actor).close_code() == CloseCode.TOO_MANY
    held[0].connection.close()
    assert server.open(actor=actor_for(make_member(Role.TRADER))).connection.ping().wait(5)
