"""How many sockets a user or an address may hold open: counted over all processes where Redis joins them.

Each process counts its own sockets exactly. In Redis, each name (a user, an address) is a sorted set of sockets
with the time until which each is taken to be open; a process renews its own. When one dies, its sockets are free
again after a lease. Without Redis every process keeps to the same caps by itself.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import redis
from django.conf import settings
from redis.exceptions import RedisError

from core.ids import new_id
from core.realtime import metrics
from core.store import REDIS_TIMEOUT_SECONDS

logger = logging.getLogger(__name__)

LEASE_SECONDS = 30.0
RENEW_SECONDS = 10.0
# A Redis that did not answer is left alone for so long: new sockets must not each wait for a time-out.
_HOLD_OFF_SECONDS = 2.0
_PREFIX = "sauda:sockets:"
_RENEWED_AT_ONCE = 500

# Redis' own clock counts, so that processes on several hosts agree.
_NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)"
_ADMIT = f"""{_NOW}
for i, name in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', name, '-inf', now)
  if redis.call('ZCARD', name) >= tonumber(ARGV[2 + i]) then return i end
end
for _, name in ipairs(KEYS) do
  redis.call('ZADD', name, now + tonumber(ARGV[1]), ARGV[2])
  redis.call('PEXPIRE', name, ARGV[1])
end
return 0
"""
_RENEW = f"""{_NOW}
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + tonumber(ARGV[1]), ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 0
"""


@dataclass(eq=False, slots=True)
class Place:
    """A socket that counts against its address, and once it is known whose it is, against its user."""

    member: str = field(default_factory=lambda: new_id().hex)
    names: list[str] = field(default_factory=list)


class SharedCounts:
    """The counts in Redis. Every call blocks for a round trip and may raise RedisError."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=REDIS_TIMEOUT_SECONDS, socket_connect_timeout=REDIS_TIMEOUT_SECONDS
        )
        self._admit = self._redis.register_script(_ADMIT)
        self._renew = self._redis.register_script(_RENEW)

    def admit(self, member: str, caps: Mapping[str, int]) -> bool:
        """Count a socket against every name, or against none when one of them is full."""
        keys = [_PREFIX + name for name in caps]
        return not self._admit(keys=keys, args=[_milliseconds(LEASE_SECONDS), member, *caps.values()])

    def release(self, member: str, names: Iterable[str]) -> None:
        """The socket is gone."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.zrem(_PREFIX + name, member)
            pipeline.execute()

    def renew(self, held: Mapping[str, Iterable[str]]) -> None:
        """Count these sockets for another lease, and again where Redis has forgotten them."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for name, members in held.items():
                listed = list(members)
                for first in range(0, len(listed), _RENEWED_AT_ONCE):
                    args: list[Any] = [_milliseconds(LEASE_SECONDS), *listed[first : first + _RENEWED_AT_ONCE]]
                    self._renew(keys=[_PREFIX + name], args=args, client=cast("redis.Redis", pipeline))
            pipeline.execute()


class SocketCaps:
    """Gives places to sockets and takes them back. Not thread-safe: it lives on the loop of its sockets."""

    def __init__(self) -> None:
        self._held: dict[str, set[str]] = {}
        self._shared = SharedCounts(settings.REDIS_URL) if settings.REDIS_URL else None
        # Apart from the sockets' database threads: a Redis that hangs must not hold up what does not need it.
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="socket-caps")
        self._asked_again_at = 0.0
        self._renewed_at = time.monotonic()

    def enter(self, address: str) -> Place | None:
        """A place for a socket of this address, whoever it is; None when this process has too many of it.

        Costs no round trip, so that a flood from one address ends here.
        """
        place = Place()
        return place if self._take(place, f"address:{address}", settings.SOCKETS_PER_ADDRESS) else None

    async def admit(self, place: Place, user_id: UUID | None) -> bool:
        """Count the socket for its user, and over all processes; False when its user or address has too many."""
        if not self._take(place, f"user:{user_id}", settings.SOCKETS_PER_USER):
            return False
        caps = dict(zip(place.names, (settings.SOCKETS_PER_ADDRESS, settings.SOCKETS_PER_USER), strict=True))
        if self._shared is None or time.monotonic() < self._asked_again_at:
            return True
        try:
            return bool(await self._call(self._shared.admit, place.member, caps))
        except RedisError:
            self._stand_alone()
            return True

    def leave(self, place: Place) -> None:
        """Give the place back; what Redis is not told now, it finds out when the lease ends."""
        for name in place.names:
            members = self._held[name]
            members.discard(place.member)
            if not members:
                del self._held[name]
        if self._shared is not None and time.monotonic() >= self._asked_again_at:
            self._threads.submit(self._release, place.member, list(place.names))

    async def renew_if_due(self, now: float) -> None:
        """Called every now and then while there are sockets."""
        if self._shared is None or now - self._renewed_at < RENEW_SECONDS:
            return
        self._renewed_at = now
        try:
            await self._call(self._shared.renew, {name: tuple(members) for name, members in self._held.items()})
        except RedisError:
            self._stand_alone()

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False)

    def _take(self, place: Place, name: str, cap: int) -> bool:
        members = self._held.get(name, set())
        if len(members) >= cap:
            return False
        members.add(place.member)
        self._held[name] = members
        place.names.append(name)
        return True

    def _release(self, member: str, names: list[str]) -> None:
        assert self._shared is not None
        try:
            self._shared.release(member, names)
        except RedisError:
            self._stand_alone()

    def _stand_alone(self) -> None:
        self._asked_again_at = time.monotonic() + _HOLD_OFF_SECONDS
        metrics.CAPS_ALONE.inc()
        logger.warning("sockets are counted by this process alone: Redis does not answer")

    async def _call(self, work: Any, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
