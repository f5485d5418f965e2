"""The latest quote of each instrument, kept by the feed's thread."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.clock import trading_date
from trading.marketdata.domain.quote import Quote
from trading.marketdata.domain.tick import Tick
from trading.marketdata.selectors import DayStart


@dataclass(slots=True)
class _Day:
    """A session so far, for sources that do not say its open, high and low themselves."""

    ordinal: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


class QuoteBook:
    """Ticks in, quotes out; remembers which keys changed since the last `take_changed`."""

    def __init__(self, day_starts: Mapping[str, DayStart]) -> None:
        self._day_starts = dict(day_starts)
        self._quotes: dict[str, Quote] = {}
        self._days: dict[str, _Day] = {}
        self._changed: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._quotes)

    def is_behind(self, tick: Tick) -> bool:
        """Whether something newer is known of the tick's instrument."""
        last = self._quotes.get(tick.key)
        return last is not None and tick.timestamp < last.timestamp

    def update(self, tick: Tick, received_at: datetime, source: str) -> Quote:
        """Make this accepted tick of a source the latest state of its instrument."""
        day = self._day(tick)
        last = self._quotes.get(tick.key)
        quote = Quote(
            key=tick.key,
            ltp=tick.price,
            open=day.open,
            high=day.high,
            low=day.low,
            close=day.close,
            volume=self._counter(tick.volume, last.volume if last else 0),
            oi=self._counter(tick.oi, last.oi if last else 0),
            bids=tick.bids,
            asks=tick.asks,
            timestamp=tick.timestamp,
            received_at=received_at,
            source=source,
            sequence=last.sequence + 1 if last else 1,
        )
        self._quotes[tick.key] = quote
        self._changed[tick.key] = None
        return quote

    def take_changed(self) -> list[Quote]:
        """The quotes that changed since the last call."""
        changed = [self._quotes[key] for key in self._changed]
        self._changed = {}
        return changed

    def put_back(self, quotes: Iterable[Quote]) -> None:
        """Mark these as changed again: they could not be told."""
        self._changed.update((quote.key, None) for quote in quotes)

    @staticmethod
    def _counter(told: int | None, known: int) -> int:
        return known if told is None else told

    def _day(self, tick: Tick) -> _Day:
        ordinal = trading_date(tick.timestamp).toordinal()
        day = self._days.get(tick.key)
        if day is None or day.ordinal != ordinal:
            day = self._new_day(tick, ordinal)
            self._days[tick.key] = day
        day.open = tick.open or day.open
        day.high = tick.high or max(day.high, tick.price)
        day.low = tick.low or min(day.low, tick.price)
        day.close = tick.close or day.close
        return day

    def _new_day(self, tick: Tick, ordinal: int) -> _Day:
        last, price = self._quotes.get(tick.key), tick.price
        # What the database knew of the day counts only for the day on which the feed started.
        known = self._day_starts.pop(tick.key, DayStart())
        previous = last.ltp if last else known.close
        return _Day(
            ordinal=ordinal,
            open=known.open or price,
            high=max(known.high or price, price),
            low=min(known.low or price, price),
            close=previous or tick.open or known.open or price,
        )
