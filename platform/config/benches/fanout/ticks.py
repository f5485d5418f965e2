"""A market for the bench: random walks, published through the same door as every feed's quotes."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from trading.marketdata.domain.quote import DepthLevel, Quote

FLUSHES_PER_SECOND = 20


def symbols(count: int) -> list[str]:
    """Keys that no exchange lists."""
    return [f"BENCH:S{number:04}" for number in range(count)]


def first_quotes(keys: Sequence[str]) -> dict[str, Quote]:
    """A quote with five levels of depth for each key."""
    return {key: _quote(key, Decimal(1000 + index)) for index, key in enumerate(keys)}


def flushes(quotes: dict[str, Quote], ticks_per_second: int, *, seed: int = 7) -> Iterator[list[Quote]]:
    """What a feed publishes at each flush, for ever: as many ticks as fit, the newest of each key."""
    draw = random.Random(seed)
    keys = list(quotes)
    while True:
        changed: dict[str, Quote] = {}
        for _ in range(max(1, ticks_per_second // FLUSHES_PER_SECOND)):
            key = draw.choice(keys)
            price = quotes[key].ltp + Decimal(draw.randint(-4, 4)) * Decimal("0.05")
            now = datetime.now(UTC)
            quotes[key] = changed[key] = replace(
                quotes[key], ltp=price, volume=quotes[key].volume + 10, timestamp=now, received_at=now
            )
        yield list(changed.values())


def publish_in_thread(batches: Iterator[list[Quote]], publish: Callable[[list[Quote]], None]) -> threading.Thread:
    """Publish a batch at each flush until the process ends; the thread that does."""

    def run() -> None:
        due = time.monotonic()
        for batch in batches:
            due += 1 / FLUSHES_PER_SECOND
            time.sleep(max(0.0, due - time.monotonic()))
            publish(batch)

    thread = threading.Thread(target=run, name="ticks", daemon=True)
    thread.start()
    return thread


def _quote(key: str, price: Decimal) -> Quote:
    now = datetime.now(UTC)
    step = Decimal("0.05")
    return Quote(
        key=key,
        ltp=price,
        open=price,
        high=price + 20,
        low=price - 20,
        close=price,
        volume=1_000_000,
        bids=tuple(DepthLevel(price - step * level, 100, 3) for level in range(1, 6)),
        asks=tuple(DepthLevel(price + step * level, 100, 3) for level in range(1, 6)),
        timestamp=now,
        received_at=now,
        source="bench",
    )
