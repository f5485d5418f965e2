"""A load generator: many keep-alive connections that ask for the same address over and over.

`python -m config.benches.http.client` reads a `Job` as JSON from standard input and prints a `Result`. It runs in a
process of its own and parses in C, because a slow client would measure itself.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import cast

import httptools

from .job import Job, Result

_WARM_UP_SECONDS = 0.3
_PATIENCE_SECONDS = 10.0


@dataclass
class _Tally:
    took: list[float] = field(default_factory=list)
    answered: int = 0
    errors: int = 0
    measuring: bool = False


class _Connection(asyncio.Protocol):
    """Sends the request again as soon as its answer is complete."""

    def __init__(self, request: bytes, tally: _Tally, closed: "asyncio.Event") -> None:
        self._request = request
        self._tally = tally
        self._closed = closed
        self.stopping = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._tally.errors += 1
            self.transport.abort()

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._tally.answered += 1
        if self._tally.measuring:
            self._tally.took.append((time.perf_counter() - self._asked) * 1000)
            self._tally.errors += self._parser.get_status_code() != 200
        if self.stopping or not self._parser.should_keep_alive():
            self.transport.close()
        else:
            # Not from inside the parser, which is about to be replaced.
            asyncio.get_running_loop().call_soon(self._ask)

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None and self._tally.measuring:
            self._tally.errors += 1
        self._closed.set()

    def _ask(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._asked = time.perf_counter()
        self.transport.write(self._request)


async def measure(job: Job) -> Result:
    """Load the server, a moment to warm up first."""
    lines = [f"GET {job.path} HTTP/1.1", f"Host: 127.0.0.1:{job.port}"]
    lines += [f"{name}: {value}" for name, value in job.headers.items()]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    tally = _Tally()
    ends = asyncio.Event()
    callers = [asyncio.create_task(_keep_asking(job.port, request, tally, ends)) for _ in range(job.connections)]
    await asyncio.sleep(_WARM_UP_SECONDS)
    tally.measuring, started = True, time.perf_counter()
    await asyncio.sleep(job.seconds)
    tally.measuring, elapsed = False, time.perf_counter() - started
    ends.set()
    await asyncio.wait(callers, timeout=_PATIENCE_SECONDS)
    took = sorted(tally.took) or [float("nan")]

    def quantile(share: float) -> float:
        return took[min(len(took) - 1, int(len(took) * share))]

    return Result(
        rate=len(tally.took) / elapsed,
        p50=quantile(0.50),
        p95=quantile(0.95),
        p99=quantile(0.99),
        answered=tally.answered,
        errors=tally.errors,
    )


async def _keep_asking(port: int, request: bytes, tally: _Tally, ends: asyncio.Event) -> None:
    """One caller; connects again when the server closes, as a worker does that has served its share."""
    loop = asyncio.get_running_loop()
    ended = asyncio.create_task(ends.wait())
    while not ends.is_set():
        closed = asyncio.Event()
        _, protocol = await loop.create_connection(partial(_Connection, request, tally, closed), "127.0.0.1", port)
        lost = asyncio.create_task(closed.wait())
        await asyncio.wait({lost, ended}, return_when=asyncio.FIRST_COMPLETED)
        protocol.stopping = True
        await lost


def main() -> None:
    import uvloop

    result = uvloop.run(measure(Job(**json.load(sys.stdin))))
    json.dump(asdict(result), sys.stdout)


if __name__ == "__main__":
    main()
