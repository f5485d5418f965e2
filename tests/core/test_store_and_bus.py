"""The in-memory and the Redis form keep one contract."""

import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings

from core.bus import Bus, MemoryBus, RedisBus
from core.errors import Unavailable
from core.store import MemoryStore, RedisStore, Store

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest) -> Store:
    return MemoryStore() if request.param == "memory" else RedisStore(settings.REDIS_URL, f"test:{uuid4()}:")


@pytest.fixture(params=["memory", "redis"])
def bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    found = MemoryBus() if request.param == "memory" else RedisBus(settings.REDIS_URL, f"test:{uuid4()}:")
    yield found
    found.close()


def test_a_value_is_read_back_until_it_is_deleted(store: Store) -> None:
    assert store.get("one") is None
    store.set("one", b"1")
    assert store.get("one") == b"1"
    store.delete("one")
    assert store.get("one") is None


def test_a_hash_keeps_fields_apart_and_tells_what_is_missing(store: Store) -> None:
    store.hset("quotes", {"a": b"1", "b": b"2"})
    store.hset("quotes", {"b": b"3"})
    store.hset("quotes", {})
    assert store.hmget("quotes", ["b", "c", "a"]) == [b"3", None, b"1"]
    assert store.hmget("quotes", []) == []
    assert store.hgetall("quotes") == {"a": b"1", "b": b"3"}
    assert store.hgetall("nothing") == {}


def test_a_store_that_is_gone_is_unavailable_and_does_not_hang() -> None:
    with pytest.raises(Unavailable) as error:
        RedisStore(NOBODY_LISTENS).get("one")
    assert error.value.code == "store_unavailable"


class Listener:
    """Keeps what it hears and lets a test wait for it."""

    def __init__(self, expected: int) -> None:
        self.heard: list[bytes] = []
        self._expected = expected
        self._done = threading.Event()

    def __call__(self, message: bytes) -> None:
        self.heard.append(message)
        if len(self.heard) == self._expected:
            self._done.set()

    def wait(self) -> list[bytes]:
        assert self._done.wait(5), f"heard only {self.heard}"
        return self.heard


def _publish_until_heard(bus: Bus, channel: str, listener: Listener) -> None:
    """A subscription takes a moment to reach Redis; a doorbell is rung until somebody comes."""
    while not listener.heard:
        bus.publish(channel, b"hello")


def test_every_listener_of_a_channel_hears_messages_in_order(bus: Bus) -> None:
    first, second = Listener(4), Listener(4)
    bus.subscribe("one", first)
    bus.subscribe("one", second)
    ready = Listener(1)
    bus.subscribe("ready", ready)
    _publish_until_heard(bus, "ready", ready)
    for number in b"1234":
        bus.publish("one", bytes([number]))
    assert first.wait() == second.wait() == [b"1", b"2", b"3", b"4"]


def test_who_has_left_hears_nothing_more_and_other_channels_stay_apart(bus: Bus) -> None:
    gone, stays, elsewhere = Listener(1), Listener(1), Listener(1)
    leave = bus.subscribe("one", gone)
    bus.subscribe("one", stays)
    bus.subscribe("two", elsewhere)
    leave()
    _publish_until_heard(bus, "one", stays)
    assert stays.wait()
    assert gone.heard == []
    assert elsewhere.heard == []


def test_a_listener_that_fails_does_not_silence_the_others(bus: Bus) -> None:
    def broken(message: bytes) -> None:
        raise RuntimeError("not today")

    listener = Listener(1)
    bus.subscribe("one", broken)
    bus.subscribe("one", listener)
    _publish_until_heard(bus, "one", listener)
    assert listener.wait()


def test_installations_that_share_a_redis_do_not_hear_each_other() -> None:
    server = settings.REDIS_URL.rpartition("/")[0]
    prefix = f"test:{uuid4()}:"
    ours, theirs = RedisBus(f"{server}/14", prefix), RedisBus(f"{server}/15", prefix)
    our_listener, their_listener = Listener(1), Listener(1)
    ours.subscribe("one", our_listener)
    theirs.subscribe("one", their_listener)
    _publish_until_heard(ours, "one", our_listener)
    assert their_listener.heard == []
    ours.close()
    theirs.close()


def test_ringing_a_bus_that_is_gone_raises_nothing() -> None:
    RedisBus(NOBODY_LISTENS).publish("one", b"lost")
