"""Entries with exits: stop, target, and a stop that trails."""

from decimal import Decimal
from typing import Any

import pytest

from backtests.domain.engine import BacktestResult
from trading.brokers.domain.terms import Side
from trading.orders.domain.states import OrderStatus

from .made import at_bars, bars_of, flat, market_of, run_one, scripted


def bracket(rows: Any, **exits: Any) -> BacktestResult:
    strategy = scripted(at_bars(b0=lambda ctx: ctx.bracket(Side.BUY, 10, **exits)))
    return run_one(strategy, market_of(bars_of(rows)))


def test_a_target_takes_the_profit_and_leaves_nothing_to_guard():
    result = bracket([*flat(100, 3), (100, 106, 100, 106), *flat(106, 371)], stop=95, target=105)
    _, leaving = result.fills
    assert leaving.side is Side.SELL
    assert leaving.price >= Decimal(105)
    assert leaving.at.minute == 48
    assert [order.origin for order in result.orders] == ["STRATEGY", "TRIGGER"]


def test_a_stop_takes_the_loss_at_market():
    result = bracket([*flat(100, 3), (100, 100, 94, 94), *flat(94, 371)], stop=95, target=105)
    assert result.fills[1].price <= Decimal(95)
    assert len(result.fills) == 2


def test_a_trailing_stop_follows_the_best_price_and_never_goes_back():
    rows = [*flat(100, 3), (100, 110, 100, 110), (110, 110, 109, 109), (109, 109, 107, 107), *flat(107, 369)]
    result = bracket(rows, trail=2)
    assert Decimal(107) <= result.fills[1].price <= Decimal(108)


def test_a_guard_goes_when_the_strategy_closes_the_position_itself():
    rows = [*flat(100, 3), (100, 100, 90, 90), *flat(90, 371)]
    strategy = scripted(at_bars(b0=lambda ctx: ctx.bracket(Side.BUY, 10, stop=95), b1=lambda ctx: ctx.close()))
    result = run_one(strategy, market_of(bars_of(rows)))
    assert len(result.fills) == 2
    assert all(order.origin == "STRATEGY" for order in result.orders)


@pytest.mark.parametrize(("price", "fills"), [(98, 0), (100, 2)])
def test_an_entry_at_a_limit_is_guarded_only_once_it_has_filled(price, fills):
    rows = [*flat(101, 3), (101, 101, 99.5, 99.5), (99.5, 99.5, 99, 99), *flat(99, 370)]
    result = bracket(rows, price=price, stop=99.2)
    assert len(result.fills) == fills
    if not fills:
        assert result.orders[0].status is OrderStatus.CANCELLED
        assert result.orders[0].reason_code == "square_off"
