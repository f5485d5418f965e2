"""Market data held in memory: for tests, benches, and whoever brings bars of his own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np

from core.clock import IST
from core.errors import NotFound
from trading.brokers.domain.terms import Product
from trading.instruments.domain.bands import BandTerms
from trading.instruments.domain.sessions import Phase, PhaseWindow
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.marketdata.domain.tick import Tick
from trading.orders.domain.terms import PLAIN, MatchingTerms
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates
from trading.portfolio.domain.holding_costs import DepositoryFee
from trading.portfolio.domain.margin import MarginRates, MarginTerms
from trading.portfolio.domain.span import SpanParameters
from trading.portfolio.domain.trade import segment_of
from trading.strategies.domain.market import Contract, Expiry

from .data import CorporateAction, Listing, Rules, SessionDay, SettlementDay, SquareOff

ZERO = Decimal(0)
NO_CHARGES = ChargeRates(ZERO, ZERO, ZERO, ZERO, False, ZERO, ZERO, ZERO, ZERO)
NO_BROKERAGE = BrokerageRates(ZERO, ZERO, None)
_PAYOUT = time(15, 30)
FIFTH = MarginRates(Decimal("0.2"), Decimal("0.2"))
INDEX_SPAN = SpanParameters(0.09, 0.04, 2.0, 0.35, 0.02, 0.0, 0.0, 0.02, False, 0.15, 0.065)


def plain_listing(
    symbol: str, *, instrument_type: str = "EQ", tick: str = "0.05", lot: int = 1, freeze: int | None = None
) -> Listing:
    """A share (or an index) on the exchange that its key names."""
    contract = Contract(symbol, Decimal(tick), lot, freeze, is_tradable=instrument_type != "INDEX")
    return Listing(contract, symbol.partition(":")[0], instrument_type)


def weekday_sessions(
    first: date, last: date, *, opens: time = time(9, 15), closes: time = time(15, 30)
) -> tuple[SessionDay, ...]:
    """Every Monday to Friday, continuously open between two times of the day in India."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple(
        SessionDay(day, (PhaseWindow(Phase.CONTINUOUS, _instant(day, opens), _instant(day, closes)),))
        for day in days
        if day.weekday() < 5
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatRules:
    """The same rules on all days and for all instruments. `square_off_at` is a time of the day in India. Shares
    arrive on the next weekday."""

    terms: MatchingTerms = PLAIN
    band_terms: BandTerms = BandTerms(None)  # noqa: RUF009
    charges: ChargeRates = NO_CHARGES
    brokerage_rates: BrokerageRates = NO_BROKERAGE
    margin_rates: MarginRates = FIFTH
    span_parameters: SpanParameters = INDEX_SPAN
    square_off_at: time | None = time(15, 20)
    square_off_fee: Decimal = ZERO
    protection: Decimal = Decimal(5)
    depository: DepositoryFee | None = None
    financing: Decimal = ZERO

    def matching(self, listing: Listing, day: date) -> MatchingTerms:
        return self.terms

    def band(self, listing: Listing, day: date) -> BandTerms:
        return self.band_terms

    def charge_rates(self, listing: Listing, product: Product, day: date) -> ChargeRates:
        return self.charges

    def brokerage(self, plan: str, listing: Listing, product: Product, day: date) -> BrokerageRates:
        return self.brokerage_rates

    def margin(self, listing: Listing, product: Product, day: date) -> MarginTerms:
        return MarginTerms(segment_of(listing.instrument_type, product), self.margin_rates)

    def span(self, underlying: str, day: date) -> SpanParameters:
        return self.span_parameters

    def square_off(self, listing: Listing, day: date) -> SquareOff | None:
        if self.square_off_at is None:
            return None
        return SquareOff(_instant(day, self.square_off_at), self.square_off_fee)

    def settlement(self, day: date) -> SettlementDay:
        days = {4: 3, 5: 2}.get(day.weekday(), 1)
        return SettlementDay(day + timedelta(days=days), _instant(day, _PAYOUT), days)

    def depository_fee(self, plan: str, day: date) -> DepositoryFee | None:
        return self.depository

    def financing_rate(self, plan: str, day: date) -> Decimal:
        return self.financing

    def protection_percent(self) -> Decimal:
        return self.protection


@dataclass(kw_only=True)
class MemoryMarket:
    """`bars_by` holds the bars of an instrument by (symbol, interval); the rest is optional."""

    listings: Mapping[str, Listing]
    bars_by: Mapping[tuple[str, Interval], BarSeries]
    days: Sequence[SessionDay]
    rules: Rules = field(default_factory=FlatRules)
    actions_by: Mapping[str, Sequence[CorporateAction]] = field(default_factory=dict)
    ticks_by: Mapping[tuple[str, date], Sequence[Tick]] = field(default_factory=dict)
    settlements: Mapping[tuple[str, date], Decimal] = field(default_factory=dict)
    remarks: Sequence[str] = ()

    def listing(self, symbol: str) -> Listing:
        found = self.listings.get(symbol)
        if found is None:
            raise NotFound(f"There is no instrument {symbol}.", code="unknown_symbol")
        return found

    def sessions(self, symbol: str, first: date, last: date) -> Sequence[SessionDay]:
        return [each for each in self.days if first <= each.day <= last]

    def bars(self, symbol: str, interval: Interval, since: int, until: int) -> BarSeries:
        series = self.bars_by.get((symbol, interval))
        if series is None:
            return BarSeries.empty()
        begin, end = np.searchsorted(series.start, (since, until))
        return series.part(int(begin), int(end))

    def ticks(self, symbol: str, day: date) -> Iterator[Tick] | None:
        found = self.ticks_by.get((symbol, day))
        return None if found is None else iter(found)

    def actions(self, symbol: str, first: date, last: date) -> Sequence[CorporateAction]:
        return [each for each in self.actions_by.get(symbol, ()) if first <= each.ex_date <= last]

    def options(self, underlying: str, on: date) -> Sequence[Expiry]:
        strikes: dict[date, set[Decimal]] = {}
        for each in self._contracts(underlying, on):
            if each.strike is not None and each.expiry is not None:
                strikes.setdefault(each.expiry, set()).add(each.strike)
        return [Expiry(underlying, expiry, tuple(sorted(strikes[expiry]))) for expiry in sorted(strikes)]

    def futures(self, underlying: str, on: date) -> Sequence[Contract]:
        found = [each for each in self._contracts(underlying, on) if each.right is None]
        return sorted(found, key=lambda each: each.expiry or date.max)

    def option(self, underlying: str, expiry: date, strike: Decimal, right: str) -> Contract | None:
        wanted = (expiry, strike, right)
        found = (each.contract for each in self.listings.values() if each.contract.underlying == underlying)
        return next((each for each in found if (each.expiry, each.strike, each.right) == wanted), None)

    def settlement_price(self, symbol: str, day: date) -> Decimal | None:
        return self.settlements.get((symbol, day))

    def notes(self, symbols: Sequence[str]) -> Sequence[str]:
        return self.remarks

    def _contracts(self, underlying: str, on: date) -> list[Contract]:
        found = (each.contract for each in self.listings.values() if each.contract.underlying == underlying)
        return [each for each in found if each.expiry is not None and each.expiry >= on]


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, IST).astimezone(UTC)
