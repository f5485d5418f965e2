"""A small shared key-value store for what is hot and may be lost: latest quotes, feed state, the market clock.

Redis where `settings.REDIS_URL` is set, this process's memory else. Never the truth about an order.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Protocol

import redis
from django.conf import settings
from redis.exceptions import RedisError

from core.errors import Unavailable
from core.redis_wire import RedisWire

REDIS_TIMEOUT_SECONDS = 1.0
STORE_UNAVAILABLE = "store_unavailable"
"""The code of `Unavailable` when it is the store that does not answer."""


class Store(Protocol):
    """Bytes by name; a hash is a name with fields."""

    def get(self, name: str) -> bytes | None: ...
    def mget(self, names: Iterable[str]) -> list[bytes | None]: ...
    def set(self, name: str, value: bytes, seconds: float | None = None) -> None:
        """Keep a value, for `seconds` or until it is replaced."""

    def add(self, name: str, value: bytes, seconds: float) -> bool:
        """Keep a value for `seconds` if there is none; whether it was kept."""

    def incr(self, name: str) -> int:
        """Raise a counter by one, from zero where there is none."""

    def count(self, name: str, seconds: float) -> int:
        """Raise a counter by one that ends `seconds` after it began."""

    def hset(self, name: str, mapping: Mapping[str, bytes]) -> None: ...
    def hmget(self, name: str, fields: Iterable[str]) -> list[bytes | None]: ...
    def hgetall(self, name: str) -> dict[str, bytes]: ...
    def delete(self, name: str) -> None: ...


class MemoryStore:
    """For one process: the demo and most tests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, bytes] = {}
        self._hashes: dict[str, dict[str, bytes]] = {}
        self._expires: dict[str, float] = {}

    def get(self, name: str) -> bytes | None:
        return self._values.get(name) if time.monotonic() < self._expires.get(name, float("inf")) else None

    def mget(self, names: Iterable[str]) -> list[bytes | None]:
        with self._lock:
            return [self.get(name) for name in names]

    def set(self, name: str, value: bytes, seconds: float | None = None) -> None:
        with self._lock:
            self._keep(name, value, seconds)

    def add(self, name: str, value: bytes, seconds: float) -> bool:
        with self._lock:
            is_free = self.get(name) is None
            if is_free:
                self._keep(name, value, seconds)
            return is_free

    def incr(self, name: str) -> int:
        with self._lock:
            number = int(self.get(name) or 0) + 1
            self._values[name] = str(number).encode()
            return number

    def count(self, name: str, seconds: float) -> int:
        with self._lock:
            number = int(self.get(name) or 0) + 1
            if number == 1:
                self._drop_expired()
                self._expires[name] = time.monotonic() + seconds
            self._values[name] = b"%d" % number
            return number

    def hset(self, name: str, mapping: Mapping[str, bytes]) -> None:
        with self._lock:
            self._hashes.setdefault(name, {}).update(mapping)

    def hmget(self, name: str, fields: Iterable[str]) -> list[bytes | None]:
        with self._lock:
            values = self._hashes.get(name, {})
            return [values.get(field) for field in fields]

    def hgetall(self, name: str) -> dict[str, bytes]:
        with self._lock:
            return dict(self._hashes.get(name, {}))

    def delete(self, name: str) -> None:
        with self._lock:
            self._values.pop(name, None)
            self._expires.pop(name, None)
            self._hashes.pop(name, None)

    def _drop_expired(self) -> None:
        """Values that ended are dropped when a new counter begins, so that they do not heap up."""
        now = time.monotonic()
        for name in [name for name, ends in self._expires.items() if ends <= now]:
            self._values.pop(name, None)
            del self._expires[name]

    def _keep(self, name: str, value: bytes, seconds: float | None) -> None:
        self._values[name] = value
        self._expires.pop(name, None)
        if seconds is not None:
            self._expires[name] = time.monotonic() + seconds


class RedisStore:
    """For several processes. Redis being gone is `Unavailable`, within the socket time-out."""

    def __init__(self, url: str, prefix: str = "sauda:") -> None:
        self._prefix = prefix
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
            health_check_interval=30,
        )
        self._wire = RedisWire(self._redis.connection_pool)

    def get(self, name: str) -> bytes | None:
        return self._ask("GET", self._prefix + name)  # type: ignore[no-any-return]

    def mget(self, names: Iterable[str]) -> list[bytes | None]:
        return self._ask("MGET", *[self._prefix + name for name in names])  # type: ignore[no-any-return]

    def set(self, name: str, value: bytes, seconds: float | None = None) -> None:
        self._call("set", name, value, px=None if seconds is None else int(seconds * 1000))

    def add(self, name: str, value: bytes, seconds: float) -> bool:
        return bool(self._call("set", name, value, nx=True, px=int(seconds * 1000)))

    def incr(self, name: str) -> int:
        return int(self._ask("INCR", self._prefix + name))

    def count(self, name: str, seconds: float) -> int:
        number = self.incr(name)
        if number == 1:
            # Should we die in between, a counter of a few bytes stays behind; nobody reads it again.
            self._call("pexpire", name, int(seconds * 1000))
        return number

    def hset(self, name: str, mapping: Mapping[str, bytes]) -> None:
        if mapping:
            self._call("hset", name, mapping=dict(mapping))

    def hmget(self, name: str, fields: Iterable[str]) -> list[bytes | None]:
        wanted = list(fields)
        return self._ask("HMGET", self._prefix + name, *wanted) if wanted else []

    def hgetall(self, name: str) -> dict[str, bytes]:
        return {field.decode(): value for field, value in self._call("hgetall", name).items()}

    def delete(self, name: str) -> None:
        self._call("delete", name)

    def _ask(self, *command: str):  # type: ignore[no-untyped-def]
        try:
            return self._wire.ask(*command)
        except RedisError as error:
            raise _unavailable() from error

    def _call(self, method: str, name: str, *args: object, **kwargs: object):  # type: ignore[no-untyped-def]
        try:
            return getattr(self._redis, method)(self._prefix + name, *args, **kwargs)
        except RedisError as error:
            raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable("The shared store does not answer.", code=STORE_UNAVAILABLE)


@cache
def get_store() -> Store:
    """The store of this installation; one per process."""
    url: str | None = settings.REDIS_URL
    return RedisStore(url) if url else MemoryStore()
