"""One instrument's market of the past: where its snapshots have come to, and what orders share of them.

Nothing is made while nobody looks: see `snapshots`.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from trading.brokers.domain.terms import Side
from trading.instruments.domain.bands import BandTerms, price_band
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.liquidity import NO_SNAPSHOT, Consumed, Snapshot, Taken, take
from trading.orders.domain.tape import NOTHING, Flow, Tape, Waiting, advance
from trading.orders.domain.terms import MatchingTerms, Venue

from .clock import Clock
from .data import Listing
from .snapshots import BarSnapshots, Day, Snapshots, TickSnapshots

STALE_AFTER = 1800
"""Seconds after which a snapshot is not traded against any more, where a bar's own steps are not further apart."""
_NEVER = -1.0


class SymbolMarket:
    """The paper exchange's port for one instrument (`orders.paper.standing.PaperMarket`), and its snapshots."""

    def __init__(self, listing: Listing, steps: int, clock: Clock) -> None:
        self.listing = listing
        self.key = listing.symbol
        self._steps_of_bars, self._clock = steps, clock
        self._day: Day | None = None
        self._snapshots: Snapshots | None = None
        self._before: tuple[Snapshots, int] | None = None
        self._starts: Sequence[float] = ()
        self._place, self._step = -1, 0
        self._at = self._sought_at = _NEVER
        self._known: Quote | None = None
        self._known_at = (-1, -1)
        self._sequence = 0
        self.previous_close: int | None = None
        self.terms = MatchingTerms()
        self.band_terms = BandTerms(None)
        self._consumed = Consumed(NO_SNAPSHOT)
        self._tape = Tape()
        self._plain = Venue(self.terms, listing.contract.tick_size, listing.contract.lot_size)
        self._venue: tuple[Quote, Venue] | None = None
        self._name: tuple[Quote, Snapshot] | None = None

    def open_day(self, day: Day, terms: MatchingTerms, band_terms: BandTerms) -> None:
        """Begin a trading day; the last price of the day before is its previous close."""
        if self._day is not None and self._day.on == day.on:
            return
        if self._snapshots is not None and self._starts:
            self._sequence += len(self._starts) * self._snapshots.steps
            self._before = self._snapshots, self._sequence
        if self._day is not None and len(self._day.bars):
            self.previous_close = int(self._day.bars.close[-1])
        self._day = day
        if day.recorded is None:
            self._snapshots = BarSnapshots(self.listing, day, self._steps_of_bars, self.previous_close)
        else:
            self._snapshots = TickSnapshots(self.listing, day.recorded, self.previous_close)
        self._starts = self._snapshots.starts
        self._place, self._step = -1, 0
        self._at = self._sought_at = _NEVER
        self._known, self._known_at = None, (-1, -1)
        self.terms, self.band_terms = terms, band_terms
        self._tape = Tape()
        self._plain = Venue(terms, self.listing.contract.tick_size, self.listing.contract.lot_size)

    @property
    def day(self) -> Day | None:
        """The day that is open."""
        return self._day

    def _seek(self) -> None:
        """Go to the latest snapshot by the clock: its place, its step, and since when it is the latest."""
        now = self._clock.now
        if now == self._sought_at:
            return
        self._sought_at = now
        starts, place = self._starts, self._place
        end = len(starts)
        while place + 1 < end and starts[place + 1] <= now:
            place += 1
        if place < 0:
            return
        self._place, self._step, self._at = place, 0, starts[place]
        if starts[place] == now:
            return
        snapshots, day = self._snapshots, self._day
        assert snapshots is not None
        assert day is not None
        if snapshots.steps > 1:
            # The instants of steps are fractions in binary, hence the millionth.
            passed = (now - starts[place]) * snapshots.steps / int(day.seconds[place])
            self._step = min(int(passed + 1e-6), snapshots.steps - 1)
            self._at = snapshots.instant(place, self._step)

    def latest(self) -> Quote | None:
        """The latest snapshot by the clock, before the day's first the last one of the day before; None before
        any."""
        self._seek()
        place, step = self._place, self._step
        if place < 0 or self._snapshots is None:
            return self._last_of_before()
        if self._known_at != (place, step):
            self._known = self._snapshots.quote(place, step, self.sequence())
            self._known_at = place, step
        return self._known

    def last_price(self) -> Decimal | None:
        """The last traded price, of whatever day."""
        self._seek()
        if self._place < 0 or self._snapshots is None:
            before = self._last_of_before()
            return None if before is None else before.ltp
        return self._snapshots.price(self._place, self._step)

    def fresh_price(self) -> Decimal | None:
        """The last traded price while it may be traded on."""
        self._seek()
        if self._snapshots is None or not self._is_fresh:
            return None
        return self._snapshots.price(self._place, self._step)

    def sequence(self) -> int:
        """The number of the latest snapshot by the clock; it grows with each."""
        self._seek()
        steps = self._steps_of_bars if self._snapshots is None else self._snapshots.steps
        return self._sequence + self._place * steps + self._step + 1

    def next_snapshot(self) -> float:
        """When the next snapshot comes, in Unix seconds; infinite after the day's last."""
        self._seek()
        place, step = self._place, self._step
        starts = self._starts
        if place >= 0 and self._snapshots is not None and step + 1 < self._snapshots.steps:
            assert self._day is not None
            at = starts[place] + (step + 1) * int(self._day.seconds[place]) / self._snapshots.steps
            if place + 1 >= len(starts) or at < starts[place + 1]:
                return at
        return float(starts[place + 1]) if place + 1 < len(starts) else float("inf")

    def is_fresh(self, quote: Quote) -> bool:
        """Whether the latest snapshot is of this session and not too old."""
        self._seek()
        return self._is_fresh

    def venue(self, quote: Quote | None) -> Venue:
        if quote is None or self.band_terms.percent is None:
            return self._plain
        if self._venue is None or self._venue[0] is not quote:
            plain = self._plain
            band = price_band(
                self.band_terms,
                previous_close=quote.close,
                day_low=quote.low,
                day_high=quote.high,
                tick_size=plain.tick_size,
            )
            self._venue = quote, Venue(plain.terms, plain.tick_size, plain.lot_size, band)
        return self._venue[1]

    def take(self, quote: Quote, side: Side, *, wanted: int, reachable: int) -> Taken | None:
        self._consumed, taken = take(self._consumed, self._named(quote), side, wanted=wanted, reachable=reachable)
        return taken

    def flow(self, quote: Quote, price: Decimal) -> Flow:
        return self._tape.at(price, self._named(quote)) if self._tape.on == self._today else NOTHING

    def spend(self, quote: Quote, price: Decimal, wanted: int, reached: Callable[[Flow], int]) -> int:
        units = min(wanted, reached(self.flow(quote, price)))
        if units > 0:
            self._tape = self._tape.spend(price, units)
        return max(units, 0)

    def look(self, quote: Quote, waiting: Sequence[Waiting]) -> Tape | None:
        """The tape after a snapshot, None where no order rests that others could trade with."""
        if not waiting:
            return None
        assert self._snapshots is not None
        before = self._snapshots.volume_before(self._place, self._step)
        if quote.volume > before and any(each.price == quote.ltp or each.is_passed(quote.ltp) for each in waiting):
            self._tape = advance(
                self._tape,
                on=self._today,
                snapshot=self._named(quote),
                ltp=quote.ltp,
                volume=quote.volume,
                volume_before=before,
                waiting=waiting,
                participation=self.terms.participation,
                lot_size=self._plain.lot_size,
            )
        return self._tape

    @property
    def _today(self) -> date:
        assert self._day is not None
        return self._day.on

    @property
    def _is_fresh(self) -> bool:
        age = self._clock.now - self._at
        if age <= STALE_AFTER:
            return True
        day, place, snapshots = self._day, self._place, self._snapshots
        if day is None or snapshots is None or place < 0:
            return False
        apart = 0 if day.recorded is not None else int(day.seconds[place]) // snapshots.steps
        return age <= 2 * apart

    def _last_of_before(self) -> Quote | None:
        if self._known is None and self._before is not None:
            snapshots, sequence = self._before
            self._known = snapshots.quote(len(snapshots.starts) - 1, snapshots.steps - 1, sequence)
        return self._known

    def _named(self, quote: Quote) -> Snapshot:
        if self._name is None or self._name[0] is not quote:
            self._name = quote, Snapshot.of(quote.timestamp, quote.sequence, quote.received_at)
        return self._name[1]
