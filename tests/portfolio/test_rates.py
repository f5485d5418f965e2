"""The seeded rates by date, and what an order costs under them."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import InvalidInput
from tests.factories import make_instrument
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.portfolio.domain.charges import Charges
from trading.portfolio.models import ChargeRate, MarginRate
from trading.portfolio.selectors import charges_for, margin_terms, order_cost, rates_forget

TODAY = date(2026, 11, 16)


@pytest.fixture
def share(db):
    return make_instrument("NSE:RELIANCE")


@pytest.fixture
def option(db):
    return make_instrument("NFO:NIFTY26NOV24000CE", expiry=date(2026, 11, 24), lot_size=75)


@pytest.fixture(autouse=True)
def _forgotten_rates():
    rates_forget()
    yield
    rates_forget()


def sale(instrument: Instrument, product: Product, day: date) -> Charges:
    return charges_for(
        instrument=instrument, product=product, side=Side.SELL, quantity=75, price=Decimal(200), day=day
    )


@pytest.mark.parametrize(
    ("day", "stt"),
    [
        (date(2016, 8, 22), "7.5"),
        (date(2024, 9, 30), "9.375"),
        (date(2024, 10, 1), "15"),
        (date(2026, 3, 31), "15"),
        (date(2026, 4, 1), "22.5"),
    ],
)
def test_the_tax_on_a_written_option_follows_its_date(option, day, stt):
    assert sale(option, Product.NORMAL, day).stt == Decimal(stt)


def test_equity_rates_of_2024_still_hold_where_2026_changed_nothing(share):
    found = sale(share, Product.DELIVERY, TODAY)
    assert (found.stt, found.brokerage) == (Decimal(15), 0)
    assert found.exchange == Decimal(15000) * Decimal("0.0000307")


def test_a_later_row_takes_over_from_its_day(share):
    old = ChargeRate.objects.get(exchange="NSE", segment="EQ_DELIVERY", valid_from=date(2024, 10, 1))
    old.pk, old.valid_from, old.stt_sell = None, TODAY, Decimal("0.002")
    old.save()
    assert sale(share, Product.DELIVERY, TODAY).stt == Decimal(30)
    assert sale(share, Product.DELIVERY, date(2026, 11, 15)).stt == Decimal(15)


def test_no_rate_is_a_refusal_not_a_free_trade(share):
    with pytest.raises(InvalidInput) as refused:
        sale(share, Product.DELIVERY, date(2009, 12, 31))
    assert refused.value.code == "rates_unknown"
    MarginRate.objects.all().delete()
    rates_forget()
    with pytest.raises(InvalidInput):
        margin_terms(instrument=share, product=Product.INTRADAY, day=TODAY)


def test_an_index_or_a_delivered_option_cannot_be_costed(option):
    index = make_instrument("NSE:NIFTY", instrument_type="INDEX")
    for instrument, product in ((index, Product.INTRADAY), (option, Product.DELIVERY)):
        with pytest.raises(InvalidInput) as refused:
            sale(instrument, product, TODAY)
        assert refused.value.code == "product_not_allowed"


@pytest.mark.parametrize(
    ("side", "quantity", "held", "exiting", "margin"),
    [
        (Side.BUY, 10, 0, 0, 3000_00),
        (Side.SELL, 10, 10, 0, 0),
        (Side.SELL, 15, 10, 0, 1500_00),
        (Side.SELL, 10, 10, 10, 3000_00),
        (Side.BUY, 10, -4, 0, 1800_00),
    ],
)
def test_only_what_goes_beyond_closing_needs_margin(share, side, quantity, held, exiting, margin):
    cost = order_cost(
        instrument=share,
        product=Product.INTRADAY,
        side=side,
        quantity=quantity,
        price=Decimal(1500),
        day=TODAY,
        position_quantity=held,
        exiting_quantity=exiting,
    )
    assert cost.margin_paise == margin
    assert cost.hold_paise == margin + cost.charges_paise
    assert cost.charges_paise > 0


def test_delivery_is_held_in_full_and_a_contract_is_left_to_its_portfolio(share, option):
    facts = {"side": Side.BUY, "price": Decimal(200), "day": TODAY}
    bought = order_cost(instrument=share, product=Product.DELIVERY, quantity=10, **facts)
    assert bought.margin_paise == 2000_00
    premium = order_cost(instrument=option, product=Product.NORMAL, quantity=75, **facts)
    assert premium.margin_paise == 0
