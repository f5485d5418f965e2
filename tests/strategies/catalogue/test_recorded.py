"""Every strategy of the house (options apart) over real bars: it trades, its orders pass, its costs add up."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backtests.domain.engine import BacktestSpec, Ending, MemoryMarket, StrategySpec, run
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.states import OrderStatus
from trading.strategies import registry
from trading.strategies.domain import Kind

from .markets import sided_strategies
from .recordings import days_of_2017, minutes_of_2016

pytestmark = [pytest.mark.recorded, pytest.mark.timeout(600)]

CAPITAL = 1_000_000
BANKS = ("NSE:AXISBANK", "NSE:ICICIBANK")
INTRADAY: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
    *((each.key, ("NSE:RELIANCE",), {}) for each in sided_strategies()),
    ("opening_range_breakout", ("NSE:SBIN",), {}),
    ("gap", ("NSE:TATASTEEL",), {"least": 0.3}),
    ("gap", ("NSE:TATASTEEL",), {"least": 0.3, "way": "follow"}),
    ("pairs", BANKS, {"level": "untested"}),
]
DAILY: list[tuple[str, int, dict[str, Any]]] = [
    *((each.key, 1, {"sides": "long"}) for each in sided_strategies() if Interval.D1 in each.intervals),
    ("buy_and_hold", 20, {}),
    ("sip", 5, {"amount": 20_000}),
    ("momentum_rotation", 20, {}),
]


def looked_at(
    key: str,
    market: MemoryMarket,
    symbols: tuple[str, ...],
    settings: dict[str, Any],
    *,
    interval: Interval,
    product: Product,
    base: Interval,
    first: date,
) -> None:
    """Run it and look at what any run must hold."""
    wanted = StrategySpec(
        strategy=registry.get(key), symbols=symbols, interval=interval, product=product, settings=settings
    )
    last = market.days[-1].day
    spec = BacktestSpec(
        strategies=(wanted,), first=first, last=last, capital=Decimal(CAPITAL), base=base, plan="discount"
    )
    result = run(spec, market)
    assert result.ending is Ending.FINISHED, result.reason
    assert len(result.fills) >= 4
    refused = [order for order in result.orders if order.status is OrderStatus.REJECTED]
    # After the square-off nothing is opened any more; money and margin never lack.
    allowed = {"intraday_cutoff", "market_closed"} if product is Product.INTRADAY else {"insufficient_funds"}
    assert {order.reason_code for order in refused} <= allowed
    assert len(refused) <= len(result.orders) / 3
    turnover = sum(float(fill.price) * fill.quantity for fill in result.fills)
    charges = sum(fill.charges_paise for fill in result.fills) / 100
    # Of a round trip intraday: 0.025 % STT on the sale, 0.003 % to the exchange, stamp duty, a fee of at most ₹20.
    lowest, highest = (0.00017, 0.0012) if product is Product.INTRADAY else (0.0009, 0.003)
    assert lowest < charges / turnover < highest
    assert CAPITAL * 0.5 < result.equity[-1] / 100 < CAPITAL * 4


@pytest.mark.parametrize(("key", "symbols", "settings"), INTRADAY)
def test_over_minutes_of_shares_in_2016(key: str, symbols: tuple[str, ...], settings: dict[str, Any]) -> None:
    market = minutes_of_2016()
    looked_at(
        key,
        market,
        symbols,
        settings,
        interval=Interval.M5,
        product=Product.INTRADAY,
        base=Interval.M1,
        first=market.days[4].day,
    )


@pytest.mark.parametrize(("key", "count", "settings"), DAILY)
def test_over_days_of_shares_from_2018(key: str, count: int, settings: dict[str, Any]) -> None:
    market = days_of_2017()
    symbols = tuple(sorted(market.listings))[:count] if count > 1 else ("NSE:RELIANCE",)
    looked_at(
        key,
        market,
        symbols,
        settings,
        interval=Interval.D1,
        product=Product.DELIVERY,
        base=Interval.D1,
        first=date(2018, 6, 1),
    )


def test_every_strategy_but_options_is_looked_at() -> None:
    looked = {key for key, *_ in (*INTRADAY, *DAILY)}
    assert looked == {each.key for each in registry.all() if each.kind is not Kind.OPTIONS}
