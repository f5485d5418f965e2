"""A run's market and terms as the compiled kernel takes them: the bars that the engine replays of the same run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from backtests.domain.engine import BacktestSpec, Charging, Listing, MarketData
from backtests.domain.engine.charts import calendar_days
from backtests.domain.engine.floor import Hours, day_bars
from backtests.domain.kernel import Depository, Market, Shown, Sides, Sizing, Terms, history_of
from core.clock import IST, ist_day_start
from core.errors import SaudaError
from core.money import from_paise, to_paise
from trading.brokers.domain.terms import Product
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.bars import BarSeries, Int64Array, Interval, derive, ist_days, merge, scale_price
from trading.marketdata.selectors.hours import session_opens
from trading.orders.domain.slippage import SlippageModel
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates
from trading.portfolio.domain.deliveries import have_arrived
from trading.strategies.domain import SignalStrategy

_NEVER = np.iinfo(np.int64).max
_EPOCH = date(1970, 1, 1)


def most_history(strategy: type[SignalStrategy], cells: Sequence[Mapping[str, Any]]) -> int:
    """Bars before the span that the cells ask for at most, by those with the least and the most of each setting."""
    wanted = 0
    for cell in _extremes(cells):
        try:
            wanted = max(wanted, history_of(strategy(**cell)))
        except Exception:  # noqa: BLE001  # a strategy may raise anything: the sweep tells its cell so
            continue
    return wanted


def _extremes(cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    found: dict[int, Mapping[str, Any]] = {}
    for name in dict.fromkeys(name for cell in cells for name in cell):
        having = [place for place, cell in enumerate(cells) if isinstance(cell.get(name), int | float | Decimal)]
        for chosen in (min, max):
            place = chosen(having, key=lambda each: cells[each][name], default=0)
            found[place] = cells[place]
    return list(found.values())


@dataclass(slots=True)
class TradedMarket:
    """One instrument over a run's span. Its bars are read once, and read again where more history is wanted."""

    spec: BacktestSpec
    data: MarketData
    _pieces: tuple[BarSeries, Int64Array] | None = field(default=None, init=False)
    _found: Market | None = field(default=None, init=False)
    _history: int = field(default=-1, init=False)

    def _traded(self) -> tuple[BarSeries, Int64Array]:
        """The bars that are traded, without what is stored of closing auctions and beyond sessions, of which the
        engine makes none either; and how many instants of its curve each stands for: an auction's belong to the bar
        before it."""
        if self._pieces is None:
            spec, symbol = self.spec, self.spec.strategies[0].symbols[0]
            since, until = (_midnight(day) for day in (spec.first, spec.last + timedelta(days=1)))
            stored = self.data.bars(symbol, spec.base, since, until)
            if spec.base is Interval.D1:
                self._pieces = stored, np.ones(len(stored), dtype=np.int64)
            else:
                sessions = self.data.sessions(symbol, spec.first, spec.last)
                self._pieces = _within(stored, [each for day in sessions if (each := Hours.of(day, spec.base))])
        return self._pieces

    def market(self, history: int) -> Market:
        """With at least so many bars before the span, where the data reach back so far."""
        if self._found is None or history > self._history:
            self._found, self._history = self._read(history), history
        return self._found

    def _read(self, history: int) -> Market:
        spec, only = self.spec, self.spec.strategies[0]
        listing = self.data.listing(only.symbols[0])
        base, weights = self._traded()
        shown = derive(base, only.interval, self._opens(base)) if only.interval is not spec.base else base
        before = self._before(history)
        joined = BarSeries.from_columns(np.concatenate((before.columns(), shown.columns())))
        closes = self._closes(listing, base)
        place = np.searchsorted(shown.start, base.start, side="right") - 1
        # What is traded is a bar, or its two parts where the square-off falls into it.
        begins = shown.start[place]
        if closes is not None:
            begins = np.where(base.start >= closes, np.maximum(begins, closes), begins)
        first = np.flatnonzero(np.r_[True, begins[1:] != begins[:-1]]) if len(base) else np.empty(0, dtype=np.int64)
        # The first part of a bar that is cut ends before the bar does: there the signal before it still stands.
        of_bar = place[first]
        cut = np.r_[of_bar[1:] == of_bar[:-1], False][: len(first)]
        of_bar = np.maximum(of_bar - cut, 0)
        bars = merge(base, begins) if len(base) else base
        return Market(
            bars=bars,
            session=self._opens(base)[first],
            tick=scale_price(listing.contract.tick_size),
            lot=listing.contract.lot_size,
            square_off=None if closes is None else closes[first],
            first=BarSeries.from_columns(base.columns()[first]),
            pieces=np.add.reduceat(weights, first) if len(base) else weights,
            shown=Shown(joined, self._opens(joined), len(before), of_bar),
            depository=self._depository(listing, bars.start, base.start[first]),
        )

    def _opens(self, bars: BarSeries) -> Int64Array:
        """The open of each bar's session; a day's or a week's is where it begins."""
        if self.spec.strategies[0].interval in (Interval.D1, Interval.W1):
            return bars.start
        return session_opens(instrument_get(self.spec.strategies[0].symbols[0]), bars.start)

    def _before(self, history: int) -> BarSeries:
        """As the engine reads them, which begins without where they cannot be read."""
        only, spec = self.spec.strategies[0], self.spec
        since = _midnight(spec.first - timedelta(days=calendar_days(only.interval, history)))
        try:
            found = self.data.bars(only.symbols[0], only.interval, since, _midnight(spec.first))
        except SaudaError:
            return BarSeries.empty()
        return found.tail(history)

    def _closes(self, listing: Listing, base: BarSeries) -> Int64Array | None:
        """When each bar's session squares off; None where positions are carried."""
        only = self.spec.strategies[0]
        is_daily = only.interval in (Interval.D1, Interval.W1)
        if not self.spec.square_off or only.product is not Product.INTRADAY or is_daily:
            return None
        days, of_bar = np.unique(ist_days(base.start), return_inverse=True)
        times = [self.data.rules.square_off(listing, _EPOCH + timedelta(days=day)) for day in days.tolist()]
        return np.array([int(each.at.timestamp()) if each else _NEVER for each in times], dtype=np.int64)[of_bar]

    def _depository(self, listing: Listing, start: Int64Array, opens: Int64Array) -> Depository | None:
        """What a day costs on which delivered shares leave; None where none are delivered or nothing is charged.

        Bars begin at `start` and, where the first of their days had no session, trade from `opens` on.
        """
        spec, rules = self.spec, self.data.rules
        if not spec.strategies[0].product.takes_delivery or spec.charging is Charging.NONE:
            return None
        _, first = np.unique(ist_days(start), return_index=True)
        fees, spared = np.zeros(len(first), dtype=np.int64), np.arange(len(first))
        arrivals: list[date] = []
        since = 0
        for place, second in enumerate(opens[first].tolist()):
            now = datetime.fromtimestamp(second, UTC)
            day = now.astimezone(IST).date()
            due = rules.settlement(day)
            while since < place and have_arrived(arrivals[since], today=day, now=now, payout=due.payout):
                since += 1
            arrivals.append(due.arrives_on)
            fee = rules.depository_fee(spec.plan, day)
            if fee is not None:
                fees[place] = fee.charge_paise(rules.charge_rates(listing, Product.DELIVERY, day).gst_rate)
                spared[place] = place if fee.on_unsettled else since
        return Depository(fees, spared) if fees.any() else None


def _within(stored: BarSeries, days: Sequence[Hours]) -> tuple[BarSeries, Int64Array]:
    """The bars of continuous trading, and one for each, with those of the day's auction on top of the last."""
    parts, weights = [BarSeries.empty()], [np.empty(0, dtype=np.int64)]
    for hours in days:
        bars = day_bars(stored, hours, Interval.M1, with_auction=True)[0]
        continuous = int((bars.start < hours.closes).sum())
        if continuous:
            parts.append(bars.part(0, continuous))
            weights.append(np.ones(continuous, dtype=np.int64))
            weights[-1][-1] += len(bars) - continuous
    return BarSeries.from_columns(np.concatenate([part.columns() for part in parts])), np.concatenate(weights)


def _midnight(day: date) -> int:
    return int(ist_day_start(day).timestamp())


def terms_of(spec: BacktestSpec, data: MarketData) -> Terms:
    """Capital, size, slippage, charges and fees of a run in the kernel's words."""
    listing = data.listing(spec.strategies[0].symbols[0])
    ticks = spec.slippage is not None and spec.slippage.model is SlippageModel.TICKS
    size = spec.strategies[0].size
    return Terms(
        capital=spec.capital,
        # As `SignalFollower` has it: what is delivered cannot be held short.
        sides=Sides.LONG if spec.strategies[0].product.takes_delivery else Sides.BOTH,
        sizing=Sizing(units=size.units, share=Decimal(0) if size.units else size.share),
        walks_depth=True,
        protection=data.rules.protection_percent(),
        slippage_ticks=int(spec.slippage.value) if spec.slippage is not None and ticks else 0,
        square_off_fee=_square_off_fee(spec, data, listing) if spec.charging is Charging.RATES else Decimal(0),
        rates=_rates(spec, data, listing) if spec.charging is Charging.RATES else {},
    )


def _square_off_fee(spec: BacktestSpec, data: MarketData, listing: Listing) -> Decimal:
    """What squaring a position off costs, with the tax on it, as the engine books it; by the rule of the first
    trading day, which a span need not begin with."""
    sessions = data.sessions(listing.symbol, spec.first, spec.last)
    rule = data.rules.square_off(listing, sessions[0].day) if sessions else None
    if rule is None or not rule.fee:
        return Decimal(0)
    tax = rule.fee * data.rules.charge_rates(listing, spec.strategies[0].product, sessions[0].day).gst_rate
    return from_paise(to_paise(rule.fee) + to_paise(tax))


def _rates(
    spec: BacktestSpec, data: MarketData, listing: Listing
) -> dict[date | None, tuple[ChargeRates, BrokerageRates]]:
    """The charges in force at the first day, and at each later day on which they change."""
    found: dict[date | None, tuple[ChargeRates, BrokerageRates]] = {}
    last: tuple[ChargeRates, BrokerageRates] | None = None
    product = spec.strategies[0].product
    for each in range((spec.last - spec.first).days + 1):
        day = spec.first + timedelta(days=each)
        rates = (
            data.rules.charge_rates(listing, product, day),
            data.rules.brokerage(spec.plan, listing, product, day),
        )
        if rates != last:
            found[day if found else None] = last = rates
    return found
