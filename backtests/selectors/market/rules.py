"""The dated tables that the paper exchange charges, margins and matches by, as the engine asks for them."""

from datetime import date
from decimal import Decimal

from django.conf import settings

from backtests.domain.engine.data import Listing, SettlementDay, SquareOff
from core.errors import InvalidInput, NotFound
from trading.brokers.domain.terms import Product
from trading.instruments.domain.bands import BandTerms
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.selectors import instrument_get, segment_for
from trading.instruments.selectors.bands import band_terms
from trading.orders.domain.terms import MatchingTerms
from trading.orders.paper.venue import matching_terms
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates
from trading.portfolio.domain.holding_costs import DepositoryFee
from trading.portfolio.domain.margin import MarginTerms
from trading.portfolio.domain.span import SpanParameters
from trading.portfolio.domain.trade import Segment, segment_of
from trading.portfolio.selectors.dated import (
    depository_fee,
    financing_rate,
    payout_moment,
    session_days_to_next,
    session_square_off,
    settles_on,
)
from trading.portfolio.selectors.rates import brokerage_rates, charge_rates, margin_terms
from trading.portfolio.selectors.span import span_parameters

_DERIVATIVES_OF = {"NSE": "NFO", "BSE": "BFO"}


class DatabaseRules:
    """`Rules` of the engine over this installation's tables."""

    def matching(self, listing: Listing, day: date) -> MatchingTerms:
        """How paper orders in the instrument match on a day."""
        return matching_terms(_instrument(listing), day)

    def band(self, listing: Listing, day: date) -> BandTerms:
        """How far it may move on a day."""
        return band_terms(_instrument(listing), day)

    def charge_rates(self, listing: Listing, product: Product, day: date) -> ChargeRates:
        """The levies in force on a day. Raises InvalidInput, `rates_unknown` or `product_not_allowed`."""
        return charge_rates(listing.exchange, _segment(listing, product), day)

    def brokerage(self, plan: str, listing: Listing, product: Product, day: date) -> BrokerageRates:
        """A plan's fee in force on a day. Raises InvalidInput, `rates_unknown` or `product_not_allowed`."""
        return brokerage_rates(plan or settings.PAPER_BROKERAGE_PLAN, _segment(listing, product), day)

    def margin(self, listing: Listing, product: Product, day: date) -> MarginTerms:
        """What opening a position blocks. Raises InvalidInput, `rates_unknown` or `product_not_allowed`."""
        return margin_terms(instrument=_instrument(listing), product=product, day=day)

    def span(self, underlying: str, day: date) -> SpanParameters:
        """Scenario parameters of an underlying's contracts. Raises InvalidInput, `rates_unknown`."""
        exchange, _, symbol = underlying.rpartition(":")
        return span_parameters(
            exchange=_DERIVATIVES_OF.get(exchange, exchange or "NFO"), underlying=symbol, day=day
        )

    def square_off(self, listing: Listing, day: date) -> SquareOff | None:
        """When INTRADAY positions are closed on a day, by the exchange's session even where a simulated market
        never closes: the past has days."""
        times = session_square_off(segment_for(_instrument(listing)), day)
        return SquareOff(times.square_off_at, times.fee) if times is not None else None

    def settlement(self, day: date) -> SettlementDay:
        """When a trading day's shares arrive, by the dated cycle and the exchange's calendar."""
        return SettlementDay(settles_on(day), payout_moment(day), session_days_to_next(day))

    def depository_fee(self, plan: str, day: date) -> DepositoryFee | None:
        """What a plan charges for a share that leaves the demat account."""
        return depository_fee(plan or settings.PAPER_BROKERAGE_PLAN, day)

    def financing_rate(self, plan: str, day: date) -> Decimal:
        """A plan's interest on borrowed money a calendar day."""
        return financing_rate(plan or settings.PAPER_BROKERAGE_PLAN, day)

    def protection_percent(self) -> Decimal:
        """How far from the last price a MARKET order may fill."""
        return settings.MARKET_PROTECTION_PERCENT


def _instrument(listing: Listing) -> Instrument:
    """The master's row; of a contract of the past that it does not know, what the rows of its kind would hold."""
    try:
        return instrument_get(listing.symbol)
    except NotFound:
        contract = listing.contract
        return Instrument(
            key=listing.symbol,
            exchange=listing.exchange,
            symbol=listing.symbol.partition(":")[2],
            instrument_type=InstrumentType(listing.instrument_type),
            underlying=contract.underlying,
            expiry=contract.expiry,
            strike=contract.strike,
            lot_size=contract.lot_size,
            tick_size=contract.tick_size,
        )


def _segment(listing: Listing, product: Product) -> Segment:
    try:
        return segment_of(listing.instrument_type, product)
    except ValueError as error:
        raise InvalidInput(
            f"{listing.symbol} cannot be traded as {product}.",
            code="product_not_allowed",
            errors={"product": ["Not for this instrument."]},
        ) from error
