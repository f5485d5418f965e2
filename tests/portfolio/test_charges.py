"""Charges against worked examples that brokers publish, digit by digit."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.brokers.domain.terms import Product, Side
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates, Charges, charges
from trading.portfolio.domain.contract_note import NoteEntry, contract_note
from trading.portfolio.domain.trade import Segment, Trade, segment_of

NONE = BrokerageRates(flat=Decimal(0), rate=Decimal(0), cap=None)
FLAT_20 = BrokerageRates(flat=Decimal(20), rate=Decimal(0), cap=None)
INTRADAY = BrokerageRates(flat=Decimal(0), rate=Decimal("0.0003"), cap=Decimal(20))

# Equity delivery as of 2023, before the single-slab rule of October 2024: GST was not due on the IPFT levy.
DELIVERY_2023 = ChargeRates(
    stt_buy=Decimal("0.001"),
    stt_sell=Decimal("0.001"),
    exchange_rate=Decimal("0.0000325"),
    ipft_rate=Decimal("0.000001"),
    gst_on_ipft=False,
    sebi_rate=Decimal("0.000001"),
    stamp_buy=Decimal(0),
    stamp_sell=Decimal(0),
    gst_rate=Decimal("0.18"),
)
OPTIONS_2023 = replace(
    DELIVERY_2023,
    stt_buy=Decimal(0),
    stt_sell=Decimal("0.000625"),
    exchange_rate=Decimal("0.0005"),
    ipft_rate=Decimal("0.000005"),
)
OPTIONS_2025 = replace(
    OPTIONS_2023,
    stt_sell=Decimal("0.001"),
    exchange_rate=Decimal("0.0003503"),
    gst_on_ipft=True,
    stamp_buy=Decimal("0.00003"),
)


def test_delivery_buy_of_the_published_contract_note():
    """kiteconnect-mocks/virtual_contract_note.json, first item (it leaves stamp duty out)."""
    trade = Trade(Segment.EQ_DELIVERY, "NSE", Side.BUY, 1, Decimal(560))
    found = charges(trade, DELIVERY_2023, NONE)
    assert (found.stt, found.exchange, found.sebi) == (Decimal("0.56"), Decimal("0.01876"), Decimal("0.00056"))
    assert found.gst == Decimal("0.0033768")
    assert found.total == Decimal("0.5826968")


def test_option_buy_of_the_published_contract_note():
    """kiteconnect-mocks/virtual_contract_note.json, third item."""
    trade = Trade(Segment.OPT, "NSE", Side.BUY, 100, Decimal("1.5"))
    found = charges(trade, OPTIONS_2023, FLAT_20)
    assert (found.exchange, found.sebi, found.gst) == (Decimal("0.07575"), Decimal("0.00015"), Decimal("3.613527"))
    assert found.total == Decimal("23.689427")


def test_option_sell_of_the_published_basket():
    """kiteconnect-mocks/basket_margins.json, first order: premium turnover of 2673.75."""
    trade = Trade(Segment.OPT, "NSE", Side.SELL, 75, Decimal("35.65"))
    found = charges(trade, replace(OPTIONS_2023, ipft_rate=Decimal(0)), FLAT_20)
    assert (found.stt, found.exchange, found.sebi) == (
        Decimal("1.67109375"),
        Decimal("1.336875"),
        Decimal("0.00267375"),
    )
    assert found.gst == Decimal("3.841118775")
    assert found.total == Decimal("26.851761275")


def test_delivery_buy_of_the_published_order_margins():
    """kiteconnect-mocks/order_margins.json; its stamp duty is cut to two places, ours is exact until rounded."""
    trade = Trade(Segment.EQ_DELIVERY, "NSE", Side.BUY, 1, Decimal(1498))
    rates = replace(
        DELIVERY_2023, exchange_rate=Decimal("0.0000345"), ipft_rate=Decimal(0), stamp_buy=Decimal("0.00015")
    )
    found = charges(trade, rates, BrokerageRates(flat=Decimal("0.01"), rate=Decimal(0), cap=None))
    assert (found.stt, found.exchange, found.sebi) == (Decimal("1.498"), Decimal("0.051681"), Decimal("0.001498"))
    assert found.gst == Decimal("0.01137222")
    assert found.total - found.stamp + Decimal("0.22") == Decimal("1.79255122")


def test_commodity_future_of_the_published_contract_note():
    """kiteconnect-mocks/virtual_contract_note.json, second item: 0.03 % brokerage, CTT where shares pay STT."""
    rates = replace(
        DELIVERY_2023,
        stt_buy=Decimal(0),
        stt_sell=Decimal("0.0001"),
        exchange_rate=Decimal("0.000026"),
        ipft_rate=Decimal(0),
    )
    found = charges(Trade(Segment.FUT, "MCX", Side.SELL, 1, Decimal(5862)), rates, INTRADAY)
    assert (found.brokerage, found.stt, found.exchange) == (
        Decimal("1.7586"),
        Decimal("0.5862"),
        Decimal("0.152412"),
    )
    assert found.gst == Decimal("0.34503732")
    assert found.total == Decimal("2.84811132")


@pytest.mark.parametrize("turnover", ["174861", "174870", "174895"])
def test_delivery_buy_of_the_published_brokerage_details(turnover):
    """Upstox's get-brokerage sample, whose turnover is not told: any of these fits its lines.

    It is rounded as a contract note: STT of 175 whole rupees. It lists IPFT apart from the transaction charge, each
    rounded for itself, where ours rounds their sum; its GST is due on the transaction charge alone, as it once was.
    """
    rates = replace(DELIVERY_2023, stamp_buy=Decimal("0.00015"))
    trade = Trade(Segment.EQ_DELIVERY, "NSE", Side.BUY, 1, Decimal(turnover))
    note = contract_note([NoteEntry("NSE:X", charges(trade, rates, NONE))])
    transaction = round(rates.exchange_rate * trade.turnover, 2)
    ipft = round(rates.ipft_rate * trade.turnover, 2)
    gst = round(transaction * rates.gst_rate, 2)
    assert (transaction, ipft, gst) == (Decimal("5.68"), Decimal("0.17"), Decimal("1.02"))
    assert (note.stt, note.stamp, note.sebi) == (Decimal(175), Decimal("26.23"), Decimal("0.17"))
    assert note.stt + transaction + ipft + note.sebi + note.stamp + gst == Decimal("208.27")
    assert note.exchange - transaction - ipft == Decimal("0.01")


def test_a_contract_note_rounds_stt_by_scrip_and_the_rest_once():
    small = Charges(stt=Decimal("0.30"), exchange=Decimal("0.004"), gst=Decimal("0.004"))
    entries = [NoteEntry("NSE:A", small), NoteEntry("NSE:A", small), NoteEntry("NSE:B", small)]
    note = contract_note(entries)
    # 0.60 of A is a rupee, 0.30 of B nothing; three times 0.004 is 0.012.
    assert (note.stt, note.exchange, note.gst) == (Decimal(1), Decimal("0.01"), Decimal("0.01"))
    assert contract_note([]).total == 0


@given(st.lists(st.decimals(min_value="0", max_value="5000", places=4), max_size=20))
def test_a_contract_note_is_never_further_off_than_its_rounding(taxes):
    entries = [NoteEntry(f"NSE:{number % 3}", Charges(stt=tax)) for number, tax in enumerate(taxes)]
    assert abs(contract_note(entries).stt - sum(taxes, Decimal(0))) <= Decimal("1.5")


def test_gst_is_due_on_the_ipft_levy_since_the_single_slab_rule():
    """A broker's output of July 2025 for a premium turnover of 11,658.75."""
    trade = Trade(Segment.OPT, "NSE", Side.BUY, 75, Decimal("155.45"))
    found = charges(trade, OPTIONS_2025, FLAT_20)
    assert found.exchange == Decimal("4.142353875")
    assert found.gst == Decimal("4.3477222725")


@pytest.mark.parametrize(("rate", "tax"), [("0.0002", 400), ("0.0005", 1000)])
def test_futures_tax_before_and_from_april_2026(rate, tax):
    """cleartax.in, securities transaction tax (2026): a sale of 20 lakh."""
    trade = Trade(Segment.FUT, "NSE", Side.SELL, 100, Decimal(20000))
    assert charges(trade, replace(OPTIONS_2025, stt_sell=Decimal(rate)), NONE).stt == tax


def test_a_least_fee_is_charged_once_an_order():
    broker = BrokerageRates(flat=Decimal(0), rate=Decimal("0.0001"), cap=Decimal(20), floor=Decimal(6))
    fees = [broker.for_order(Decimal(turnover)) for turnover in (1000, 100_000, 1_000_000)]
    assert fees == [Decimal(6), Decimal(10), Decimal(20)]


def test_intraday_brokerage_is_capped_per_order():
    assert INTRADAY.for_order(Decimal(10_000)) == Decimal(3)
    assert INTRADAY.for_order(Decimal(1_000_000)) == Decimal(20)
    assert FLAT_20.for_order(Decimal(0)) == 0


@given(st.lists(st.integers(min_value=1, max_value=500), min_size=1, max_size=8), st.booleans())
def test_an_order_pays_the_same_charges_in_one_fill_or_in_many(quantities, buys):
    side = Side.BUY if buys else Side.SELL
    price = Decimal("1515.20")
    whole = charges(Trade(Segment.EQ_INTRADAY, "NSE", side, sum(quantities), price), DELIVERY_2023, INTRADAY)
    done, parts = 0, Decimal(0)
    for quantity in quantities:
        trade = Trade(Segment.EQ_INTRADAY, "NSE", side, quantity, price, order_turnover=done * price)
        parts += charges(trade, DELIVERY_2023, INTRADAY).total
        done += quantity
    assert parts == whole.total


@given(st.integers(min_value=1, max_value=10**7), st.decimals(min_value="0.05", max_value="99999", places=2))
def test_rounded_lines_add_up_to_the_rounded_total(quantity, price):
    found = charges(Trade(Segment.OPT, "NSE", Side.SELL, quantity, price), OPTIONS_2025, FLAT_20).rounded()
    assert found.total == sum(amount for _, amount in found.lines())
    assert all(amount == amount.quantize(Decimal("0.01")) for _, amount in found.lines())


@pytest.mark.parametrize(
    ("instrument_type", "product"),
    [("INDEX", Product.INTRADAY), ("EQ", Product.NORMAL), ("CE", Product.DELIVERY), ("ETF", Product.MTF)],
)
def test_what_cannot_be_traded_so_has_no_segment(instrument_type, product):
    with pytest.raises(ValueError, match="cannot be traded"):
        segment_of(instrument_type, product)
