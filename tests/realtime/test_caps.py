"""Caps on sockets, held by several processes over a real Redis."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from uuid import UUID, uuid4

import pytest

from core.realtime import caps as caps_module
from core.realtime.caps import Place, SocketCaps
from tests.services import start_redis

Process = Callable[[], SocketCaps]


@pytest.fixture
async def process(settings) -> AsyncIterator[Process]:
    """What each process makes for itself; together they may hold three sockets a user and five an address."""
    settings.SOCKETS_PER_USER, settings.SOCKETS_PER_ADDRESS = 3, 5
    made: list[SocketCaps] = []

    def make() -> SocketCaps:
        made.append(SocketCaps())
        return made[-1]

    yield make
    for each in made:
        each.close()


async def seat(caps: SocketCaps, user: UUID, address: str = "192.0.2.1") -> Place | None:
    """A socket from handshake to service; None when it was refused."""
    place = caps.enter(address)
    if place is None:
        return None
    if await caps.admit(place, user):
        return place
    caps.leave(place)
    return None


async def until_seated(caps: SocketCaps, user: UUID, within: float) -> float:
    started = time.monotonic()
    while await seat(caps, user) is None:
        assert time.monotonic() - started < within
        await asyncio.sleep(0.05)
    return time.monotonic() - started


async def test_processes_share_the_caps_of_a_user_and_of_an_address(process):
    one, two, user = process(), process(), uuid4()
    places = [await seat(caps, user) for caps in (one, two, one)]
    assert all(places)
    assert await seat(two, user) is None
    assert await seat(two, uuid4())
    assert await seat(one, uuid4())
    assert await seat(two, uuid4()) is None, "five from this address"
    assert await seat(two, user, "192.0.2.2") is None, "elsewhere it is still the same user"
    one.leave(places[0])
    await until_seated(two, user, within=5)


async def test_sockets_that_come_at_once_do_not_slip_past_the_cap(process):
    processes, user = [process(), process()], uuid4()
    seated = await asyncio.gather(*(seat(processes[number % 2], user) for number in range(40)))
    assert len([place for place in seated if place]) == 3


async def test_what_is_renewed_stays_and_what_redis_forgot_is_counted_again(process, monkeypatch):
    monkeypatch.setattr(caps_module, "LEASE_SECONDS", 0.6)
    monkeypatch.setattr(caps_module, "RENEW_SECONDS", 0.1)
    one, two, user = process(), process(), uuid4()
    for _ in range(3):
        assert await seat(one, user)
    for _ in range(10):
        await one.renew_if_due(time.monotonic())
        await asyncio.sleep(0.12)
    assert await seat(two, user) is None
    one._shared._redis.flushdb()
    await one.renew_if_due(time.monotonic())
    assert await seat(two, user) is None


HOLDING_PROCESS = """
import asyncio, sys, time
from uuid import UUID
import django
django.setup()
from django.conf import settings
settings.SOCKETS_PER_USER, settings.SOCKETS_PER_ADDRESS = 3, 5
from core.realtime import caps as caps_module
caps_module.LEASE_SECONDS = 3.0
caps_module.RENEW_SECONDS = 0.2
async def main():
    caps = caps_module.SocketCaps()
    for _ in range(3):
        assert await caps.admit(caps.enter("192.0.2.1"), UUID(sys.argv[1]))
    print("holding", flush=True)
    while True:
        await caps.renew_if_due(time.monotonic())
        await asyncio.sleep(0.1)
asyncio.run(main())
"""


@pytest.fixture
def holder() -> Iterator[tuple[subprocess.Popen[str], UUID]]:
    """Another process that holds all three places of a user, and who that is."""
    user = uuid4()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLDING_PROCESS, str(user)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as holding:
        assert holding.stdout.readline() == "holding\n"
        yield holding, user
        holding.kill()


async def test_a_process_that_is_killed_frees_its_sockets_after_a_lease(holder, process):
    (holding, user), caps = holder, process()
    await asyncio.sleep(3.5)
    assert await seat(caps, user) is None, "renewed while it lives"
    os.kill(holding.pid, signal.SIGKILL)
    await until_seated(caps, user, within=10)


async def test_without_redis_each_process_keeps_to_the_caps_by_itself(process, settings):
    url, stop = start_redis()
    settings.REDIS_URL = f"{url}/0"
    one, user = process(), uuid4()
    first = await seat(one, user)
    assert first
    stop()
    started = time.monotonic()
    assert await seat(one, user)
    assert await seat(one, user)
    assert await seat(one, user) is None
    one.leave(first)
    assert await seat(one, user)
    assert time.monotonic() - started < 5, "a Redis that is gone is not waited for each time"
    await one.renew_if_due(time.monotonic() + 60)
