"""A strategy in a process of its own comes to the same, order by order, as the same text in the house's process."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from backtests.domain.engine import (
    BacktestResult,
    BacktestSpec,
    Ending,
    MemoryMarket,
    StrategySpec,
    plain_listing,
    run,
    weekday_sessions,
)
from core.errors import InvalidInput
from tests.marketdata.builders import make_quote
from tests.strategies.catalogue.test_event_strategies import MONDAY, session
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.strategies.domain import Strategy
from trading.strategies.sandbox import Limits, describe, own_strategy
from trading.strategies.sandbox.interpreter import load
from trading.strategies.sandbox.wire import packed, unpacked

LIMITS = Limits(hook_seconds=3)

EVENTS = """
from datetime import time
from trading.strategies.domain import Side, Strategy, clock_time, crossed_above, crossed_below, integer, number

class Mine(Strategy):
    key = "mine"
    title = "Mine"
    fast = integer("Fast", 5, minimum=2, maximum=50)
    slow = integer("Slow", 15, minimum=3, maximum=100)
    stop = number("Stop", 0.01, minimum=0.001, maximum=0.1, step=0.001)
    exit_at = clock_time("Exit", "14:30")

    def conflict(self):
        return None if self.fast < self.slow else "Fast must be less than slow."

    def setup(self, setup):
        self.quick = setup.indicator("ema", period=self.fast)
        self.calm = setup.indicator("ema", period=self.slow)
        self.upper = setup.indicator("bollinger", output="upper", period=20)

    def on_session(self, ctx):
        ctx.at(self.exit_at, "exit")
        ctx.remember("trades", 0)

    def on_time(self, ctx, name):
        ctx.close_all(tag=name)

    def on_bar(self, ctx, bar):
        price = ctx.last_price()
        held = ctx.position()
        if crossed_above(self.quick, self.calm) and not held.quantity:
            ctx.bracket(Side.BUY, 10 + ctx.recall("trades"), stop=float(price) * (1 - self.stop), tag="in")
        elif crossed_below(self.quick, self.calm):
            ctx.close(tag="out")
        last = ctx.bars(3)
        if len(last) == 3 and self.upper.at(2) < bar.close and ctx.cash > 1000:
            order = ctx.buy(1, price=float(price) - 0.5, tag="deep")
            if order.pending_quantity:
                ctx.cancel(order.id)
        if ctx.random.random() < 0.02:
            print("lucky", ctx.now.time(), ctx.equity, len(ctx.orders()))

    def on_fill(self, ctx, fill):
        ctx.remember("trades", ctx.recall("trades", 0) + 1)
        ctx.log(f"{fill.side} {fill.quantity} at {fill.price} of {ctx.contract().symbol}")
"""

SIGNALS = """
import numpy as np
from trading.strategies.domain import Kind, integer
from trading.strategies.domain.signals import SidedStrategy, sign_of

class Mine(SidedStrategy):
    key = "mine"
    title = "Mine"
    kind = Kind.TREND
    fast = integer("Fast", 5, minimum=2, maximum=50)

    def lines(self):
        return {"quick": ("ema", {"period": self.fast}), "calm": ("ema", {"period": 4 * self.fast})}

    def wanted(self, bars, lines):
        return sign_of(lines["quick"]["ema"] - lines["calm"]["ema"])
"""


def ran(strategy: type[Strategy], **settings: Any) -> BacktestResult:
    """Three days of one share that wanders."""
    closes = np.round(1000 * np.exp(np.cumsum(np.random.default_rng(11).normal(0, 0.001, 3 * 375))), 1)
    rows = [
        row
        for number in range(3)
        for row in session(MONDAY + timedelta(days=number), closes[375 * number : 375 * (number + 1)].tolist())
    ]
    market = MemoryMarket(
        listings={"NSE:MADE": plain_listing("NSE:MADE")},
        bars_by={("NSE:MADE", Interval.M1): BarSeries.from_columns(np.array(rows, dtype=np.int64))},
        days=weekday_sessions(date(2023, 12, 1), date(2024, 2, 1)),
    )
    wanted = StrategySpec(
        strategy=strategy,
        symbols=("NSE:MADE",),
        interval=Interval.M1,
        product=Product.INTRADAY,
        settings=settings,
    )
    last = MONDAY + timedelta(days=2)
    return run(
        BacktestSpec(strategies=(wanted,), first=MONDAY, last=last, capital=Decimal(100_000), seed=5), market
    )


@pytest.mark.parametrize("source", [EVENTS, SIGNALS], ids=["hooks", "signals"])
def test_the_same_text_comes_to_the_same_in_both_processes(source: str) -> None:
    inside: list[str] = []
    here = ran(load(source, inside.append), fast=4)
    there = ran(own_strategy("own.mine", source, describe(source, LIMITS), LIMITS), fast=4)
    assert here.ending is there.ending is Ending.FINISHED, there.reason
    assert len(here.fills) > 10
    assert here.fills == there.fills
    assert here.orders == there.orders
    np.testing.assert_array_equal(here.equity, there.equity)
    # What is printed inside is a line of the journal there.
    assert [line for line in there.log if not line.text.startswith("lucky")] == list(here.log)


def test_a_conflict_of_settings_is_told_by_the_other_process() -> None:
    strategy = own_strategy("own.mine", EVENTS, describe(EVENTS, LIMITS), LIMITS)
    with pytest.raises(InvalidInput) as refusal:
        strategy(fast=40, slow=20)
    assert refusal.value.code == "parameters_conflict"
    assert refusal.value.detail == "Fast must be less than slow."


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1 / 0", "line 8: ZeroDivisionError"),
        ("ctx.no_such_thing()", "line 8: AttributeError"),
        ("ctx.buy('many')", "line 8"),
        ("ctx.contract('NSE:NOWHERE')", "line 8: NotFound"),
        ("ctx.buy(1, price=float('inf'))", "line 8"),
        ("while True: pass", "on_bar: Stopped after 1 s in on_bar, line 8: a hook may take no longer."),
        ("x = bytearray(10**9)", "line 8: MemoryError"),
        ("raise SystemExit", "line 8: SystemExit"),
    ],
)
def test_a_run_whose_strategy_misbehaves_ends_with_the_reason_and_its_line(line: str, said: str) -> None:
    source = f"""
from trading.strategies.domain import Strategy
class Mine(Strategy):
    key = "mine"
    title = "Mine"
    def on_bar(self, ctx, bar):
        ctx.log("one")
        {line}
"""
    limits = Limits(hook_seconds=1, memory_mb=128)
    result = ran(own_strategy("own.mine", source, describe(source, limits), limits))
    assert result.ending is Ending.STRATEGY_FAILED
    assert said in result.reason
    assert [each.text for each in result.log[:1]] == ["one"]


def test_a_price_reaches_the_other_process_as_it_was() -> None:
    quote = make_quote("1234.05", volume=70)
    assert unpacked(packed(quote)) == quote


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        ({"hook_calls": 50}, "Stopped in on_bar, line 8: a hook asked more than 50 questions."),
        ({"answer_seconds": 1e-6}, "Stopped in on_bar, line 8: answering one hook took longer"),
    ],
)
def test_a_hook_that_keeps_the_house_answering_is_ended(bound: dict[str, Any], said: str) -> None:
    source = """
from trading.strategies.domain import Strategy
class Mine(Strategy):
    key = "mine"
    title = "Mine"
    def on_bar(self, ctx, bar):
        for _ in range(51):
            ctx.last_price()
"""
    limits = Limits(hook_seconds=30, **bound)
    result = ran(own_strategy("own.mine", source, describe(source, LIMITS), limits))
    assert result.ending is Ending.STRATEGY_FAILED
    assert said in result.reason
