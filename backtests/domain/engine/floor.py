"""The trading floor of a run: the markets that are followed, the hours they keep, and the tariffs of the day."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from core.errors import SaudaError
from trading.brokers.domain.terms import Product
from trading.instruments.domain.sessions import Phase, PhaseWindow, phase_at
from trading.marketdata.domain.bars import DAY, IST_OFFSET, BarSeries, Int64Array, Interval
from trading.orders.domain.gate import SessionFacts
from trading.orders.domain.terms import MatchingTerms
from trading.portfolio.domain.trade import segment_of

from .account import Tariff
from .clock import Clock
from .data import Listing, MarketData, SessionDay, SquareOff
from .market import SymbolMarket
from .snapshots import Day
from .spec import BacktestSpec, Charging

_FORWARD = timedelta(days=15)
_BACK = 7
"""Days before the span in which the first previous close is looked for."""
NO_DAY = SessionDay(date.min, ())


class DataFailed(Exception):
    """The data do not tell what a run has to know: no fault of its strategy, whoever's hook has met it."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A trading day of one instrument in Unix seconds: its continuous windows, first open and last close, and the
    closing auction where the day has one."""

    opens: int
    closes: int
    windows: tuple[tuple[int, int], ...]
    auction: tuple[int, int] | None = None

    @property
    def ends(self) -> int:
        """When nothing trades any more."""
        return self.closes if self.auction is None else self.auction[1]

    def bars(self, base: Interval) -> int:
        """How many base bars a whole day has."""
        if base is Interval.D1:
            return 1
        return sum(-(-(closes - opens) // base.seconds) for opens, closes in self.windows)

    @classmethod
    def of(cls, day: SessionDay, base: Interval) -> "Hours | None":
        """None for a day without continuous trading. A day's bar closes at the auction's price: in a run of days
        the auction is the end of the session, and nothing besides."""
        windows = _seconds_of(day, Phase.CONTINUOUS)
        if not windows:
            return None
        auction = next(iter(_seconds_of(day, Phase.CLOSING_AUCTION)), None)
        if auction is not None and base is Interval.D1:
            windows, auction = (*windows[:-1], (windows[-1][0], auction[1])), None
        return cls(windows[0][0], windows[-1][1], windows, auction)


def _seconds_of(day: SessionDay, phase: Phase) -> tuple[tuple[int, int], ...]:
    return tuple(
        (int(window.starts.timestamp()), int(window.ends.timestamp()))
        for window in day.windows
        if window.phase is phase
    )


class Floor:
    """Knows every followed instrument on the day that is open."""

    def __init__(self, spec: BacktestSpec, data: MarketData, clock: Clock) -> None:
        self._spec, self._data, self._clock = spec, data, clock
        self._rules = data.rules
        self.markets: dict[str, SymbolMarket] = {}
        self.hours: dict[str, dict[date, Hours]] = {}
        self._days: dict[str, dict[date, SessionDay]] = {}
        self._ordered: dict[str, list[date]] = {}
        self._series: dict[str, BarSeries] = {}
        self._tariffs: dict[tuple[str, Product], Tariff] = {}
        self._squares: dict[str, SquareOff | None] = {}
        self._facts: dict[str, tuple[float, float, SessionFacts]] = {}
        self._peeked: dict[str, SymbolMarket] = {}

    def market(self, symbol: str) -> SymbolMarket:
        """Raises NotFound, `unknown_symbol`; one that is not followed yet has no prices."""
        found = self.markets.get(symbol)
        if found is None:
            found = SymbolMarket(self._data.listing(symbol), self._spec.steps, self._clock)
            self.markets[symbol] = found
        return found

    def seen(self, symbol: str) -> SymbolMarket:
        """A market with its prices of today, though nobody follows it: many options are looked at for one that is
        taken. Raises NotFound, `unknown_symbol`."""
        if symbol in self.hours:
            return self.markets[symbol]
        if symbol not in self._peeked:
            market = SymbolMarket(self._data.listing(symbol), self._spec.steps, self._clock)
            day = self._clock.day
            found = next((Hours.of(each, self._spec.base) for each in self._data.sessions(symbol, day, day)), None)
            self._give_day(market, day, found, None if found is None else self._one_day(symbol, found))
            self._peeked[symbol] = market
        return self._peeked[symbol]

    def admit(self, symbol: str, since: date) -> None:
        """Follow an instrument over the whole span; its calendar reaches back to `since`."""
        self.market(symbol)
        self._calendar(symbol, since)

    def bars(self, symbol: str) -> BarSeries:
        """All base bars of the span."""
        if symbol not in self._series:
            hours = [each for day, each in self.hours[symbol].items() if self._spec.first <= day]
            if not hours:
                self._series[symbol] = BarSeries.empty()
            else:
                since = hours[0].opens - _BACK * DAY
                self._series[symbol] = self._data.bars(symbol, self._spec.base, since, hours[-1].ends)
        return self._series[symbol]

    def trading_days(self) -> list[date]:
        """Days of the span on which any followed instrument trades."""
        days = {day for known in self.hours.values() for day in known}
        return sorted(day for day in days if self._spec.first <= day <= self._spec.last)

    def open_day(self, day: date) -> None:
        """Begin a day: new rates, terms and bars."""
        self._tariffs.clear()
        self._squares.clear()
        self._facts.clear()
        self._peeked.clear()
        for symbol in list(self.hours):
            self.open_market(symbol, day)

    def open_market(self, symbol: str, day: date) -> None:
        """Give one market its day, if it trades then."""
        if symbol not in self._days:
            self._calendar(symbol, day)
        hours = self.hours[symbol].get(day)
        series = None
        if hours is not None:
            series = self.bars(symbol) if self._is_declared(symbol) else self._one_day(symbol, hours)
        self._give_day(self.markets[symbol], day, hours, series)

    def _give_day(self, market: SymbolMarket, day: date, hours: Hours | None, series: BarSeries | None) -> None:
        if hours is None or series is None:
            market.open_day(
                Day(day, BarSeries.empty(), np.empty(0, dtype=np.int64)), market.terms, market.band_terms
            )
            return
        bars, seconds, _ = day_bars(series, hours, self._spec.base, with_auction=True)
        listing = market.listing
        if market.day is None and len(bars):
            earlier = int(
                np.searchsorted(
                    series.start, hours.opens if self._spec.base is not Interval.D1 else hours.opens - DAY
                )
            )
            market.previous_close = int(series.close[earlier - 1]) if earlier else None
        ticks = self._data.ticks(market.key, day)
        recorded = None if ticks is None else list(ticks)
        market.open_day(
            Day(day, bars, seconds, recorded), self._terms(listing, day), self._rules.band(listing, day)
        )

    def tariff(self, symbol: str, product: Product) -> Tariff:
        """What a trade costs and blocks today. Raises DataFailed where no rates reach back to the day."""
        key = symbol, product
        found = self._tariffs.get(key)
        if found is None:
            try:
                found = self._tariffs[key] = self._read_tariff(self.market(symbol).listing, product)
            except SaudaError as error:
                raise DataFailed(error.detail) from error
        return found

    def _read_tariff(self, listing: Listing, product: Product) -> Tariff:
        day, charged = self._clock.day, self._spec.charging is Charging.RATES
        return Tariff(
            segment_of(listing.instrument_type, product),
            listing.exchange,
            self._rules.charge_rates(listing, product, day) if charged else None,
            self._rules.brokerage(self._spec.plan, listing, product, day) if charged else None,
            self._rules.margin(listing, product, day),
        )

    def square_off(self, symbol: str) -> SquareOff | None:
        """When the instrument's intraday positions are closed today."""
        if not self._spec.square_off:
            return None
        if symbol not in self._squares:
            self._squares[symbol] = self._rules.square_off(self.market(symbol).listing, self._clock.day)
        return self._squares[symbol]

    def auction(self, symbol: str) -> tuple[int, int] | None:
        """The instrument's closing auction of today, in Unix seconds."""
        hours = self.hours[symbol].get(self._clock.day)
        return None if hours is None else hours.auction

    def last_bar_ends(self) -> float:
        """When today's last base bar of any instrument is over; now on a day without one."""
        days = (market.day for market in self.markets.values())
        ends = [
            float(day.bars.start[-1] + day.seconds[-1])
            for day in days
            if day is not None and day.on == self._clock.day and len(day.bars)
        ]
        return max(ends, default=self._clock.now)

    def session(self, symbol: str) -> SessionFacts:
        """The instrument's session at this moment."""
        now = self._clock.now
        known = self._facts.get(symbol)
        if known is None or not known[0] <= now < known[1]:
            known = self._session(symbol, now)
            self._facts[symbol] = known
        return known[2]

    def _session(self, symbol: str, now: float) -> tuple[float, float, SessionFacts]:
        day = self._days.get(symbol, {}).get(self._clock.day, NO_DAY)
        at = self._clock.at
        edges = sorted({edge for window in day.windows for edge in (window.starts, window.ends)})
        since = max((edge.timestamp() for edge in edges if edge <= at), default=float("-inf"))
        until = min((edge.timestamp() for edge in edges if edge > at), default=float("inf"))
        phase = phase_at(day.windows, at)
        square = self.square_off(symbol)
        facts = SessionFacts(
            phase=phase,
            is_open=phase is Phase.CONTINUOUS,
            reason="" if phase is Phase.CONTINUOUS else phase.value.replace("_", " ").lower(),
            opens_on=self._opens_on(symbol, day.windows, at),
            intraday_until=square.at if square is not None else None,
        )
        return since, until, facts

    def _opens_on(self, symbol: str, windows: Sequence[PhaseWindow], at: datetime) -> date | None:
        """The date of the session that runs, or of the next one."""
        if any(window.phase is Phase.CONTINUOUS and at < window.ends for window in windows):
            return self._clock.day
        days = self._ordered.get(symbol, [])
        place = bisect_left(days, self._clock.day + timedelta(days=1))
        return days[place] if place < len(days) else None

    def _terms(self, listing: Listing, day: date) -> MatchingTerms:
        spec, terms = self._spec, self._rules.matching(listing, day)
        slippage = spec.slippage
        return MatchingTerms(
            latency_ms=terms.latency_ms if spec.latency_ms is None else spec.latency_ms,
            cancel_latency_ms=terms.cancel_latency_ms if spec.latency_ms is None else spec.latency_ms,
            slippage_model=terms.slippage_model if slippage is None else slippage.model,
            slippage_value=terms.slippage_value if slippage is None else slippage.value,
            participation=terms.participation if spec.participation is None else spec.participation,
        )

    def _calendar(self, symbol: str, since: date) -> None:
        if symbol in self._days:
            return
        days = self._data.sessions(symbol, since, self._spec.last + _FORWARD)
        self._days[symbol] = {each.day: each for each in days}
        found = {each.day: Hours.of(each, self._spec.base) for each in days}
        self.hours[symbol] = {day: hours for day, hours in found.items() if hours is not None}
        self._ordered[symbol] = sorted(self.hours[symbol])

    def _is_declared(self, symbol: str) -> bool:
        return symbol in self._series

    def _one_day(self, symbol: str, hours: Hours) -> BarSeries:
        base = self._spec.base
        since = hours.opens // DAY * DAY - DAY if base is Interval.D1 else hours.opens
        return self._data.bars(symbol, base, since, hours.ends)


def day_bars(
    series: BarSeries, hours: Hours, base: Interval, *, with_auction: bool = False
) -> tuple[BarSeries, Int64Array, Int64Array]:
    """The base bars of one day's continuous windows (and of its auction), how long each lasts, and the open of its
    window.

    A day's bar is laid over the day's session.
    """
    if base is Interval.D1:
        midnight = (hours.opens + IST_OFFSET) // DAY * DAY - IST_OFFSET
        begin, end = np.searchsorted(series.start, (midnight, midnight + DAY))
        bars = series.part(int(begin), int(end))
        opens = np.full(len(bars), hours.opens, dtype=np.int64)
        placed = BarSeries(opens, bars.open, bars.high, bars.low, bars.close, bars.volume, bars.oi)
        return placed, np.full(len(bars), hours.closes - hours.opens, dtype=np.int64), opens
    parts, lasting, opening = [], [], []
    auction = (hours.auction,) if with_auction and hours.auction is not None else ()
    for opens_at, closes_at in (*hours.windows, *auction):
        begin, end = np.searchsorted(series.start, (opens_at, closes_at))
        part = series.part(int(begin), int(end))
        parts.append(part)
        lasting.append(np.minimum(part.start + base.seconds, closes_at) - part.start)
        opening.append(np.full(len(part), opens_at, dtype=np.int64))
    if len(parts) == 1:
        return parts[0], lasting[0], opening[0]
    joined = BarSeries.from_columns(np.concatenate([part.columns() for part in parts]))
    return joined, np.concatenate(lasting), np.concatenate(opening)
