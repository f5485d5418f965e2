"""The load generator counts what really came back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from config.benches.http.client import measure
from config.benches.http.job import Job

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
BROKEN = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
async def server() -> AsyncIterator[tuple[int, dict[str, bytes]]]:
    """A server that answers each path with the bytes under it."""
    answers = {"/": OK, "/last": LAST, "/broken": BROKEN}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                answer = answers[head.split()[1].decode()]
                writer.write(answer)
                if answer is LAST:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        yield listening.sockets[0].getsockname()[1], answers


def job(port: int, path: str) -> Job:
    return Job(port=port, path=path, headers={}, connections=2, seconds=0.2)


async def test_it_counts_answers_and_their_times(server: tuple[int, dict[str, bytes]]) -> None:
    result = await measure(job(server[0], "/"))
    assert result.errors == 0
    assert result.answered >= result.rate * 0.2 > 1
    assert 0 < result.p50 <= result.p95 <= result.p99


async def test_an_answer_that_is_no_200_is_an_error(server: tuple[int, dict[str, bytes]]) -> None:
    result = await measure(job(server[0], "/broken"))
    assert result.errors > 1


async def test_it_connects_again_when_the_server_closes(server: tuple[int, dict[str, bytes]]) -> None:
    result = await measure(job(server[0], "/last"))
    assert result.errors == 0
    assert result.answered > 4
