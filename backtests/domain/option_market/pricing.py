"""Bars of contracts: their own where they are stored, day by day, else modelled on the underlying's."""

from collections.abc import Set
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from backtests.domain.engine.data import Listing, MarketData
from core.errors import NotFound
from trading.marketdata.domain.bars import DAY, IST_OFFSET, PRICE_SCALE, BarSeries, Int64Array, Interval, ist_days
from trading.marketdata.domain.options.kernel import FloatArray
from trading.marketdata.domain.options.life import expires_at
from trading.orders.domain.option_choice import Right

from .contracts import ContractRules
from .model import OptionModel, Terms, future_bars, implied, option_bars
from .sources import PriceSource, SourceBook
from .volatility import Levels

_EPOCH = date(1970, 1, 1)
_CLOSES_AT = 15 * 3600 + 30 * 60
_OLDEST_CLOSE = 7
_LAST_MINUTES = 30
_PAISA = Decimal("0.01")


class Pricing:
    """Prices contracts and keeps what priced them."""

    def __init__(self, data: MarketData, model: OptionModel, contracts: ContractRules) -> None:
        self._data, self._model, self._contracts = data, model, contracts
        self.levels = Levels(data, model)
        self._book = SourceBook()
        self._own_by_day: dict[tuple[str, int], float] = {}

    def bars(self, listing: Listing, interval: Interval, since: int, until: int) -> BarSeries:
        """Bars that start in [since, until) and not after the contract's end."""
        contract = listing.contract
        if contract.expiry is None:
            return BarSeries.empty()
        until = min(until, int(expires_at(contract.expiry).timestamp()))
        if until <= since:
            return BarSeries.empty()
        # A day is either stored or modelled as a whole, wherever what was asked for begins or ends.
        midnight = (since + IST_OFFSET) // DAY * DAY - IST_OFFSET
        whole = self._stored(contract.symbol, interval, midnight, until - (until + IST_OFFSET) % DAY + DAY)
        stored = _within(whole, since, until)
        spot = self._data.bars(listing.underlying, interval, since, until)
        missing = _without_days(spot, ist_days(whole.start))
        self._note(PriceSource.STORED, contract.symbol, ist_days(stored.start))
        if not len(missing):
            return stored
        return _joined(stored, self._modelled(listing, missing, interval))

    def first_of_day(self, key: str, on: date) -> int | None:
        """The first stored price of a day, in ten-thousandths; None without any."""
        since = (on - _EPOCH).days * DAY - IST_OFFSET
        for interval in (Interval.M1, Interval.D1):
            bars = self._data.bars(key, interval, since, since + DAY)
            if len(bars):
                return int(bars.open[0])
        return None

    def settled_at(self, key: str, on: date) -> Decimal | None:
        """The average close of a day's last half hour of minutes, in rupees; of a day's bar its close."""
        since = (on - _EPOCH).days * DAY - IST_OFFSET
        minutes = self._data.bars(key, Interval.M1, since, since + DAY).tail(_LAST_MINUTES)
        bars = minutes if len(minutes) else self._data.bars(key, Interval.D1, since, since + DAY)
        if not len(bars):
            return None
        total = sum(int(close) for close in bars.close)
        return (Decimal(total) / len(bars) / PRICE_SCALE).quantize(_PAISA, rounding=ROUND_HALF_UP)

    def modelled_share(self, symbols: Set[str]) -> float | None:
        """Which share of the days of these contracts the model priced; None where none of them was priced."""
        return self._book.modelled_share(symbols)

    def spread_ticks(self, listing: Listing, on: date) -> int:
        """Half the model's spread in ticks of a contract, by its first modelled price of a day; 0 on a day that is
        stored, and of futures."""
        contract = listing.contract
        if contract.right is None or not self._model.spread:
            return 0
        since = (on - _EPOCH).days * DAY - IST_OFFSET
        span = since, since + DAY
        for interval in (Interval.M1, Interval.D1):
            if len(self._stored(contract.symbol, interval, *span)):
                return 0
        for interval in (Interval.M1, Interval.D1):
            spot = self._data.bars(listing.underlying, interval, *span)
            if len(spot):
                first = self._modelled(listing, spot.part(0, 1), interval)
                return round(int(first.open[0]) * self._model.spread / 2 / float(contract.tick_size * PRICE_SCALE))
        return 0

    def notes(self) -> list[str]:
        """The model, if it was used, and what priced what."""
        lines = self._book.notes()
        if PriceSource.MODEL not in self._book.days and PriceSource.CLOSES not in self._book.days:
            return lines
        notes = [f"The option model: {self._model}.", *lines]
        if self.levels.unknown:
            notes.append(
                f"On {len(self.levels.unknown)} days the volatility was not known yet and taken as"
                f" {self._model.volatility:.1%} (until {max(self.levels.unknown):%d %b %Y})."
            )
        return notes

    def _modelled(self, listing: Listing, spot: BarSeries, interval: Interval) -> BarSeries:
        contract = listing.contract
        assert contract.expiry is not None
        tick, lot = float(contract.tick_size), contract.lot_size
        if contract.right is None or contract.strike is None:
            self._note(PriceSource.MODEL, contract.symbol, ist_days(spot.start))
            return future_bars(contract.expiry, spot, interval.seconds, tick, lot, self._model)
        terms = Terms(contract.right is Right.CALL, float(contract.strike), contract.expiry, tick, lot)
        own = self._own(listing, terms, spot)
        level = self.levels.at(listing.underlying, spot)
        days = ist_days(spot.start)
        left = {int(day): self._sessions_left(listing, int(day)) for day in np.unique(days)}
        sessions_left = np.array([float(left[int(day)]) for day in days])
        return option_bars(terms, spot, interval.seconds, level, sessions_left, self._model, own=own)

    def _sessions_left(self, listing: Listing, day: int) -> int:
        expiry = listing.contract.expiry
        assert expiry is not None
        return self._contracts.sessions_after(listing.contract.underlying, _EPOCH + timedelta(days=day), expiry)

    def _own(self, listing: Listing, terms: Terms, spot: BarSeries) -> FloatArray:
        """The volatility that the contract's last close before each day implied, NaN without one."""
        symbol = listing.contract.symbol
        days = ist_days(spot.start)
        known = {int(day): self._implied_before(listing, terms, int(day)) for day in np.unique(days)}
        for day, volatility in known.items():
            source = PriceSource.MODEL if np.isnan(volatility) else PriceSource.CLOSES
            self._book.add(source, symbol, _EPOCH + timedelta(days=day))
        return np.array([known[int(day)] for day in days])

    def _implied_before(self, listing: Listing, terms: Terms, day: int) -> float:
        key = (listing.contract.symbol, day)
        if key not in self._own_by_day:
            self._own_by_day[key] = self._implied(listing, terms, day) if self._model.uses_closes else float("nan")
        return self._own_by_day[key]

    def _implied(self, listing: Listing, terms: Terms, day: int) -> float:
        until = day * DAY - IST_OFFSET
        own = self._stored(listing.contract.symbol, Interval.D1, until - _OLDEST_CLOSE * DAY, until)
        traded = np.flatnonzero(own.volume > 0)
        if not len(traded):
            return float("nan")
        start = int(own.start[traded[-1]])
        spot = self._data.bars(listing.underlying, Interval.D1, start, start + DAY)
        if not len(spot):
            return float("nan")
        close, at = own.close[traded[-1]] / PRICE_SCALE, start + _CLOSES_AT
        left = self._sessions_left(listing, (start + IST_OFFSET) // DAY)
        return implied(terms, float(close), float(spot.close[0]) / PRICE_SCALE, at, left, self._model)

    def _stored(self, symbol: str, interval: Interval, since: int, until: int) -> BarSeries:
        try:
            return self._data.bars(symbol, interval, since, until)
        except NotFound:
            return BarSeries.empty()

    def _note(self, source: PriceSource, symbol: str, days: Int64Array) -> None:
        for day in np.unique(days):
            self._book.add(source, symbol, _EPOCH + timedelta(days=int(day)))


def _within(bars: BarSeries, since: int, until: int) -> BarSeries:
    begin, end = np.searchsorted(bars.start, (since, until))
    return bars.part(int(begin), int(end))


def _without_days(bars: BarSeries, days: Int64Array) -> BarSeries:
    kept = ~np.isin(ist_days(bars.start), days)
    return bars if kept.all() else BarSeries.from_columns(bars.columns()[kept])


def _joined(first: BarSeries, second: BarSeries) -> BarSeries:
    if not len(first):
        return second
    rows = np.concatenate((first.columns(), second.columns()))
    return BarSeries.from_columns(rows[np.argsort(rows[:, 0], kind="stable")])
