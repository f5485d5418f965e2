"""A run's trades beside a backtest's: what is the same, what differs, what only one of them made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trading.brokers.domain.terms import Side
from trading.strategies.domain.divergence import Traded, Verdict, compare, joined

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def traded(
    number: int, *, seconds: int = 0, price: str = "100", quantity: int = 10, side: Side = Side.BUY
) -> Traded:
    at = NOON + timedelta(minutes=10 * number, seconds=seconds)
    return Traded(f"o{number}", "NSE:TCS", side, quantity, Decimal(price), at, Decimal(2))


def test_the_same_trades_agree() -> None:
    found = compare([traded(1, seconds=4), traded(2, seconds=4)], [traded(1), traded(2)])
    assert [each.verdict for each in found.trades] == [Verdict.SAME, Verdict.SAME]
    assert (found.agreement, found.slippage, found.charges) == (1.0, 0, 0)
    assert found.trades[0].delay == timedelta(seconds=4)


def test_a_missed_trade_does_not_shift_those_that_follow() -> None:
    found = compare([traded(1), traded(3)], [traded(1), traded(2), traded(3)])
    assert [each.verdict for each in found.trades] == [Verdict.SAME, Verdict.MISSED, Verdict.SAME]
    assert found.charges == Decimal(-2)


def test_a_trade_that_waited_for_approval_is_held_against_what_was_decided() -> None:
    late = replace(traded(1, seconds=300, price="101"), waited=timedelta(seconds=296))
    found = compare([late, traded(2)], [traded(1), traded(2)])
    assert [each.verdict for each in found.trades] == [Verdict.PRICE, Verdict.SAME]
    assert found.trades[0].delay == timedelta(seconds=300), "it traded as late as it did"
    assert found.slippage == Decimal(10)
    # Two that were approved in another order than they were decided in are paired as they were decided.
    first, second = replace(traded(1), waited=timedelta()), traded(2)
    swapped = [replace(first, at=NOON + timedelta(minutes=40), waited=timedelta(minutes=30)), second]
    assert [each.verdict for each in compare(swapped, [traded(1), traded(2)]).trades] == [Verdict.SAME] * 2


def test_an_extra_trade_is_told_as_one() -> None:
    found = compare([traded(1), traded(2)], [traded(2)])
    assert [each.verdict for each in found.trades] == [Verdict.EXTRA, Verdict.SAME]


def test_a_worse_price_costs_and_a_better_one_earns_on_either_side() -> None:
    bought = compare([traded(1, price="100.50")], [traded(1)])
    sold = compare([traded(1, price="100.50", side=Side.SELL)], [traded(1, side=Side.SELL)])
    assert (bought.trades[0].verdict, bought.slippage) == (Verdict.PRICE, Decimal(5))
    assert sold.slippage == Decimal(-5)


def test_another_quantity_is_told_and_priced_by_what_both_traded() -> None:
    found = compare([traded(1, quantity=4, price="101")], [traded(1)])
    assert (found.trades[0].verdict, found.slippage) == (Verdict.QUANTITY, Decimal(4))


def test_parts_of_an_order_are_one_trade_at_their_average() -> None:
    parts = [traded(1, quantity=4, price="100"), traded(1, quantity=6, price="101", seconds=9)]
    [whole] = joined(parts)
    assert (whole.quantity, whole.price, whole.charges, whole.at) == (10, Decimal("100.6"), Decimal(4), parts[0].at)


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_every_trade_of_both_is_told_exactly_once(run: set[int], backtest: set[int]) -> None:
    found = compare([traded(each) for each in run], [traded(each) for each in backtest])
    assert {each.run.order for each in found.trades if each.run} == {f"o{each}" for each in run}
    assert {each.backtest.order for each in found.trades if each.backtest} == {f"o{each}" for each in backtest}
    assert found.count(Verdict.SAME) == len(run & backtest)
    assert len(found.trades) == len(run | backtest)
