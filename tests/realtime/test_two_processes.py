"""Two real server processes behind one Redis and one PostgreSQL: a client may come back to either of them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from accounts.domain.permissions import Role
from core.store import get_store
from tests.factories import actor_for, make_instrument, make_member
from tests.marketdata.builders import make_quote
from tests.realtime.conftest import Server
from tests.realtime.test_streams import desk
from trading.marketdata.services import quote_publish

assert desk
START_SECONDS = 60.0


@dataclass
class Process(Server):
    """A server that can be killed."""

    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def servers(transactional_db: None) -> Iterator[list[Process]]:
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": settings.REDIS_URL,
        "PYTEST_XDIST_WORKER": "",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "SOCKETS_PER_USER": "3",
    }
    with ExitStack() as stack:
        started = [_start(environment, stack) for _ in range(2)]
        for each in started:
            _wait_for(each)
        yield started
        for each in started:
            each.process.kill()
            each.process.wait()


def _start(environment: dict[str, str], stack: ExitStack) -> Process:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port)]
    command += ["--ws", "core.realtime.server:BoundedSocketProtocol", "--lifespan", "off", "--log-level", "warning"]
    return Process(f"127.0.0.1:{port}", stack, subprocess.Popen(command, env=environment))


def _wait_for(server: Process) -> None:
    deadline = time.monotonic() + START_SECONDS
    host, port = server.address.split(":")
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline
            assert server.process.poll() is None
            time.sleep(0.1)


def test_a_client_whose_server_is_killed_goes_on_at_the_other_with_nothing_missing_or_doubled(servers, desk):
    here, there = servers
    client = here.open(f"/ws/orders/{desk.account.id}", actor=actor_for(desk.trader))
    assert client.receive()["event"] == "snapshot"
    desk.happen(1, 2)
    seen = [client.receive("order_update") for _ in range(2)]
    here.kill()
    desk.happen(3, 4, 5)
    again = there.open("/ws/stream", actor=actor_for(desk.trader))
    last = {name: seen[-1][name] for name in ("epoch", "seq")}
    again.send(action="resume", topic="orders", account=str(desk.account.id), **last)
    desk.happen(6)
    seen += [again.receive("order_update") for _ in range(4)]
    assert [frame["data"]["number"] for frame in seen] == [1, 2, 3, 4, 5, 6]
    assert again.receive_all() == []


def test_one_publication_reaches_the_sockets_of_both_and_the_caps_hold_over_both(servers):
    make_instrument("NSE:RELIANCE")
    get_store().delete("quotes")
    trader = actor_for(make_member(Role.TRADER))
    clients = [server.open("/ws/quotes", actor=trader) for server in servers]
    for client in clients:
        client.send(action="subscribe", symbols=["NSE:RELIANCE"])
        client.send(action="ping")
        assert client.receive()["event"] == "pong"
    quote_publish([make_quote("123.45")])
    assert [client.receive("quote_update")["data"]["ltp"] for client in clients] == ["123.45", "123.45"]
    third = servers[0].open("/ws/quotes", actor=trader)
    third.send(action="ping")
    assert third.receive()["event"] == "pong"
    refused = servers[1].open("/ws/quotes", actor=trader)
    assert json.loads(refused.connection.recv(timeout=10))["code"] == "too_many_sockets"
    assert refused.close_code() == 4429
