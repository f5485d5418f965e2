"""The rates in force on a day, and what a trade costs and blocks under them.

The tables are small and change rarely, so each process keeps a copy for half a minute.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from django.conf import settings

from core.errors import InvalidInput
from core.money import to_paise
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates, Charges, charges
from trading.portfolio.domain.margin import MarginRates, MarginTerms
from trading.portfolio.domain.position import split_quantity
from trading.portfolio.domain.trade import Segment, Trade, segment_of
from trading.portfolio.models import BrokerageRate, ChargeRate, MarginRate
from trading.portfolio.selectors.span import equity_margin_rate

_KEEP_SECONDS = 30.0

Rates = TypeVar("Rates", ChargeRates, BrokerageRates, MarginRates)
Table = dict[tuple[str, ...], list[tuple[date, Rates]]]


@dataclass
class _Tables:
    """This process's copy: per key, the rows by descending start date."""

    read_at: float = float("-inf")
    charges: Table[ChargeRates] = field(default_factory=dict)
    brokerage: Table[BrokerageRates] = field(default_factory=dict)
    margin: Table[MarginRates] = field(default_factory=dict)


_tables = _Tables()


def rates_forget() -> None:
    """Drop this process's copy, so that the next question reads the tables again."""
    _tables.read_at = float("-inf")


def charges_for(
    *,
    instrument: Instrument,
    product: Product,
    side: Side,
    quantity: int,
    price: Decimal,
    day: date,
    order_turnover: Decimal = Decimal(0),
    plan: str | None = None,
) -> Charges:
    """Exact charges (rupees) of a trade on a day; see `domain.charges` for how they are rounded when posted."""
    segment = _segment(instrument, product)
    rates = _in_force(_fresh().charges, (instrument.exchange, segment.taxed_as), day)
    brokerage = _in_force(_tables.brokerage, (plan or settings.PAPER_BROKERAGE_PLAN, segment), day)
    trade = Trade(segment, instrument.exchange, side, quantity, price, order_turnover)
    return charges(trade, rates, brokerage)


def charge_rates(exchange: str, segment: Segment, day: date) -> ChargeRates:
    """The levies in force on a day; raises InvalidInput (`rates_unknown`) where none are known."""
    return _in_force(_fresh().charges, (exchange, segment.taxed_as), day)


def brokerage_rates(plan: str, segment: Segment, day: date) -> BrokerageRates:
    """A plan's fee in force on a day; raises InvalidInput (`rates_unknown`) where none is known."""
    _fresh()
    return _in_force(_tables.brokerage, (plan, segment), day)


def brokerage_plans() -> list[str]:
    """The plans that an account may be on, by name."""
    _fresh()
    return sorted({plan for plan, _ in _tables.brokerage})


def margin_terms(*, instrument: Instrument, product: Product, day: date) -> MarginTerms:
    """What fixes the margin of opening a position in this instrument on a day: its segment's rates, or the share's
    own where they are higher."""
    segment = _segment(instrument, product)
    rates = _in_force(_fresh().margin, (segment,), day)
    own = None if instrument.underlying else equity_margin_rate(instrument.id, product, day)
    if own is not None:
        rates = MarginRates(long_rate=max(rates.long_rate, own), short_rate=max(rates.short_rate, own))
    return MarginTerms(segment=segment, rates=rates)


@dataclass(frozen=True, slots=True)
class OrderCost:
    """What an order would take from available funds if it filled in full at its price."""

    margin_paise: int
    charges: Charges

    @property
    def charges_paise(self) -> int:
        return to_paise(self.charges.total)

    @property
    def hold_paise(self) -> int:
        """What to hold for the order: margin or full cost of what it opens, and its charges."""
        return self.margin_paise + self.charges_paise


def order_cost(
    *,
    instrument: Instrument,
    product: Product,
    side: Side,
    quantity: int,
    price: Decimal,
    day: date,
    position_quantity: int = 0,
    exiting_quantity: int = 0,
    plan: str | None = None,
) -> OrderCost:
    """Margin and charges of an order at `price` rupees.

    Only what goes beyond closing the position needs margin. `exiting_quantity` is what other live orders close
    already, so that two exits of the same shares are not both free.
    """
    held = max(0, abs(position_quantity) - exiting_quantity) * (1 if position_quantity > 0 else -1)
    _, opened = split_quantity(held, side, quantity)
    trade_charges = charges_for(
        instrument=instrument, product=product, side=side, quantity=quantity, price=price, day=day, plan=plan
    ).rounded()
    terms = margin_terms(instrument=instrument, product=product, day=day)
    return OrderCost(margin_paise=terms.cost_paise(product, side, opened, price), charges=trade_charges)


def _segment(instrument: Instrument, product: Product) -> Segment:
    try:
        return segment_of(instrument.instrument_type, product)
    except ValueError as error:
        raise InvalidInput(
            f"{instrument.key} cannot be traded as {product}.",
            code="product_not_allowed",
            errors={"product": ["Not for this instrument."]},
        ) from error


def _fresh() -> _Tables:
    if time.monotonic() - _tables.read_at > _KEEP_SECONDS:
        _tables.charges = _by_key(
            ((row.exchange, row.segment), row.valid_from, row.domain) for row in ChargeRate.objects.all()
        )
        _tables.brokerage = _by_key(
            ((row.plan, row.segment), row.valid_from, row.domain) for row in BrokerageRate.objects.all()
        )
        _tables.margin = _by_key(((row.segment,), row.valid_from, row.domain) for row in MarginRate.objects.all())
        _tables.read_at = time.monotonic()
    return _tables


def _by_key(rows: Iterable[tuple[tuple[str, ...], date, Rates]]) -> Table[Rates]:
    table: Table[Rates] = {}
    for key, valid_from, rates in sorted(rows, key=lambda row: row[1], reverse=True):
        table.setdefault(key, []).append((valid_from, rates))
    return table


def _in_force(table: Table[Rates], key: tuple[str, ...], day: date) -> Rates:
    for valid_from, rates in table.get(key, []):
        if valid_from <= day:
            return rates
    raise InvalidInput(f"No rates are known for {' '.join(key)} on {day}.", code="rates_unknown")
