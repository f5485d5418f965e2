"""The port between the engine and whatever knows the past: a database, or memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from trading.brokers.domain.terms import Product
from trading.instruments.domain.bands import BandTerms
from trading.instruments.domain.sessions import PhaseWindow
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.marketdata.domain.tick import Tick
from trading.orders.domain.terms import MatchingTerms
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates
from trading.portfolio.domain.holding_costs import DepositoryFee
from trading.portfolio.domain.margin import MarginTerms
from trading.portfolio.domain.position_events import PositionEventKind
from trading.portfolio.domain.span import SpanParameters
from trading.strategies.domain.market import Contract, Expiry


@dataclass(frozen=True, slots=True)
class Listing:
    """An instrument as the engine needs it. `instrument_type` is EQ, ETF, INDEX, FUT, CE or PE; `underlying` the
    key of the instrument that a contract is settled against (empty for cash instruments), which
    `contract.underlying` names by its symbol. Listings of one `isin` (empty where it is not known) are one share to
    the depository."""

    contract: Contract
    exchange: str
    instrument_type: str
    underlying: str = ""
    has_derivatives: bool = False
    isin: str = ""

    @property
    def symbol(self) -> str:
        return self.contract.symbol


@dataclass(frozen=True, slots=True)
class SessionDay:
    """The phases of one trading day in order, as half-open instants; orders match in CONTINUOUS."""

    day: date
    windows: tuple[PhaseWindow, ...]


@dataclass(frozen=True, slots=True)
class SquareOff:
    """When INTRADAY positions are closed on a day, and what each closing order then costs (rupees, without GST)."""

    at: datetime
    fee: Decimal


@dataclass(frozen=True, slots=True)
class SettlementDay:
    """How a trading day is settled: shares that trade on it arrive on `arrives_on`, those that are due on it have
    arrived from `payout` on; what is lent over it costs interest for `days` calendar days, to the next one."""

    arrives_on: date
    payout: datetime
    days: int


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """What a company does to its shares before the session of `ex_date`.

    `kind` is SPLIT or BONUS with `ratio` (units after for one before), or DIVIDEND with `amount` rupees a share.
    """

    kind: PositionEventKind
    ex_date: date
    ratio: Fraction | None = None
    amount: Decimal | None = None


class Rules(Protocol):
    """The dated tables that an account is subject to. Each raises InvalidInput, `rates_unknown`, where a table does
    not reach back to the day; the engine then stops the run and says so."""

    def matching(self, listing: Listing, day: date) -> MatchingTerms:
        """How the instrument's market treats orders."""
        ...

    def band(self, listing: Listing, day: date) -> BandTerms:
        """How far it may move in a day."""
        ...

    def charge_rates(self, listing: Listing, product: Product, day: date) -> ChargeRates: ...

    def brokerage(self, plan: str, listing: Listing, product: Product, day: date) -> BrokerageRates: ...

    def margin(self, listing: Listing, product: Product, day: date) -> MarginTerms: ...

    def span(self, underlying: str, day: date) -> SpanParameters:
        """Scenario parameters of an underlying's futures and options."""
        ...

    def square_off(self, listing: Listing, day: date) -> SquareOff | None:
        """None where nobody closes intraday positions."""
        ...

    def settlement(self, day: date) -> SettlementDay:
        """When a trading day's shares arrive."""
        ...

    def depository_fee(self, plan: str, day: date) -> DepositoryFee | None:
        """None where the plan charges nothing for shares that leave."""
        ...

    def financing_rate(self, plan: str, day: date) -> Decimal:
        """Interest on what MTF positions borrow, as a fraction a calendar day."""
        ...

    def protection_percent(self) -> Decimal:
        """How far from the last price (per cent) a MARKET order may fill."""
        ...


class MarketData(Protocol):
    """The past, as traded: prices are never adjusted for what a company did later.

    Times are Unix seconds. What is asked for may reach back before the span, for warm-up. Every method answers the
    same for the same question: a run may ask twice.
    """

    @property
    def rules(self) -> Rules: ...

    def listing(self, symbol: str) -> Listing:
        """Raises NotFound, `unknown_symbol`."""
        ...

    def sessions(self, symbol: str, first: date, last: date) -> Sequence[SessionDay]:
        """The trading days from `first` to `last`, ascending. Raises CalendarUnknown."""
        ...

    def bars(self, symbol: str, interval: Interval, since: int, until: int) -> BarSeries:
        """Bars that start in [since, until), unadjusted."""
        ...

    def ticks(self, symbol: str, day: date) -> Iterator[Tick] | None:
        """The recorded ticks of a day in order; None where there are only bars, which are then replayed."""
        ...

    def actions(self, symbol: str, first: date, last: date) -> Sequence[CorporateAction]:
        """With an ex-date in the span, ascending."""
        ...

    def options(self, underlying: str, on: date) -> Sequence[Expiry]:
        """Option expiries of an underlying that were listed on a day, ascending."""
        ...

    def futures(self, underlying: str, on: date) -> Sequence[Contract]: ...

    def option(self, underlying: str, expiry: date, strike: Decimal, right: str) -> Contract | None: ...

    def settlement_price(self, symbol: str, day: date) -> Decimal | None:
        """The price (rupees) that an instrument's day is settled at: contracts on it that expire, or the future
        itself; None: unknown."""
        ...

    def notes(self, symbols: Sequence[str]) -> Sequence[str]:
        """What a reader of the result should know of these data: survivorship, models in place of prices."""
        ...
