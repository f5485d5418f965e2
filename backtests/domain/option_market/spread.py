"""The rules of the day, with the model's spread on contracts that the model prices."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from backtests.domain.engine.data import Listing, Rules, SettlementDay, SquareOff
from trading.brokers.domain.terms import Product
from trading.instruments.domain.bands import BandTerms
from trading.orders.domain.slippage import SlippageModel
from trading.orders.domain.terms import MatchingTerms
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates
from trading.portfolio.domain.holding_costs import DepositoryFee
from trading.portfolio.domain.margin import MarginTerms
from trading.portfolio.domain.span import SpanParameters

from .pricing import Pricing


class SpreadRules:
    """`Rules` around others. A modelled contract's book is a tick wide, so what its spread costs is slippage by
    ticks; where the venue has slippage of its own, or the run, that stands instead."""

    def __init__(self, rules: Rules, pricing: Pricing) -> None:
        self._rules, self._pricing = rules, pricing

    def matching(self, listing: Listing, day: date) -> MatchingTerms:
        """As the venue has it, and half the spread beyond."""
        terms = self._rules.matching(listing, day)
        if terms.slippage_model is not SlippageModel.NONE or listing.contract.right is None:
            return terms
        ticks = self._pricing.spread_ticks(listing, day)
        if not ticks:
            return terms
        return replace(terms, slippage_model=SlippageModel.TICKS, slippage_value=Decimal(ticks))

    def band(self, listing: Listing, day: date) -> BandTerms:
        return self._rules.band(listing, day)

    def charge_rates(self, listing: Listing, product: Product, day: date) -> ChargeRates:
        return self._rules.charge_rates(listing, product, day)

    def brokerage(self, plan: str, listing: Listing, product: Product, day: date) -> BrokerageRates:
        return self._rules.brokerage(plan, listing, product, day)

    def margin(self, listing: Listing, product: Product, day: date) -> MarginTerms:
        return self._rules.margin(listing, product, day)

    def span(self, underlying: str, day: date) -> SpanParameters:
        return self._rules.span(underlying, day)

    def square_off(self, listing: Listing, day: date) -> SquareOff | None:
        return self._rules.square_off(listing, day)

    def settlement(self, day: date) -> SettlementDay:
        return self._rules.settlement(day)

    def depository_fee(self, plan: str, day: date) -> DepositoryFee | None:
        return self._rules.depository_fee(plan, day)

    def financing_rate(self, plan: str, day: date) -> Decimal:
        return self._rules.financing_rate(plan, day)

    def protection_percent(self) -> Decimal:
        return self._rules.protection_percent()
