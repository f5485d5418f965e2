"""One instrument's market of the past: snapshots made when they are looked at, and what orders share of them.

Bars are replayed as the replay feed does it (`marketdata.domain.minute_ticks`), so that a back-test and a paper
account on a replayed day see the same books. Nothing is made while nobody looks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np

from trading.brokers.domain.terms import Side
from trading.instruments.domain.bands import BandTerms, price_band
from trading.marketdata.domain.bars import BarSeries, Int64Array, scale_price, unscale_price
from trading.marketdata.domain.minute_ticks import MinuteBar, minute_ticks, price_path, scaled_tick
from trading.marketdata.domain.quote import Quote
from trading.marketdata.domain.tick import Tick
from trading.orders.domain.liquidity import NO_SNAPSHOT, Consumed, Snapshot, Taken, take
from trading.orders.domain.tape import NOTHING, Flow, Tape, Waiting, advance
from trading.orders.domain.terms import MatchingTerms, Venue

from .clock import Clock
from .data import Listing

SOURCE = "backtest"
STALE_AFTER = 1800
"""Seconds after which a snapshot is not traded against any more, where a bar's own steps are not further apart."""


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


class SymbolMarket:
    """The paper exchange's port for one instrument (`orders.paper.standing.PaperMarket`), and its snapshots.

    Whoever wants to hear of new snapshots asks `seek`; whoever only looks need not.
    """

    def __init__(self, listing: Listing, steps: int, clock: Clock) -> None:
        self.listing = listing
        self.key = listing.symbol
        self._steps_of_bars, self._steps, self._clock = steps, steps, clock
        self._tick, self._lot = scaled_tick(listing.contract.tick_size), listing.contract.lot_size
        self._has_book = listing.instrument_type != "INDEX"
        self._day: Day | None = None
        self._starts: Sequence[float] = ()
        self._place, self._step = -1, 0
        self._known: Quote | None = None
        self._known_at = (-1, -1)
        self._high = self._low = 0
        self._ranged = 0
        self._sequence = 0
        self.previous_close: int | None = None
        self.terms = MatchingTerms()
        self.band_terms = BandTerms(None)
        self._consumed = Consumed(NO_SNAPSHOT)
        self._tape = Tape()
        self._venues: tuple[Quote | None, Venue] | None = None

    def open_day(self, day: Day, terms: MatchingTerms, band_terms: BandTerms) -> None:
        """Begin a trading day; the last price of the day before is its previous close."""
        if self._day is not None and self._day.on == day.on:
            return
        self._sequence += len(self._starts) * self._steps
        if self._day is not None and len(self._day.bars):
            self.previous_close = int(self._day.bars.close[-1])
        self._day = day
        if day.recorded is None:
            self._starts, self._steps = day.bars.start.tolist(), self._steps_of_bars
        else:
            self._starts, self._steps = [tick.timestamp.timestamp() for tick in day.recorded], 1
        self._place, self._step = -1, 0
        self._known_at = (-1, -1)
        self._ranged = 0
        self.terms, self.band_terms = terms, band_terms
        self._tape = Tape()
        self._venues = None

    @property
    def day(self) -> Day | None:
        """The day that is open."""
        return self._day

    def seek(self) -> bool:
        """Go to the latest snapshot by the clock; whether it is another one than before."""
        now = self._clock.now
        starts, place = self._starts, self._place
        while place + 1 < len(starts) and starts[place + 1] <= now:
            place += 1
        if place < 0:
            return False
        step = 0
        if self._steps > 1 and starts[place] < now:
            day = self._day
            assert day is not None
            # The instants of steps are fractions in binary, hence the millionth.
            step = min(int((now - starts[place]) * self._steps / int(day.seconds[place]) + 1e-6), self._steps - 1)
        if (place, step) == (self._place, self._step):
            return False
        self._place, self._step = place, step
        return True

    def latest(self) -> Quote | None:
        """The latest snapshot by the clock, of an earlier day before the day's first; None before any."""
        self.seek()
        if self._place < 0 or self._day is None:
            return self._known
        if self._known_at != (self._place, self._step):
            self._known = self._snapshot()
            self._known_at = (self._place, self._step)
        return self._known

    def sequence(self) -> int:
        """The number of the latest snapshot by the clock; it grows with each."""
        self.seek()
        return self._sequence + self._place * self._steps + self._step + 1

    def next_snapshot(self) -> float:
        """When the next snapshot comes, in Unix seconds; infinite after the day's last."""
        self.seek()
        place, step = self._place, self._step
        if place >= 0 and step + 1 < self._steps:
            assert self._day is not None
            at = self._starts[place] + (step + 1) * int(self._day.seconds[place]) / self._steps
            if place + 1 >= len(self._starts) or at < self._starts[place + 1]:
                return at
        return float(self._starts[place + 1]) if place + 1 < len(self._starts) else float("inf")

    def last_price(self) -> Decimal | None:
        """The last traded price, of whatever day."""
        quote = self.latest()
        return None if quote is None else quote.ltp

    def is_fresh(self, quote: Quote) -> bool:
        """Whether it is of this session and not too old."""
        day = self._day
        if day is None or self._place < 0:
            return False
        apart = 0 if day.recorded is not None else int(day.seconds[self._place]) // self._steps
        return self._clock.now - quote.timestamp.timestamp() <= max(STALE_AFTER, 2 * apart)

    def venue(self, quote: Quote | None) -> Venue:
        if self._venues is not None and self._venues[0] is quote:
            return self._venues[1]
        contract, band = self.listing.contract, None
        if quote is not None:
            band = price_band(
                self.band_terms,
                previous_close=quote.close,
                day_low=quote.low,
                day_high=quote.high,
                tick_size=contract.tick_size,
            )
        venue = Venue(self.terms, contract.tick_size, contract.lot_size, band)
        self._venues = quote, venue
        return venue

    def take(self, quote: Quote, side: Side, *, wanted: int, reachable: int) -> Taken | None:
        self._consumed, taken = take(self._consumed, _named(quote), side, wanted=wanted, reachable=reachable)
        return taken

    def flow(self, quote: Quote, price: Decimal) -> Flow:
        return self._tape.at(price, _named(quote)) if self._tape.on == self._today else NOTHING

    def spend(self, quote: Quote, price: Decimal, wanted: int, reached: Callable[[Flow], int]) -> int:
        units = min(wanted, reached(self.flow(quote, price)))
        if units > 0:
            self._tape = self._tape.spend(price, units)
        return max(units, 0)

    def look(self, quote: Quote, waiting: Sequence[Waiting]) -> Tape | None:
        """The tape after a snapshot, None where no order rests that others could trade with."""
        if not waiting:
            return None
        before = self._volume_before()
        if quote.volume > before and any(each.price == quote.ltp or each.is_passed(quote.ltp) for each in waiting):
            self._tape = advance(
                self._tape,
                on=self._today,
                snapshot=_named(quote),
                ltp=quote.ltp,
                volume=quote.volume,
                volume_before=before,
                waiting=waiting,
                participation=self.terms.participation,
                lot_size=self._lot,
            )
        return self._tape

    @property
    def _today(self) -> date:
        assert self._day is not None
        return self._day.on

    def _volume_before(self) -> int:
        """The day's volume one snapshot ago."""
        day, place, step = self._day, self._place, self._step
        assert day is not None
        if day.recorded is not None:
            return (day.recorded[place - 1].volume or 0) if place else 0
        return int(day.traded[place]) + int(day.bars.volume[place]) * step // self._steps

    def _snapshot(self) -> Quote:
        day, place, step = self._day, self._place, self._step
        assert day is not None
        if day.recorded is not None:
            return self._recorded(day.recorded)
        bars = day.bars
        bar = MinuteBar(
            key=self.key,
            start=int(self._starts[place]),
            open=int(bars.open[place]),
            high=int(bars.high[place]),
            low=int(bars.low[place]),
            close=int(bars.close[place]),
            volume=int(bars.volume[place]),
            oi=int(bars.oi[place]),
            volume_before=int(day.traded[place]),
            tick=self._tick,
            lot=self._lot,
            has_book=self._has_book,
            seconds=int(day.seconds[place]),
        )
        ticks = minute_ticks(bar, self._steps)
        for _ in range(step):
            next(ticks)
        tick = next(ticks)
        high, low = self._range(price_path(bar, self._steps)[: step + 1] if step else [bar.open])
        opened = int(bars.open[0])
        return Quote(
            key=self.key,
            ltp=tick.price,
            open=unscale_price(opened),
            high=unscale_price(high),
            low=unscale_price(low),
            close=unscale_price(opened if self.previous_close is None else self.previous_close),
            volume=tick.volume or 0,
            oi=tick.oi or 0,
            bids=tick.bids,
            asks=tick.asks,
            timestamp=tick.timestamp,
            received_at=tick.timestamp,
            source=SOURCE,
            sequence=self.sequence(),
        )

    def _recorded(self, ticks: Sequence[Tick]) -> Quote:
        """The tick as the feed's book would show it; what it does not tell of the day follows from those before."""
        tick = ticks[self._place]
        seen = ticks[self._ranged : self._place + 1]
        highs = [scale_price(each.high or each.price) for each in seen]
        lows = [scale_price(each.low or each.price) for each in seen]
        self._high = max(self._high if self._ranged else 0, *highs)
        self._low = min(self._low, *lows) if self._ranged else min(lows)
        self._ranged = self._place + 1
        opened = tick.open or ticks[0].price
        previous = None if self.previous_close is None else unscale_price(self.previous_close)
        return Quote(
            key=self.key,
            ltp=tick.price,
            open=opened,
            high=unscale_price(self._high),
            low=unscale_price(self._low),
            close=tick.close or previous or opened,
            volume=tick.volume or 0,
            oi=tick.oi or 0,
            bids=tick.bids,
            asks=tick.asks,
            timestamp=tick.timestamp,
            received_at=tick.timestamp,
            source=SOURCE,
            sequence=self.sequence(),
        )

    def _range(self, path: Sequence[int]) -> tuple[int, int]:
        """The day's high and low with the bars before the present one and its path so far."""
        day, place = self._day, self._place
        assert day is not None
        if self._ranged < place:
            highs, lows = day.bars.high[self._ranged : place], day.bars.low[self._ranged : place]
            self._high = max(int(highs.max()), self._high if self._ranged else 0)
            self._low = min(int(lows.min()), self._low) if self._ranged else int(lows.min())
            self._ranged = place
        if not place:
            return max(path), min(path)
        return max(self._high, *path), min(self._low, *path)


def _named(quote: Quote) -> Snapshot:
    return Snapshot.of(quote.timestamp, quote.sequence, quote.received_at)
