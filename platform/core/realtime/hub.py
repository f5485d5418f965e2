"""The newest value of every key, to many clients, at a bounded rate.

A value is serialised at most once, however many clients follow it. Clients are spread over staggered slots, so
that the work of one interval does not fall on one moment. A client whose last frame is still waiting for room is
passed over; what it missed is remembered as a set of keys, so it costs no memory and it gets the newest values.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from core.realtime import metrics
from core.realtime.protocol import batch_frame, value_frame
from core.realtime.writer import SocketWriter

V = TypeVar("V")

INTERVAL_SECONDS = 0.1
SLOTS = 10


@dataclass(eq=False, slots=True)
class Follower:
    """One client's interest in the hub."""

    writer: SocketWriter
    keys: frozenset[str] = frozenset()
    batch: bool = False
    missed: set[str] = field(default_factory=set)


@dataclass(eq=False, slots=True)
class _Slot:
    """The clients that are served at the same moment of the interval."""

    followers: dict[Follower, None] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    oldest: float = 0.0


class ConflatingHub(Generic[V]):
    """Latest values of one kind. Not thread-safe: every call belongs on the loop of its sockets.

    Args:
        encode: JSON text of one value.
        value_event: event of a frame with one value.
        batch_event: event of a frame with a list of values.
        interval: seconds between two frames to the same client.
    """

    def __init__(
        self,
        encode: Callable[[V], str],
        *,
        value_event: str,
        batch_event: str,
        interval: float = INTERVAL_SECONDS,
        slots: int = SLOTS,
    ) -> None:
        self._encode = encode
        self._value_event = value_event
        self._batch_event = batch_event
        self._interval = interval
        self._slots = [_Slot() for _ in range(slots)]
        self._slot_of: dict[Follower, _Slot] = {}
        self._values: dict[str, V] = {}
        self._fragments: dict[str, str] = {}
        self._ticker: asyncio.Task[None] | None = None

    def update(self, values: Mapping[str, V], age: float = 0.0) -> None:
        """Take in what changed. Nothing is serialised or sent before the next slot is due.

        `age` is how many seconds ago it was published, for the metric alone.
        """
        self._values.update(values)
        for key in values:
            self._fragments.pop(key, None)
        published = time.monotonic() - age
        for slot in self._slots:
            if slot.followers:
                if not slot.changed or published < slot.oldest:
                    slot.oldest = published
                slot.changed.update(values)

    def prime(self, values: Mapping[str, V]) -> None:
        """Fill in values that are known elsewhere but were not announced since this process started."""
        for key, value in values.items():
            self._values.setdefault(key, value)

    def known(self, key: str) -> bool:
        """Whether a value of `key` is at hand."""
        return key in self._values

    def forget(self, keys: Iterable[str]) -> None:
        """Drop values that are no longer true; what was to be told of them is not."""
        for key in keys:
            self._values.pop(key, None)
            self._fragments.pop(key, None)
            for slot in self._slots:
                slot.changed.discard(key)
            for follower in self._slot_of:
                follower.missed.discard(key)

    def follow(self, follower: Follower, keys: Iterable[str]) -> None:
        """Add keys to a client's interest and send it their newest values at once."""
        added = [key for key in keys if key not in follower.keys]
        if follower not in self._slot_of:
            slot = min(self._slots, key=lambda each: len(each.followers))
            slot.followers[follower] = None
            self._slot_of[follower] = slot
            self._start()
        follower.keys = follower.keys.union(added)
        for frame in self._frames(follower.batch, [key for key in added if key in self._values]):
            follower.writer.post(frame)

    def unfollow(self, follower: Follower, keys: Iterable[str] | None = None) -> None:
        """Take keys out of a client's interest; all of them when none are named."""
        follower.keys = frozenset() if keys is None else follower.keys.difference(keys)
        follower.missed &= follower.keys
        if not follower.keys and (slot := self._slot_of.pop(follower, None)) is not None:
            del slot.followers[follower]

    def flush(self, number: int) -> None:
        """Serve one slot: the same frame, built once, to all in it that follow the same keys and kept up."""
        slot = self._slots[number]
        changed, slot.changed = slot.changed, set()
        frames_for: dict[tuple[frozenset[str], bool], list[str]] = {}
        for follower in slot.followers:
            if not follower.writer.idle:
                self._remember(follower, changed & follower.keys)
            elif follower.missed:
                due = list(follower.missed | (changed & follower.keys))
                follower.missed.clear()
                self._send(follower, self._frames(follower.batch, due), due)
            elif changed:
                audience = (follower.keys, follower.batch)
                if (frames := frames_for.get(audience)) is None:
                    due = [key for key in changed if key in follower.keys]
                    frames = frames_for[audience] = self._frames(follower.batch, due)
                if frames and follower.writer.offer(frames) < len(frames):
                    self._remember(follower, changed & follower.keys)
        if changed:
            metrics.LATENCY.observe(time.monotonic() - slot.oldest)

    def _send(self, follower: Follower, frames: list[str], keys: list[str]) -> None:
        if follower.writer.offer(frames) < len(frames):
            self._remember(follower, keys)

    @staticmethod
    def _remember(follower: Follower, keys: Iterable[str]) -> None:
        before = len(follower.missed)
        follower.missed.update(keys)
        metrics.CONFLATED.inc(len(follower.missed) - before)

    def _frames(self, batch: bool, keys: list[str]) -> list[str]:
        if not keys:
            return []
        if batch:
            return [batch_frame(self._batch_event, [self._fragment(key) for key in keys])]
        return [value_frame(self._value_event, self._fragment(key)) for key in keys]

    def _fragment(self, key: str) -> str:
        fragment = self._fragments.get(key)
        if fragment is None:
            fragment = self._fragments[key] = self._encode(self._values[key])
        return fragment

    def _start(self) -> None:
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.get_running_loop().create_task(self._tick())

    async def _tick(self) -> None:
        """Flush slot after slot for as long as anybody follows anything."""
        loop = asyncio.get_running_loop()
        step = self._interval / len(self._slots)
        due = loop.time()
        number = 0
        while self._slot_of:
            due = max(due + step, loop.time() - self._interval)
            await asyncio.sleep(due - loop.time())
            self.flush(number)
            number = (number + 1) % len(self._slots)
