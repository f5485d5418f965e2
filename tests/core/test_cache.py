"""The cache's three tiers: memory, a real Redis, and a loader that counts how often it is asked."""

import threading
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from core.bus import RedisBus, get_bus
from core.cache import Cache, CacheGroup, Shared
from core.cache import shared as shared_module
from core.errors import Unavailable
from core.store import RedisStore, get_store
from tests.services import start_redis

TEXT: Shared[str] = Shared(encode=str.encode, decode=bytes.decode, seconds=60.0)
ONE_LOADER: Shared[str] = Shared(encode=str.encode, decode=bytes.decode, seconds=60.0, one_loader=True)


class Source:
    """The database of these tests."""

    def __init__(self, value: str = "one") -> None:
        self.value = value
        self.loads = 0
        self._lock = threading.Lock()

    def __call__(self) -> str:
        with self._lock:
            self.loads += 1
        return self.value


@pytest.fixture
def group() -> CacheGroup:
    return CacheGroup(f"test:{uuid4()}")


@pytest.fixture
def source() -> Source:
    return Source()


def make(group: CacheGroup, name: str = "", **options: object) -> Cache[str, str]:
    """A cache of its own, or one process's view of a shared one when `name` is given."""
    return Cache(name or f"test.{uuid4()}", **({"seconds": 60.0, "group": group} | options))  # type: ignore[arg-type]


def together(count: int, work: Callable[[], str]) -> list[str]:
    """Run the same work on many threads at once; what each returned."""
    results: list[str] = []
    gate = threading.Barrier(count)

    def run() -> None:
        gate.wait()
        results.append(work())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return results


def test_a_value_is_loaded_once_and_again_when_its_time_is_over(group, source):
    cache = make(group, seconds=0.05)
    assert [cache.get("a", source), cache.get("a", source)] == ["one", "one"]
    assert source.loads == 1
    time.sleep(0.06)
    assert cache.peek("a") is None
    cache.get("a", source)
    assert source.loads == 2


def test_what_a_load_raises_is_raised_and_not_remembered(group, source):
    cache = make(group)
    with pytest.raises(KeyError):
        cache.get("a", lambda: dict[str, str]()["missing"])
    assert cache.get("a", source) == "one"


def test_threads_that_miss_together_wait_for_one_load(group):
    source = Source()

    def slow() -> str:
        time.sleep(0.1)
        return source()

    cache = make(group)
    assert together(20, lambda: cache.get("a", slow)) == ["one"] * 20
    assert source.loads == 1


def test_a_load_that_fails_fails_for_nobody_else(group, source):
    cache = make(group)
    started = threading.Event()

    def failing() -> str:
        started.set()
        time.sleep(0.1)
        raise LookupError("gone")

    def first() -> None:
        with pytest.raises(LookupError):
            cache.get("a", failing)

    thread = threading.Thread(target=first)
    thread.start()
    started.wait(5)
    assert cache.get("a", source) == "one"
    thread.join(5)


def test_a_load_that_asks_for_its_own_key_does_not_wait_for_itself(group, source):
    cache = make(group)
    assert cache.get("a", lambda: cache.get("a", source)) == "one"


def test_what_was_loading_while_the_group_was_forgotten_is_not_remembered(group):
    cache, source = make(group), Source("old")

    def overtaken() -> str:
        read = source()
        source.value = "new"
        group.forget()
        return read

    assert cache.get("a", overtaken) == "old"
    assert cache.get("a", source) == "new"


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40)), max_size=200))
def test_memory_is_bounded_whatever_is_put_in(puts):
    cache: Cache[int, int] = Cache(
        "test.bounded", seconds=60, group=CacheGroup("test.bounded"), most=100, weigh=lambda value: value
    )
    for key, weight in puts:
        cache.put_all({key: weight})
        assert cache.peek(key) == weight
        kept = [cache.peek(each) or 0 for each in range(31)]
        assert sum(kept) <= 100
        assert len(cache) == len([each for each in kept if each])


def test_what_is_read_stays_and_what_is_not_gives_way(group, source):
    cache = make(group, most=3)
    for key in "abc":
        cache.get(key, source)
    cache.get("a", source)
    cache.get("d", source)
    assert [cache.peek(key) for key in "abcd"] == ["one", None, "one", "one"]


def test_a_second_process_finds_the_value_in_redis(group, source):
    here, there = make(group, "test.two", shared=TEXT), make(CacheGroup(group.name), "test.two", shared=TEXT)
    assert here.get("a", source) == there.get("a", source) == "one"
    assert source.loads == 1


def test_processes_that_miss_together_load_once(group):
    source = Source()

    def slow() -> str:
        time.sleep(0.15)
        return source()

    name = f"test.{uuid4()}"
    processes = [make(CacheGroup(group.name), name, shared=ONE_LOADER) for _ in range(8)]
    waiting = iter(processes)
    assert together(8, lambda: next(waiting).get("a", slow)) == ["one"] * 8
    assert source.loads == 1


def test_a_loader_that_died_holds_the_others_up_for_a_moment_only(group, source, monkeypatch):
    monkeypatch.setattr(shared_module, "WAIT_SECONDS", 0.1)
    name = f"test.{uuid4()}"
    get_store().set(f"cache:{name}:a:loading", b"1", 30)
    assert make(group, name, shared=ONE_LOADER).get("a", source) == "one"


@pytest.mark.django_db(transaction=True)
def test_a_change_is_forgotten_everywhere_once_it_is_committed(group, source):
    name = f"test.{uuid4()}"
    theirs = CacheGroup(group.name)
    here, there = make(group, name, shared=TEXT), make(theirs, name, shared=TEXT)
    here.get("a", source)
    there.get("a", source)
    ready = threading.Event()
    unsubscribe = get_bus().subscribe(f"{group.name}:ready", lambda _: ready.set())
    while not ready.wait(0.02):
        get_bus().publish(f"{group.name}:ready", b"?")
    with transaction.atomic():
        source.value = "two"
        group.forget_on_commit()
        assert there.get("a", source) == "one", "not committed yet"
    deadline = time.monotonic() + 5
    while there.get("a", source) != "two":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert here.get("a", source) == "two"
    assert source.loads == 2, "the second load was shared"
    unsubscribe()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_neither_reads_nor_fills_the_shared_tier(group, source):
    name = f"test.{uuid4()}"
    with transaction.atomic():
        assert make(group, name, shared=TEXT).get("a", source) == "one"
    source.value = "rolled back to this"
    assert make(CacheGroup(group.name), name, shared=TEXT).get("a", source) == "rolled back to this"


@pytest.mark.django_db(transaction=True)
def test_a_load_that_a_change_overtook_is_not_served_from_redis(group, source):
    name = f"test.{uuid4()}"
    slow = make(group, name, shared=TEXT)

    def overtaken() -> str:
        read = source()
        source.value = "new"
        CacheGroup(group.name).forget_on_commit()
        return read

    slow.get("a", overtaken)
    assert make(CacheGroup(group.name), name, shared=TEXT).get("a", source) == "new"


def test_garbage_in_redis_is_a_miss(group, source):
    name = f"test.{uuid4()}"
    get_store().set(f"cache:{name}:a", bytes(8) + b"\xff\xfe")
    assert make(group, name, shared=TEXT).get("a", source) == "one"


@pytest.fixture
def mortal_redis(settings, monkeypatch) -> Iterator[Callable[[], None]]:
    """A Redis of the test's own, which it may stop: yields the stop."""
    url, stop = start_redis()
    settings.REDIS_URL = f"{url}/0"
    store, bus = RedisStore(settings.REDIS_URL), RedisBus(settings.REDIS_URL)
    monkeypatch.setattr(shared_module, "get_store", lambda: store)
    monkeypatch.setattr("core.cache.group.get_store", lambda: store)
    monkeypatch.setattr("core.cache.group.get_bus", lambda: bus)
    monkeypatch.setattr(shared_module, "_asked_again_at", 0.0)
    stopped: list[bool] = []

    def stop_once() -> None:
        if not stopped:
            stopped.append(True)
            stop()

    yield stop_once
    bus.close()
    stop_once()


@pytest.mark.django_db(transaction=True)
def test_with_redis_gone_values_are_loaded_and_changes_are_still_told_here(group, source, mortal_redis):
    cache = make(group, shared=ONE_LOADER)
    assert cache.get("a", source) == "one"
    mortal_redis()
    source.value = "two"
    group.forget_on_commit()
    assert [cache.get("a", source), cache.get("b", source)] == ["two", "two"]
    started = time.monotonic()
    for number in range(100):
        cache.get(f"more-{number}", source)
    assert time.monotonic() - started < 2.0, "a Redis that is gone is not asked each time"
    with pytest.raises(Unavailable):
        group.settle()
