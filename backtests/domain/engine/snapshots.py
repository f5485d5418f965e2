"""The snapshots of one instrument's day, each made when it is looked at: of bars, or of recorded ticks.

Bars are replayed as the replay feed does it (`marketdata.domain.minute_ticks`), so that a back-test and a paper
account on a replayed day see the same books. A price alone costs a look into a list.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

import numpy as np

from trading.marketdata.domain.bars import BarSeries, Int64Array, scale_price, unscale_price
from trading.marketdata.domain.minute_ticks import (
    MinuteBar,
    book_at,
    instant_at,
    price_path,
    scaled_tick,
    volume_at,
)
from trading.marketdata.domain.quote import Quote
from trading.marketdata.domain.tick import Tick

from .data import Listing

SOURCE = "backtest"


@dataclass(slots=True)
class Day:
    """An instrument's base bars of one day, with how long each lasts (seconds). `recorded` holds ticks instead."""

    on: date
    bars: BarSeries
    seconds: Int64Array
    recorded: Sequence[Tick] | None = None
    traded: Int64Array = field(init=False)

    def __post_init__(self) -> None:
        self.traded = np.cumsum(self.bars.volume) - self.bars.volume


class Snapshots(Protocol):
    """A day's snapshots by the place of what they are made of and the step within it; `starts` (Unix seconds) are
    the places' first instants."""

    starts: Sequence[float]
    steps: int

    def instant(self, place: int, step: int) -> float:
        """When a snapshot comes, Unix seconds to the microsecond."""
        ...

    def price(self, place: int, step: int) -> Decimal:
        """The last traded price, rupees."""
        ...

    def volume_before(self, place: int, step: int) -> int:
        """The day's volume one snapshot earlier."""
        ...

    def quote(self, place: int, step: int, sequence: int) -> Quote:
        """The whole snapshot under its number. Places are asked for in ascending order."""
        ...


class BarSnapshots:
    """Each bar as `steps` snapshots. Without `previous_close` (ten-thousandths) the day's open stands in."""

    def __init__(self, listing: Listing, day: Day, steps: int, previous_close: int | None) -> None:
        self._listing, self._day, self.steps = listing, day, steps
        self._tick = scaled_tick(listing.contract.tick_size)
        self.starts: Sequence[float] = day.bars.start.tolist()
        self._opens: Sequence[int] = day.bars.open.tolist()
        self._previous_close = previous_close
        self._walked: tuple[int, Sequence[int]] = -1, ()
        self._range: tuple[Int64Array, Int64Array] | None = None

    def instant(self, place: int, step: int) -> float:
        start = self.starts[place]
        return round(start + step * int(self._day.seconds[place]) / self.steps, 6) if step else start

    def price(self, place: int, step: int) -> Decimal:
        return unscale_price(self._path(place)[step] if step else self._opens[place])

    def volume_before(self, place: int, step: int) -> int:
        day = self._day
        return int(day.traded[place]) + int(day.bars.volume[place]) * step // self.steps

    def quote(self, place: int, step: int, sequence: int) -> Quote:
        path = self._path(place)[: step + 1] if step else (self._opens[place],)
        bar, at = self._bar(place), path[-1]
        bids, asks = book_at(bar, at, step)
        timestamp = instant_at(bar, self.steps, step)
        high, low = self._range_with(place, path)
        opened = self._opens[0]
        return Quote(
            key=bar.key,
            ltp=unscale_price(at),
            open=unscale_price(opened),
            high=unscale_price(high),
            low=unscale_price(low),
            close=unscale_price(opened if self._previous_close is None else self._previous_close),
            volume=volume_at(bar, self.steps, step),
            oi=bar.oi,
            bids=bids,
            asks=asks,
            timestamp=timestamp,
            received_at=timestamp,
            source=SOURCE,
            sequence=sequence,
        )

    def _range_with(self, place: int, path: Sequence[int]) -> tuple[int, int]:
        """The day's high and low, of the bars before a place and of its own path so far."""
        if not place:
            return max(path), min(path)
        if self._range is None:
            bars = self._day.bars
            self._range = np.maximum.accumulate(bars.high), np.minimum.accumulate(bars.low)
        highs, lows = self._range
        return max(int(highs[place - 1]), *path), min(int(lows[place - 1]), *path)

    def _path(self, place: int) -> Sequence[int]:
        if self._walked[0] != place:
            self._walked = place, price_path(self._bar(place), self.steps)
        return self._walked[1]

    def _bar(self, place: int) -> MinuteBar:
        day, bars = self._day, self._day.bars
        return MinuteBar(
            key=self._listing.symbol,
            start=int(bars.start[place]),
            open=self._opens[place],
            high=int(bars.high[place]),
            low=int(bars.low[place]),
            close=int(bars.close[place]),
            volume=int(bars.volume[place]),
            oi=int(bars.oi[place]),
            volume_before=int(day.traded[place]),
            tick=self._tick,
            lot=self._listing.contract.lot_size,
            has_book=self._listing.instrument_type != "INDEX",
            seconds=int(day.seconds[place]),
        )


class TickSnapshots:
    """Each recorded tick as the feed's book would show it; what it does not tell of the day follows from those
    before."""

    steps = 1

    def __init__(self, listing: Listing, ticks: Sequence[Tick], previous_close: int | None) -> None:
        self._key, self._ticks = listing.symbol, ticks
        self.starts: Sequence[float] = [tick.timestamp.timestamp() for tick in ticks]
        self._previous_close = None if previous_close is None else unscale_price(previous_close)
        self._ranged = self._high = self._low = 0

    def instant(self, place: int, step: int) -> float:
        return self.starts[place]

    def price(self, place: int, step: int) -> Decimal:
        return self._ticks[place].price

    def volume_before(self, place: int, step: int) -> int:
        return (self._ticks[place - 1].volume or 0) if place else 0

    def quote(self, place: int, step: int, sequence: int) -> Quote:
        ticks, tick = self._ticks, self._ticks[place]
        self._range_to(place)
        opened = tick.open or ticks[0].price
        return Quote(
            key=self._key,
            ltp=tick.price,
            open=opened,
            high=unscale_price(self._high),
            low=unscale_price(self._low),
            close=tick.close or self._previous_close or opened,
            volume=tick.volume or 0,
            oi=tick.oi or 0,
            bids=tick.bids,
            asks=tick.asks,
            timestamp=tick.timestamp,
            received_at=tick.timestamp,
            source=SOURCE,
            sequence=sequence,
        )

    def _range_to(self, place: int) -> None:
        """Know the day's high and low up to a place, in ten-thousandths."""
        for each in self._ticks[self._ranged : place + 1]:
            high, low = scale_price(each.high or each.price), scale_price(each.low or each.price)
            self._high = max(self._high, high)
            self._low = min(self._low, low) if self._ranged else low
            self._ranged += 1
