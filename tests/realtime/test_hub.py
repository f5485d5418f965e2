"""The hub and the writer by themselves, on a transport whose room the test decides."""

import asyncio
import json
from typing import Any

import pytest
from prometheus_client import REGISTRY

from core.realtime.hub import ConflatingHub, Follower
from core.realtime.writer import QUEUE_FRAMES, SocketWriter


class Transport:
    """An ASGI `send` like uvicorn's: it waits while the transport has no room."""

    def __init__(self) -> None:
        self.room = asyncio.Event()
        self.room.set()
        self.frames: list[str] = []
        self.close_codes: list[int] = []

    async def send(self, message: dict[str, Any]) -> None:
        await self.room.wait()
        if message["type"] == "websocket.close":
            self.close_codes.append(message["code"])
        else:
            self.frames.append(message["text"])

    @property
    def events(self) -> list[Any]:
        return [json.loads(frame) for frame in self.frames]


class GoneTransport(Transport):
    """The client has hung up."""

    async def send(self, message: dict[str, Any]) -> None:
        raise OSError("client disconnected")


@pytest.fixture
def encoded() -> list[int]:
    """Every value the hub has serialised."""
    return []


@pytest.fixture
def hub(encoded: list[int]) -> ConflatingHub[int]:
    def encode(value: int) -> str:
        encoded.append(value)
        return str(value)

    return ConflatingHub(encode, value_event="value", batch_event="values", slots=1)


def follower(transport: Transport, *, batch: bool = True) -> Follower:
    return Follower(SocketWriter(transport.send), batch=batch)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_new_follower_is_sent_the_newest_values_at_once(hub: ConflatingHub[int]) -> None:
    transport = Transport()
    hub.update({"A": 1, "B": 2})
    hub.follow(follower(transport), ["A", "C"])
    assert transport.events == [{"event": "values", "data": [1]}]


async def test_values_between_two_flushes_are_conflated_to_the_newest(hub: ConflatingHub[int]) -> None:
    transport = Transport()
    hub.follow(follower(transport), ["A"])
    for value in range(100):
        hub.update({"A": value})
    hub.flush(0)
    hub.flush(0)
    assert transport.events == [{"event": "values", "data": [99]}]


async def test_a_value_is_serialised_once_for_any_number_of_followers(
    hub: ConflatingHub[int], encoded: list[int]
) -> None:
    transports = [Transport() for _ in range(20)]
    for number, transport in enumerate(transports):
        hub.follow(follower(transport, batch=number % 2 == 0), ["A", "B"] if number % 3 else ["A"])
    hub.update({"A": 7})
    hub.flush(0)
    assert encoded == [7]
    assert all(len(transport.frames) == 1 for transport in transports)


async def test_without_batch_each_value_has_a_frame_of_its_own(hub: ConflatingHub[int]) -> None:
    transport = Transport()
    hub.follow(follower(transport, batch=False), ["A", "B"])
    hub.update({"A": 1, "B": 2})
    hub.flush(0)
    assert sorted(event["data"] for event in transport.events) == [1, 2]
    assert {event["event"] for event in transport.events} == {"value"}


async def test_a_client_without_room_is_passed_over_and_later_gets_only_the_newest(
    hub: ConflatingHub[int],
) -> None:
    stuck, quick = Transport(), Transport()
    hub.follow(follower(stuck), ["A", "B"])
    hub.follow(follower(quick), ["A", "B"])
    stuck.room.clear()
    for value in range(10):
        hub.update({"A": value, **({"B": value} if value == 4 else {})})
        hub.flush(0)
    assert len(quick.frames) == 10
    assert stuck.frames == []

    stuck.room.set()
    await settle()
    hub.flush(0)
    first, second = stuck.events
    assert first["data"] == [0]
    assert sorted(second["data"]) == [4, 9]


async def test_nothing_is_sent_for_keys_that_were_unfollowed(hub: ConflatingHub[int]) -> None:
    transport = Transport()
    client = follower(transport)
    hub.follow(client, ["A", "B"])
    hub.unfollow(client, ["A"])
    hub.update({"A": 1, "B": 2})
    hub.flush(0)
    assert transport.events == [{"event": "values", "data": [2]}]
    hub.unfollow(client)
    hub.update({"B": 3})
    hub.flush(0)
    assert len(transport.frames) == 1


async def test_the_hub_flushes_by_itself_while_it_is_followed() -> None:
    hub: ConflatingHub[int] = ConflatingHub(str, value_event="value", batch_event="values", interval=0.01)
    transport = Transport()
    hub.follow(follower(transport), ["A"])
    hub.update({"A": 1})
    await asyncio.sleep(0.1)
    assert transport.events == [{"event": "values", "data": [1]}]


async def test_urgent_frames_of_a_slow_client_keep_their_order() -> None:
    transport = Transport()
    writer = SocketWriter(transport.send)
    transport.room.clear()
    for number in range(10):
        writer.post(str(number))
    assert transport.frames == []
    transport.room.set()
    await settle()
    assert transport.frames == [str(number) for number in range(10)]
    assert writer.idle


async def test_a_blocked_writer_knows_since_when_and_overflows_in_bounds() -> None:
    transport = Transport()
    writer = SocketWriter(transport.send)
    transport.room.clear()
    writer.post("first")
    await asyncio.sleep(0.02)
    assert writer.blocked_seconds() >= 0.02
    for _ in range(QUEUE_FRAMES + 1):
        writer.post("more")
    assert writer.overflowed


async def test_closing_a_blocked_writer_drops_what_waits_and_says_why() -> None:
    transport = Transport()
    writer = SocketWriter(transport.send)
    transport.room.clear()
    writer.post("never sent")
    closing = asyncio.create_task(writer.close(4408))
    await settle()
    transport.room.set()
    await closing
    assert transport.frames == []
    assert transport.close_codes == [4408]


async def test_a_client_that_hung_up_is_written_off_without_an_error() -> None:
    writer = SocketWriter(GoneTransport().send)
    writer.post("hello")
    writer.post("again")
    assert writer.gone
    await writer.close(4408)


async def test_what_a_slow_client_never_got_is_counted() -> None:
    def dropped() -> float:
        return REGISTRY.get_sample_value("sauda_socket_dropped_total") or 0.0

    before, transport = dropped(), Transport()
    writer = SocketWriter(transport.send)
    transport.room.clear()
    for number in range(5):
        writer.post(str(number))
    writer.drop()
    writer.post("after its end")
    assert dropped() - before == 5, "four that waited and one that came too late"


async def test_the_age_of_a_value_counts_from_its_publication(hub: ConflatingHub[int]) -> None:
    def slower_than_half_a_second() -> float:
        name = "sauda_socket_publish_to_send_seconds"
        total = REGISTRY.get_sample_value(f"{name}_count") or 0.0
        return total - (REGISTRY.get_sample_value(f"{name}_bucket", {"le": "0.5"}) or 0.0)

    before = slower_than_half_a_second()
    hub.follow(follower(Transport()), ["A"])
    hub.update({"A": 1}, age=0.7)
    hub.update({"A": 2})
    hub.flush(0)
    assert slower_than_half_a_second() - before == 1
