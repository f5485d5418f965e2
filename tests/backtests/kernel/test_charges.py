"""Charges in integers against the arithmetic that posts real fills."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtests.domain.kernel.charges import charges_paise, rate_row
from core.money import to_paise
from trading.brokers.domain.terms import Side
from trading.marketdata.domain.bars import unscale_price
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates, charges
from trading.portfolio.domain.trade import Segment, Trade

from .market import PLAN, RATES

fractions = st.integers(0, 10**9).map(lambda parts: Decimal(parts).scaleb(-11))
rupees = st.integers(0, 100_000).map(lambda paise: Decimal(paise).scaleb(-2))
levies = st.builds(
    ChargeRates,
    stt_buy=fractions,
    stt_sell=fractions,
    exchange_rate=fractions,
    ipft_rate=fractions,
    gst_on_ipft=st.booleans(),
    sebi_rate=fractions,
    stamp_buy=fractions,
    stamp_sell=fractions,
    gst_rate=st.sampled_from(["0.18", "0.15", "0.1236", "0", "1"]).map(Decimal),
)
plans = st.builds(BrokerageRates, flat=rupees, rate=fractions, cap=st.none() | rupees, floor=rupees)


def _charges(turnover: int, buys: bool, rates: ChargeRates, plan: BrokerageRates) -> int:
    return charges_paise(turnover, buys, rate_row(rates, plan)[None, :], 0)


@settings(max_examples=500, deadline=None)
@given(
    price=st.integers(1, 10**9),
    quantity=st.integers(1, 10**7),
    side=st.sampled_from(Side),
    rates=levies,
    plan=plans,
)
def test_the_total_is_that_of_the_rounded_lines_to_the_paisa(price, quantity, side, rates, plan):
    trade = Trade(Segment.EQ_INTRADAY, "NSE", side, quantity, unscale_price(price))
    ours = _charges(price * quantity, side is Side.BUY, rates, plan)
    assert ours == to_paise(charges(trade, rates, plan).rounded().total)


def test_halves_of_a_paisa_are_rounded_up():
    """₹20 at 0.025 % is half a paisa of STT."""
    names = ("stt_buy", "exchange_rate", "ipft_rate", "sebi_rate", "stamp_buy", "stamp_sell")
    nothing = dict.fromkeys(names, Decimal(0))
    halves = ChargeRates(stt_sell=Decimal("0.00025"), gst_on_ipft=False, gst_rate=Decimal(0), **nothing)
    free = BrokerageRates(Decimal(0), Decimal(0), None)
    assert _charges(20 * 10_000, False, halves, free) == 1
    assert _charges(19 * 10_000, False, halves, free) == 0
    assert _charges(20 * 10_000, True, halves, free) == 0


def test_a_sale_by_hand():
    """100 at ₹500: brokerage 15.00, STT 12.50, exchange 1.535, SEBI 0.05, GST 18 % of 16.585, each to the paisa."""
    assert _charges(50_000 * 10_000, False, RATES, PLAN) == 1500 + 1250 + 154 + 5 + 299


def test_a_purchase_by_hand_at_the_brokerage_cap():
    """1,000 at ₹500: 20.00, exchange 15.35, SEBI 0.50, stamp duty 15.00, GST 18 % of 35.85 -> 6.45."""
    assert _charges(500_000 * 10_000, True, RATES, PLAN) == 2000 + 1535 + 50 + 1500 + 645


def test_rates_finer_than_the_tables_hold_are_refused():
    with pytest.raises(ValueError, match="finer"):
        rate_row(RATES, BrokerageRates(flat=Decimal("0.001"), rate=Decimal(0), cap=None))
    with pytest.raises(ValueError, match="finer"):
        rate_row(RATES, BrokerageRates(flat=Decimal(0), rate=Decimal("1E-12"), cap=None))
