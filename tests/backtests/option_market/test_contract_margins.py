"""What a run's contracts set aside: what the house's book says of the same positions, and hedges count."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest

from backtests.domain.engine import FlatRules, MemoryMarket, plain_listing, weekday_sessions
from backtests.domain.engine.contract_margins import ContractMargins, ContractOrder, ListedContract
from backtests.domain.option_market import OptionMarket, OptionModel, VolatilityBy, with_options
from core.clock import IST
from trading.brokers.domain.terms import Product, Side
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.marketdata.domain.quote import Quote
from trading.portfolio.domain.position import PositionState
from trading.portfolio.domain.span import Underlying, requirement, risk_arrays
from trading.portfolio.domain.span.book import risk_contract

INDEX = "NSE:NIFTY"
EXPIRY = date(2022, 1, 6)
NOW = datetime(2022, 1, 3, 10, 0, tzinfo=IST)
SELL, BUY = Side.SELL, Side.BUY


class Desk:
    """An account without a ledger: positions that the test opens, prices of the model."""

    def __init__(self, *, has_spot: bool = True) -> None:
        start = int(NOW.replace(hour=9, minute=15).timestamp())
        rows = [(start + 60 * place, *[175_000_000] * 4, 0, 0) for place in range(60)]
        data = MemoryMarket(
            listings={INDEX: plain_listing(INDEX, instrument_type="INDEX")},
            bars_by={(INDEX, Interval.M1): BarSeries.from_columns(np.array(rows))},
            days=weekday_sessions(date(2022, 1, 3), date(2022, 1, 28)),
        )
        self.market: OptionMarket = with_options(data, OptionModel(by=VolatilityBy.CONSTANT, volatility=0.16))
        self.has_spot = has_spot
        self.states: dict[tuple[str, Product, str], PositionState] = {}
        self.margins = ContractMargins(self.market, self.quote, lambda: list(self.states.items()))

    def symbol(self, strike: int, right: str) -> str:
        found = self.market.option("NIFTY", EXPIRY, Decimal(strike), right)
        assert found is not None
        return found.symbol

    def quote(self, symbol: str) -> Quote | None:
        if symbol == INDEX and not self.has_spot:
            return None
        until = int(NOW.timestamp())
        bars = self.market.bars(symbol, Interval.M1, until - 60, until)
        if symbol.endswith("FUT") or not len(bars):
            return None
        price = Decimal(int(bars.close[-1])) / 10_000
        return Quote(
            key=symbol, ltp=price, open=price, high=price, low=price, close=price,
            timestamp=NOW, received_at=NOW, source="test",
        )  # fmt: skip

    def open(self, symbol: str, units: int) -> None:
        quote = self.quote(symbol)
        assert quote is not None
        value = int(quote.ltp * 100 * abs(units))
        self.states[symbol, Product.NORMAL, "s"] = PositionState(quantity=units, open_value_paise=value)

    def need(self, symbol: str, side: Side, units: int = 50) -> tuple[int, str]:
        quote = self.quote(symbol)
        assert quote is not None
        order = ContractOrder(self.market.listing(symbol), Product.NORMAL, "s", side, units, quote.ltp)
        return self.margins.need_paise(order, NOW)

    def block(self) -> int:
        self.margins.reblock(self.market.listing(self.symbol(17_500, "CE")), NOW)
        return self.margins.blocked["NIFTY"]


def test_a_bought_option_needs_its_premium_and_blocks_nothing() -> None:
    desk = Desk()
    call = desk.symbol(17_500, "CE")
    quote = desk.quote(call)
    assert quote is not None
    assert desk.need(call, BUY) == (int(quote.ltp * 5_000), "")
    desk.open(call, 50)
    assert desk.block() == 0


def test_a_sold_option_needs_what_it_blocks() -> None:
    desk = Desk()
    call = desk.symbol(17_500, "CE")
    need, refusal = desk.need(call, SELL)
    desk.open(call, -50)
    assert refusal == ""
    assert need == pytest.approx(desk.block(), abs=200)
    assert 0.06 < need / (17_500 * 50 * 100) < 0.16, "some eleven per cent of the notional"


def test_the_block_is_what_the_house_requires_of_the_same_contracts() -> None:
    desk = Desk()
    units: Sequence[tuple[str, int]] = [
        (desk.symbol(17_700, "CE"), -50),
        (desk.symbol(17_900, "CE"), 50),
        (desk.symbol(17_300, "PE"), -50),
    ]
    for symbol, quantity in units:
        desk.open(symbol, quantity)
    withheld = sum(state.open_value_paise for state in desk.states.values() if state.quantity < 0)
    contracts = []
    for symbol, _ in units:
        quote = desk.quote(symbol)
        assert quote is not None
        contracts.append(risk_contract(ListedContract(desk.market.listing(symbol)), quote.ltp, NOW))
    arrays = risk_arrays(contracts, Underlying(17_500.0), FlatRules().span("NIFTY", NOW.date()), today=NOW.date())
    expected = requirement(arrays, np.array([float(quantity) for _, quantity in units]), withheld_paise=withheld)
    assert desk.block() == expected.total_paise


def test_wings_make_a_condor_cheaper_than_the_strangle_inside_it() -> None:
    naked, hedged = Desk(), Desk()
    for desk in (naked, hedged):
        desk.open(desk.symbol(17_700, "CE"), -50)
        desk.open(desk.symbol(17_300, "PE"), -50)
    hedged.open(hedged.symbol(17_900, "CE"), 50)
    hedged.open(hedged.symbol(17_100, "PE"), 50)
    assert hedged.block() < naked.block() * 0.5
    assert hedged.block() > 200 * 50 * 100 * 0.5, "what the spread can lose is near the width"


def test_a_sale_over_a_bought_wing_needs_little_more() -> None:
    desk = Desk()
    alone, _ = desk.need(desk.symbol(17_700, "CE"), SELL)
    desk.open(desk.symbol(17_900, "CE"), 50)
    with_wing, _ = desk.need(desk.symbol(17_700, "CE"), SELL)
    assert with_wing < alone * 0.5


def test_buying_back_frees_the_block() -> None:
    desk = Desk()
    call = desk.symbol(17_500, "CE")
    desk.open(call, -50)
    blocked = desk.block()
    assert desk.need(call, BUY) == (0, "")
    desk.states.clear()
    assert desk.margins.reblock(desk.market.listing(call), NOW) == -blocked
    assert desk.margins.blocked["NIFTY"] == 0


def test_without_a_price_of_the_underlying_only_what_is_safe_is_taken() -> None:
    desk = Desk(has_spot=False)
    call, put = desk.symbol(17_500, "CE"), desk.symbol(17_500, "PE")
    assert desk.need(call, SELL) == (0, "no_underlying_price")
    assert desk.need(call, BUY)[1] == ""
    desk.open(call, 50)
    assert desk.need(call, SELL) == (0, "")
    desk.open(put, -50)
    assert desk.need(call, SELL) == (0, "no_underlying_price"), "it may be the hedge of another"
    assert desk.margins.reblock(desk.market.listing(call), NOW) == 0
