"""Commands on a thread's own connection: as lasting and as careful as redis-py's."""

import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import ResponseError

from core.redis_wire import RedisWire
from core.store import MemoryStore, RedisStore, Store


@pytest.fixture
def client() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL, client_name=f"test-{uuid4()}") as client:
        yield client


@pytest.fixture
def wire(client: redis.Redis) -> RedisWire:
    return RedisWire(client.connection_pool)


def test_a_connection_that_the_server_closed_is_made_anew(client: redis.Redis, wire: RedisWire) -> None:
    own = wire.ask("CLIENT", "ID")
    assert wire.ask("CLIENT", "ID") == own
    client.client_kill_filter(_id=own)
    assert wire.ask("CLIENT", "ID") != own


def test_an_error_is_the_commands_own(client: redis.Redis, wire: RedisWire) -> None:
    name = f"test:{uuid4()}"
    assert wire.ask("SET", name, "x") == b"OK"
    own = wire.ask("CLIENT", "ID")
    with pytest.raises(ResponseError):
        wire.ask("INCR", name)
    assert wire.ask("GET", name) == b"x"
    assert wire.ask("CLIENT", "ID") == own
    client.delete(name)


def test_each_thread_has_its_own_connection_and_its_own_answers(wire: RedisWire) -> None:
    wrong: list[bytes] = []
    owners = set()

    def ask(number: int) -> None:
        owners.add(wire.ask("CLIENT", "ID"))
        for turn in range(200):
            text = f"{number}:{turn}".encode()
            if wire.ask("ECHO", text) != text:
                wrong.append(text)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(owners) == 4


def test_an_answer_that_came_too_late_is_not_the_next_commands(client: redis.Redis) -> None:
    hasty = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.2)
    wire = RedisWire(hasty.connection_pool)
    name = f"test:{uuid4()}"
    with pytest.raises(redis.TimeoutError):
        wire.ask("BLPOP", name, 1)
    client.rpush(name, "late")
    assert wire.ask("ECHO", b"mine") == b"mine"
    client.delete(name)


def test_a_server_that_is_gone_is_an_error_at_once() -> None:
    with pytest.raises(ConnectionLost):
        RedisWire(redis.Redis.from_url("redis://127.0.0.1:1/0").connection_pool).ask("PING")


@pytest.mark.parametrize("kind", ["memory", "redis"])
def test_a_counter_ends_after_its_time_counted_from_its_first(kind: str) -> None:
    store: Store = MemoryStore() if kind == "memory" else RedisStore(settings.REDIS_URL, f"test:{uuid4()}:")
    assert [store.count("one", 1.0) for _ in range(3)] == [1, 2, 3]
    assert store.count("another", 60) == 1
    threading.Event().wait(1.1)
    assert store.count("one", 60) == 1
    assert store.count("another", 60) == 2
