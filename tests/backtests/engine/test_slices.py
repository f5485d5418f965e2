"""A target above the exchange's freeze quantity is reached in several orders."""

from decimal import Decimal
from typing import Any

from backtests.domain.engine import MemoryMarket, plain_listing
from trading.brokers.domain.terms import Side
from trading.orders.domain.states import OrderStatus
from trading.strategies.domain.host.wishes import MOST_SLICES, slices
from trading.strategies.domain.market import Contract

from .made import SYMBOL, at_bars, bars_of, flat, market_of, run_one, scripted


def frozen_market(freeze: int, lot: int = 1) -> MemoryMarket:
    series = bars_of([(100.0, 100.5, 99.5, 100.0, 1_000_000)] * 20)
    return market_of({SYMBOL: series}, listings=[plain_listing(SYMBOL, freeze=freeze, lot=lot)])


def test_a_target_beyond_the_freeze_quantity_is_reached_and_left_in_slices() -> None:
    answers: list[Any] = []
    script = at_bars(b1=lambda ctx: answers.append(ctx.target(250)), b5=lambda ctx: answers.append(ctx.close()))
    result = run_one(scripted(script), frozen_market(100))
    assert [(order.side, order.quantity, order.status) for order in result.orders] == [
        (side, units, OrderStatus.FILLED) for side in (Side.BUY, Side.SELL) for units in (100, 100, 50)
    ]
    assert [answer.id for answer in answers] == [result.orders[2].id, result.orders[5].id]
    assert not result.open_positions


def test_no_slice_follows_one_that_was_refused() -> None:
    script = at_bars(b1=lambda ctx: ctx.target(20_000))
    result = run_one(scripted(script), frozen_market(15_000), capital=Decimal(100_000))
    assert [(order.quantity, order.reason_code) for order in result.orders] == [(15_000, "insufficient_funds")]


def test_an_order_that_the_strategy_sizes_itself_is_not_cut() -> None:
    result = run_one(scripted(at_bars(b1=lambda ctx: ctx.buy(250))), frozen_market(100))
    assert [order.reason_code for order in result.orders] == ["above_freeze_quantity"]


def test_what_cannot_be_cut_goes_whole_and_is_refused() -> None:
    def cut(units: int, freeze: int, lot: int) -> tuple[int, ...]:
        return slices(units, Contract(SYMBOL, plain_listing(SYMBOL).contract.tick_size, lot, freeze))

    assert cut(250, 90, 25) == (75, 75, 75, 25)
    assert cut(260, 90, 25) == (260,), "no whole lots"
    assert cut(250, 20, 25) == (250,), "no lot is let through"
    assert len(cut(100 * MOST_SLICES, 100, 1)) == MOST_SLICES
    assert cut(100 * MOST_SLICES + 1, 100, 1) == (100 * MOST_SLICES + 1,), "too many orders"


def test_a_position_is_as_of_when_it_was_asked_for() -> None:
    held: list[Any] = []
    rows = [*flat(100, 3), *flat(101, 3), *flat(102, 10)]
    script = at_bars(
        b0=lambda ctx: ctx.buy(10), b3=lambda ctx: held.append(ctx.position()), b9=lambda ctx: ctx.close()
    )
    run_one(scripted(script), market_of(bars_of(rows)))
    assert (held[0].quantity, held[0].last_price, held[0].unrealised) == (10, 101, 10)
