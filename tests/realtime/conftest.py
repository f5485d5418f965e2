"""Sockets are tested from outside: the real application on a real uvicorn, spoken to by a real client."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from accounts.domain.actor import Actor
from accounts.services import ws_ticket_issue
from core.realtime.server import UVICORN_OPTIONS

QUIET_SECONDS = 0.4
ANSWER_SECONDS = 5.0


@dataclass
class Client:
    """One socket, read frame by frame. Heartbeats are left out."""

    connection: ClientConnection

    @property
    def request_id(self) -> str:
        """What the server named in its answer to the handshake."""
        answer = self.connection.response
        return answer.headers.get("X-Request-ID", "") if answer else ""

    def send(self, **message: Any) -> None:
        self.connection.send(json.dumps(message))

    def receive(self, event: str | None = None) -> dict[str, Any]:
        """The next frame; with `event`, the next of that name."""
        while True:
            frame: dict[str, Any] = json.loads(self.connection.recv(timeout=ANSWER_SECONDS))
            if frame["event"] != "ping" and event in (None, frame["event"]):
                return frame

    def receive_all(self) -> list[dict[str, Any]]:
        """Every frame until the socket falls quiet."""
        frames = []
        try:
            while True:
                frames.append(json.loads(self.connection.recv(timeout=QUIET_SECONDS)))
        except TimeoutError:
            return frames

    def close_code(self, within: float = ANSWER_SECONDS) -> int | None:
        """Read on until the server ends the socket; the code it gave."""
        try:
            while True:
                self.connection.recv(timeout=within)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


@dataclass
class Server:
    """A running server and the sockets opened to it."""

    address: str
    stack: ExitStack

    def open(
        self, path: str = "/ws/stream", *, actor: Actor | None = None, max_queue: int = 64, **headers: str
    ) -> Client:
        """Open a socket, as `actor` by a ticket when one is given."""
        query = f"?ticket={ws_ticket_issue(actor=actor)}" if actor else ""
        opened = connect(
            f"ws://{self.address}{path}{query}",
            additional_headers=headers,
            compression=None,
            proxy=None,
            max_queue=max_queue,
        )
        return Client(self.stack.enter_context(opened))


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    """The whole application on a loopback port, in a thread of this process."""
    from config.asgi import application

    listener = socket.create_server(("127.0.0.1", 0))
    options = {"log_level": "warning", "lifespan": "off", "timeout_graceful_shutdown": 2, **UVICORN_OPTIONS}
    running = uvicorn.Server(uvicorn.Config(application, **options))
    thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[listener])), daemon=True)
    thread.start()
    with ExitStack() as stack:
        yield Server(f"127.0.0.1:{listener.getsockname()[1]}", stack)
    running.should_exit = True
    thread.join(10)
