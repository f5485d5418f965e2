"""Many cheap clients in one process: they count frames and read the age of the newest value in each.

`python -m config.benches.fanout.swarm` prints one JSON object. No WebSocket library: at ten thousand frames a
second the clients would be the slower side.
"""

import asyncio
import json
import resource
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import cast

from config.benches.processes import cpu_seconds

_TIMESTAMP = b'"timestamp":"'
_TEXT = 0x1
_PING = 0x9
_PONG = 0xA
_MASKED = 0x80


@dataclass(eq=False)
class Client(asyncio.Protocol):
    """One socket: shakes hands, subscribes, then counts."""

    subscription: bytes
    ready: "asyncio.Future[None]"
    headers: str = ""
    is_open: bool = True
    frames: int = 0
    values: int = 0
    size: int = 0
    ages: list[float] = field(default_factory=list)
    _buffer: bytearray = field(default_factory=bytearray)
    _shaken: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)
        self.transport.write(
            b"GET /ws/quotes HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: c2F1ZGEtYmVuY2gtMTZieQ==\r\nSec-WebSocket-Version: 13\r\n"
            + self.headers.encode()
            + b"\r\n"
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._shaken:
            if b"\r\n\r\n" not in self._buffer:
                return
            if not self._buffer.startswith(b"HTTP/1.1 101"):
                self.transport.abort()
                return
            del self._buffer[: self._buffer.index(b"\r\n\r\n") + 4]
            self._shaken = True
            self.transport.write(_masked(_TEXT, self.subscription))
            self.ready.set_result(None)
        now = time.time()
        for opcode, payload in _frames(self._buffer):
            if opcode == _PING:
                # Unanswered, the server would take this client for gone after three quarters of a minute.
                self.transport.write(_masked(_PONG, payload))
            if opcode != _TEXT:
                continue
            self.frames += 1
            self.size += len(payload)
            self.values += payload.count(_TIMESTAMP)
            found = payload.rfind(_TIMESTAMP)
            if found >= 0:
                text = payload[found + len(_TIMESTAMP) : payload.index(b'"', found + len(_TIMESTAMP))]
                self.ages.append(now - datetime.fromisoformat(text.decode()).timestamp())

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionError("closed during the handshake"))

    def forget(self) -> None:
        """Start to measure now."""
        self.frames = self.values = self.size = 0
        self.ages.clear()


def _same(client: Client) -> Client:
    return client


def _masked(opcode: int, payload: bytes) -> bytes:
    """A client frame; the mask of zeros leaves the payload as it is."""
    if len(payload) < 126:
        head = bytes([0x80 | opcode, _MASKED | len(payload)])
    else:
        head = bytes([0x80 | opcode, _MASKED | 126]) + len(payload).to_bytes(2, "big")
    return head + bytes(4) + payload


def _frames(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take whole frames out of the buffer: what kind, and what they carry."""
    start = 0
    while len(buffer) - start >= 2:
        length = buffer[start + 1] & 0x7F
        head = 2
        if length >= 126:
            extended = 2 if length == 126 else 8
            head += extended
            length = int.from_bytes(buffer[start + 2 : start + head], "big")
        if len(buffer) - start < head + length:
            break
        yield buffer[start] & 0x0F, bytes(buffer[start + head : start + head + length])
        start += head + length
    del buffer[:start]


async def open_swarm(*, port: int, clients: int, keys: list[str], headers: str = "") -> list[Client]:
    """So many sockets that follow these keys; `headers` are lines of the handshake, each with its line end."""
    loop = asyncio.get_running_loop()
    subscription = json.dumps({"action": "subscribe", "symbols": keys, "batch": True}).encode()
    swarm = []
    for _ in range(clients):
        client = Client(subscription, loop.create_future(), headers)
        await loop.create_connection(partial(_same, client), "127.0.0.1", port)
        await client.ready
        swarm.append(client)
    return swarm


async def measure(*, port: int, server_pid: int, clients: int, keys: list[str], seconds: float) -> dict[str, float]:
    """Open the sockets, let them settle for a second, and count for `seconds`."""
    swarm = await open_swarm(port=port, clients=clients, keys=keys)
    await asyncio.sleep(1)
    for client in swarm:
        client.forget()
    cpu, started = cpu_seconds(server_pid), time.monotonic()
    await asyncio.sleep(seconds)
    elapsed = time.monotonic() - started
    used = cpu_seconds(server_pid) - cpu
    rates = sorted(client.frames / elapsed for client in swarm)
    ages = sorted(age for client in swarm for age in client.ages)
    half = len(swarm[0].ages) // 2
    early = [age for client in swarm for age in client.ages[: len(client.ages) // 2]]
    late = [age for client in swarm for age in client.ages[len(client.ages) // 2 :]]
    return {
        "clients": clients,
        "worst_frames": rates[0],
        "median_frames": statistics.median(rates),
        "values": sum(client.values for client in swarm) / elapsed,
        "frames": sum(rates),
        "megabytes": sum(client.size for client in swarm) / elapsed / 1e6,
        "age_p50": ages[len(ages) // 2] if ages else float("nan"),
        "age_p99": ages[len(ages) * 99 // 100] if ages else float("nan"),
        "age_worst": ages[-1] if ages else float("nan"),
        "drift": statistics.fmean(late) - statistics.fmean(early) if half else float("nan"),
        "cpu": used / elapsed,
    }


def main() -> None:
    parser = ArgumentParser()
    for name in ("port", "server-pid", "clients"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--keys", required=True)
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    import uvloop

    found = uvloop.run(
        measure(
            port=options.port,
            server_pid=options.server_pid,
            clients=options.clients,
            keys=options.keys.split(","),
            seconds=options.seconds,
        )
    )
    print(json.dumps(found))  # noqa: T201 (read by the bench)


if __name__ == "__main__":
    main()
