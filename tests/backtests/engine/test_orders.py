"""What orders trade at, and when."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backtests.domain.engine import Ending, FlatRules
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.marketdata.domain.quote import DepthLevel
from trading.marketdata.domain.tick import Tick
from trading.orders.domain.states import OrderStatus

from .made import MONDAY, OPEN, SYMBOL, at_bars, bars_of, flat, market_of, run_one, scripted


def test_a_decision_on_a_close_trades_against_the_first_snapshot_of_the_next_bar():
    market = market_of(bars_of([*flat(100, 3), (101, 102, 100.5, 101.5), *flat(101, 371)]))
    result = run_one(scripted(at_bars(b2=lambda ctx: ctx.buy(10))), market)
    (bought, squared) = result.fills
    # The open of 101 was traded on the bid's side half of the time: the path decides, never better than the open.
    assert bought.price in (Decimal("101.00"), Decimal("101.05"))
    assert bought.at.minute == 48
    assert bought.at.hour == 3
    assert (squared.side, squared.tag) == (Side.SELL, "square-off")


def test_a_limit_rests_until_the_market_comes_to_it_and_trades_no_worse():
    rows = [*flat(100, 3), (100, 100, 98, 99), *flat(99, 3)]
    result = run_one(scripted(at_bars(b0=lambda ctx: ctx.buy(10, price=98.5))), market_of(bars_of(rows)))
    bought = result.fills[0]
    assert bought.price <= Decimal("98.5")
    assert bought.at.minute == 48


def test_recorded_ticks_are_traded_against_instead_of_the_bars_path():
    def tick(second: int, price: str, volume: int) -> Tick:
        at, level = datetime.fromtimestamp(OPEN + second, UTC), Decimal(price)
        book = (DepthLevel(level, 500),)
        return Tick(key=SYMBOL, price=level, timestamp=at, volume=volume, bids=book, asks=book)

    ticks = [tick(0, "100.00", 10), tick(61, "100.10", 20), tick(64, "100.30", 30), tick(100, "99.20", 40)]
    market = market_of(bars_of(flat(100, 3)), ticks_by={(SYMBOL, MONDAY): ticks})
    seen: list[Decimal] = []
    strategy = scripted(
        at_bars(b0=lambda ctx: (ctx.buy(10), ctx.buy(5, price=99.5))),
        setup=lambda self, setup: setup.ticks(),
        on_tick=lambda self, ctx, quote: seen.append(quote.ltp),
    )
    result = run_one(strategy, market, product=Product.DELIVERY)
    # At 09:16 the last tick is still that of 09:15.
    assert [(fill.price, fill.quantity) for fill in result.fills] == [
        (Decimal("100.00"), 10),
        (Decimal("99.20"), 5),
    ]
    assert result.fills[1].at == ticks[3].timestamp
    assert seen == [each.price for each in ticks]


def test_a_limit_that_is_never_reached_expires_with_its_session():
    strategy = scripted(at_bars(b0=lambda ctx: ctx.buy(10, price=90, product=Product.DELIVERY)))
    result = run_one(strategy, market_of(bars_of(flat(100, 5))))
    assert not result.fills
    assert [(order.status, order.reason_code) for order in result.orders] == [(OrderStatus.EXPIRED, "session_over")]


def test_a_stop_waits_for_its_trigger_and_then_trades_at_market():
    rows = [*flat(100, 3), (100, 100, 95, 95), *flat(95, 3)]
    strategy = scripted(at_bars(b0=lambda ctx: (ctx.buy(10), ctx.sell(10, trigger_price=97))))
    result = run_one(strategy, market_of(bars_of(rows)))
    assert [fill.side for fill in result.fills] == [Side.BUY, Side.SELL]
    assert Decimal(95) <= result.fills[1].price <= Decimal(97)
    assert result.orders[1].status is OrderStatus.FILLED


def test_what_an_ioc_cannot_have_at_once_is_cancelled():
    strategy = scripted(at_bars(b0=lambda ctx: ctx.buy(1_000_000, validity=Validity.IOC)))
    result = run_one(strategy, market_of(bars_of(flat(1, 5))))
    order = result.orders[0]
    assert order.status is OrderStatus.CANCELLED
    assert order.reason_code == "ioc_remainder"
    assert 0 < order.filled_quantity < 1_000_000


def test_an_order_beyond_the_funds_is_refused_with_the_houses_words():
    result = run_one(scripted(at_bars(b0=lambda ctx: ctx.buy(100_000))), market_of(bars_of(flat(100, 5))))
    assert [(order.status, order.reason_code) for order in result.orders] == [
        (OrderStatus.REJECTED, "insufficient_funds")
    ]


@pytest.mark.parametrize("quantity", [0, -5])
def test_a_malformed_order_is_refused_and_the_run_goes_on(quantity):
    result = run_one(scripted(at_bars(b0=lambda ctx: ctx.buy(quantity))), market_of(bars_of(flat(100, 5))))
    assert result.ending is Ending.FINISHED
    assert result.orders[0].reason_code == "invalid_quantity"


def test_a_cancelled_order_trades_no_more():
    rows = [*flat(100, 3), (100, 100, 95, 95), *flat(95, 3)]
    strategy = scripted(at_bars(b0=lambda ctx: ctx.buy(10, price=97), b1=lambda ctx: ctx.cancel_all()))
    result = run_one(strategy, market_of(bars_of(rows)))
    assert not result.fills
    assert result.orders[0].status is OrderStatus.CANCELLED


def test_a_modified_limit_trades_at_its_new_price():
    rows = [*flat(100, 3), (100, 100, 95, 95), *flat(95, 3)]

    def raise_it(ctx):
        ctx.modify(ctx.orders()[0].id, price=98)

    strategy = scripted(at_bars(b0=lambda ctx: ctx.buy(10, price=90), b1=raise_it))
    result = run_one(strategy, market_of(bars_of(rows)))
    assert result.fills[0].price <= Decimal(98)


def test_a_stop_that_has_triggered_keeps_its_name_when_its_price_is_changed():
    rows = [*flat(100, 3), *flat(105, 6)]

    def stop(ctx):
        ctx.buy(10, price=102, trigger_price=101)

    def raise_it(ctx):
        ctx.modify(ctx.orders()[0].id, price=106)

    result = run_one(scripted(at_bars(b0=stop, b5=raise_it)), market_of(bars_of(rows)))
    order = result.orders[0]
    assert (order.order_type, order.status, order.average_price) == (OrderType.SL, OrderStatus.FILLED, 105)


def test_intraday_positions_are_squared_off_at_the_rules_time_with_its_fee():
    market = market_of(bars_of(flat(100, 375)), rules=FlatRules())
    result = run_one(scripted(at_bars(b0=lambda ctx: ctx.buy(10))), market)
    _, sold = result.fills
    assert (sold.at.hour, sold.at.minute) == (9, 50)
    assert not result.open_positions


def test_intraday_orders_after_the_cutoff_are_refused():
    result = run_one(scripted(at_bars(b370=lambda ctx: ctx.buy(10))), market_of(bars_of(flat(100, 375))))
    assert result.orders[0].reason_code == "intraday_cutoff"


def test_what_is_delivered_is_carried_and_valued_at_the_last_price():
    rows = [*flat(100, 3), *flat(110, 5)]
    strategy = scripted(at_bars(b0=lambda ctx: ctx.buy(10, product=Product.DELIVERY)))
    result = run_one(strategy, market_of(bars_of(rows)))
    (left,) = result.open_positions
    assert (left.symbol, left.quantity, left.last_price) == (SYMBOL, 10, Decimal(110))
    assert result.final_paise == result.capital_paise + left.unrealised_paise


def test_shares_that_are_not_held_cannot_be_delivered():
    strategy = scripted(at_bars(b0=lambda ctx: ctx.sell(10, product=Product.DELIVERY)))
    result = run_one(strategy, market_of(bars_of(flat(100, 5))))
    assert result.orders[0].reason_code == "insufficient_holdings"
