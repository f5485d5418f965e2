"""Bytes from one process to the others: a doorbell, never the truth. A lost message costs a refresh, not data.

Channels in use: `quotes` (one message a flush), `candles` (minutes that changed), `streams` (ordered events were
committed), `control` (revocations), `reference` (instruments or calendars changed).
"""

import logging
import threading
from collections.abc import Callable
from functools import cache
from typing import Protocol

import redis
from django.conf import settings
from redis.exceptions import RedisError

from core.store import REDIS_TIMEOUT_SECONDS

logger = logging.getLogger(__name__)

Callback = Callable[[bytes], None]
Unsubscribe = Callable[[], None]

_LISTEN_SECONDS = 0.5
_RECONNECT_SECONDS = 0.5


class Bus(Protocol):
    """Publish and subscribe by channel name. Callbacks run in a thread of the bus and must be quick."""

    def publish(self, channel: str, message: bytes) -> None: ...
    def subscribe(self, channel: str, callback: Callback) -> Unsubscribe: ...
    def close(self) -> None: ...


class _Callbacks:
    """Who listens to what; a listener that raises is logged and does not harm the others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_channel: dict[str, list[Callback]] = {}

    def add(self, channel: str, callback: Callback) -> bool:
        """Register; True when the channel had no listener before."""
        with self._lock:
            listeners = self._by_channel.get(channel, [])
            self._by_channel[channel] = [*listeners, callback]
            return not listeners

    def remove(self, channel: str, callback: Callback) -> None:
        with self._lock:
            self._by_channel[channel] = [
                other for other in self._by_channel.get(channel, []) if other is not callback
            ]

    def channels(self) -> list[str]:
        return [channel for channel, listeners in self._by_channel.items() if listeners]

    def call(self, channel: str, message: bytes) -> None:
        for callback in self._by_channel.get(channel, []):
            try:
                callback(message)
            except Exception:
                logger.exception("bus listener failed", extra={"channel": channel})


class MemoryBus:
    """Within one process; callbacks run in the publisher's thread."""

    def __init__(self) -> None:
        self._callbacks = _Callbacks()

    def publish(self, channel: str, message: bytes) -> None:
        self._callbacks.call(channel, message)

    def subscribe(self, channel: str, callback: Callback) -> Unsubscribe:
        self._callbacks.add(channel, callback)
        return lambda: self._callbacks.remove(channel, callback)

    def close(self) -> None:
        """Forget every listener."""
        self._callbacks = _Callbacks()


class RedisBus:
    """Redis pub/sub with one listening thread a process, which reconnects by itself.

    `publish` never raises when Redis is gone: whoever missed the bell reads the rows later.
    """

    def __init__(self, url: str, prefix: str = "sauda:bus:") -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=REDIS_TIMEOUT_SECONDS, socket_connect_timeout=REDIS_TIMEOUT_SECONDS
        )
        # Pub/sub pays no heed to database numbers: installations that share a server must not hear each other.
        self._prefix = f"{prefix}{self._redis.connection_pool.connection_kwargs.get('db') or 0}:"
        self._listening = redis.Redis.from_url(url, socket_connect_timeout=REDIS_TIMEOUT_SECONDS)
        self._callbacks = _Callbacks()
        self._pubsub = self._listening.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def publish(self, channel: str, message: bytes) -> None:
        try:
            self._redis.publish(self._prefix + channel, message)
        except RedisError:
            logger.warning("bus message lost: Redis does not answer", extra={"channel": channel})

    def subscribe(self, channel: str, callback: Callback) -> Unsubscribe:
        with self._lock:
            if self._callbacks.add(channel, callback):
                self._subscribe_quietly(channel)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="bus", daemon=True)
                self._thread.start()
        return lambda: self._callbacks.remove(channel, callback)

    def _subscribe_quietly(self, channel: str) -> None:
        try:
            self._pubsub.subscribe(self._prefix + channel)
        except RedisError:
            logger.warning("bus will subscribe when Redis is back", extra={"channel": channel})

    def close(self) -> None:
        """Stop listening, for good."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(timeout=2)
        self._pubsub.close()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                message = self._pubsub.get_message(timeout=_LISTEN_SECONDS)
            except (RedisError, OSError, ValueError):
                self._closed.wait(_RECONNECT_SECONDS)
                for channel in self._callbacks.channels():
                    self._subscribe_quietly(channel)
                continue
            if message and message["type"] == "message":
                channel = message["channel"].decode().removeprefix(self._prefix)
                self._callbacks.call(channel, message["data"])


@cache
def get_bus() -> Bus:
    """The bus of this installation; one per process."""
    url: str | None = settings.REDIS_URL
    return RedisBus(url) if url else MemoryBus()
