"""A plausible minute between a candle's open, high, low and close.

The path runs open, nearer extreme, other extreme, close: low first when the minute closed higher, high first when
it closed lower. Every price and every depth level lies within the candle, so that whatever fills against them
fills at a price of that minute, and the candle built from the ticks is the candle they came from.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from .bars import MINUTE, unscale_price
from .quote import DepthLevel
from .tick import Tick

_LEVELS = 5
FEWEST_STEPS = 4


class MinuteBar(NamedTuple):
    """A stored candle to be replayed; prices and tick in ten-thousandths of a rupee.

    `volume_before` is what the session had traded until its start. `has_book` is False for an index. `seconds` is
    how long it lasts: a longer candle is replayed in the same way.
    """

    key: str
    start: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    oi: int
    volume_before: int
    tick: int
    lot: int
    has_book: bool
    seconds: int = MINUTE


def minute_ticks(bar: MinuteBar, steps: int) -> Iterator[Tick]:
    """The ticks of a minute in order, spread evenly from its first second; raises ValueError below four steps."""
    if steps < FEWEST_STEPS:
        raise ValueError("a minute needs four ticks: open, two extremes, close")
    for step, price in enumerate(price_path(bar, steps)):
        bids, asks = book_at(bar, price, step)
        yield Tick(
            key=bar.key,
            price=unscale_price(price),
            timestamp=instant_at(bar, steps, step),
            volume=volume_at(bar, steps, step),
            oi=bar.oi,
            bids=bids,
            asks=asks,
        )


def instant_at(bar: MinuteBar, steps: int, step: int) -> datetime:
    """When a step begins."""
    return datetime.fromtimestamp(bar.start + step * bar.seconds / steps, UTC)


def volume_at(bar: MinuteBar, steps: int, step: int) -> int:
    """What the session has traded once a step is over."""
    return bar.volume_before + bar.volume * (step + 1) // steps


def price_path(bar: MinuteBar, steps: int) -> list[int]:
    """Prices from open to close that touch both extremes, on the tick grid between those four."""
    first, second = (bar.low, bar.high) if bar.close >= bar.open else (bar.high, bar.low)
    corners = [0, (steps - 1) // 3, 2 * (steps - 1) // 3, steps - 1]
    values = [bar.open, first, second, bar.close]
    path: list[int] = []
    for position in range(3):
        path.extend(
            _between(bar, values[position], values[position + 1], offset, corners[position + 1] - corners[position])
            for offset in range(corners[position + 1] - corners[position])
        )
    return [*path, bar.close]


def _between(bar: MinuteBar, start: int, end: int, offset: int, length: int) -> int:
    if offset == 0:
        return start
    exact = start + (end - start) * offset / length
    return min(bar.high, max(bar.low, round(exact / bar.tick) * bar.tick))


def book_at(bar: MinuteBar, price: int, step: int) -> tuple[tuple[DepthLevel, ...], tuple[DepthLevel, ...]]:
    """Bids and asks a tick apart around the last price; levels outside the minute's range are absent.

    The last trade was on the offer at the high and on the bid at the low, and in turn between them.
    """
    if not bar.has_book:
        return (), ()
    on_offer = price == bar.high and (bar.low < bar.high or step % 2 == 0)
    on_bid = price == bar.low and not on_offer
    at_offer = on_offer or (not on_bid and step % 2 == 0)
    best_ask = price if at_offer else price + bar.tick
    best_bid = price - bar.tick if at_offer else price
    size = max(1, bar.volume // (12 * bar.lot))
    return (
        _levels(bar, best_bid, -bar.tick, size, step),
        _levels(bar, best_ask, bar.tick, size, step + 1),
    )


def _levels(bar: MinuteBar, best: int, away: int, size: int, turn: int) -> tuple[DepthLevel, ...]:
    levels = []
    for level in range(_LEVELS):
        price = best + level * away
        if not bar.low <= price <= bar.high:
            continue
        quantity = max(1, size * (level + 2 + (turn + level) % 3) // 4) * bar.lot
        levels.append(DepthLevel(unscale_price(price), quantity, 1 + (turn + level) % 5))
    return tuple(levels)


def scaled_tick(tick_size: Decimal) -> int:
    """A tick size in ten-thousandths of a rupee."""
    return int(tick_size * 10_000)
