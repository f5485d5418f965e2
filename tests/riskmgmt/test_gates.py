from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from riskmgmt.domain.decide import GATES, decide
from riskmgmt.domain.rules import Rules
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.gate import InstrumentFacts, OrderAction, OrderContext, QuoteFacts, SessionFacts
from trading.orders.domain.intent import OrderIntent

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
HOUSE = Rules()

RELIANCE = InstrumentFacts(
    id=1,
    key="NSE:RELIANCE",
    exchange="NSE",
    instrument_type="EQ",
    underlying="",
    expiry=None,
    strike=None,
    lot_size=1,
    tick_size=Decimal("0.10"),
    freeze_quantity=None,
    has_derivatives=True,
    is_active=True,
)
QUOTE = QuoteFacts(
    ltp=Decimal(1500),
    previous_close=Decimal(1490),
    bid=Decimal("1499.90"),
    ask=Decimal("1500.10"),
    timestamp=NOW,
    age=timedelta(seconds=1),
    is_stale=False,
    source="simulated",
)


def context(**changes: Any) -> OrderContext:
    """A LIMIT order to buy 10 RELIANCE at 1,500 that every gate of the house lets pass, with `changes`."""
    intent = OrderIntent(
        account_id=uuid4(),
        key="NSE:RELIANCE",
        side=changes.pop("side", Side.BUY),
        quantity=changes.pop("quantity", 10),
        order_type=changes.pop("order_type", OrderType.LIMIT),
        product=Product.INTRADAY,
        client_order_id="one",
        price=changes.pop("price", Decimal(1500)),
    )
    base = OrderContext(
        action=OrderAction.SUBMIT,
        intent=intent,
        order_id=None,
        organisation_id=uuid4(),
        account_id=intent.account_id,
        account_is_active=True,
        account_is_paper=True,
        actor_label="trader",
        instrument=RELIANCE,
        quote=QUOTE,
        session=SessionFacts(phase="CONTINUOUS", is_open=True, reason=""),
        position_quantity=0,
        position_after=10,
        deliverable_quantity=0,
        claimed_quantity=0,
        open_orders=0,
        filled_quantity=0,
        funds_available_paise=1_00_000_00,
        hold_before_paise=0,
        hold_needed_paise=3_100_00,
        charges_estimate_paise=10_00,
        reference_price=Decimal(1500),
        order_value_paise=15_000_00,
        day_pnl_paise=0,
        now=NOW,
    )
    return structs.replace(base, **changes)


def refusals(order: OrderContext, rules: Rules = HOUSE) -> list[str]:
    return [decision.code for decision in decide(order, rules) if not decision.allowed]


def test_an_ordinary_order_passes_and_every_gate_says_so() -> None:
    decisions = decide(context(), HOUSE)
    # Of limits that nobody has set nothing is said.
    assert 11 < len(decisions) < len(GATES)
    assert all(decision.allowed and decision.code == "ok" for decision in decisions)


LOTS = replace(RELIANCE, lot_size=65, freeze_quantity=1800, instrument_type="CE", tick_size=Decimal("0.05"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"session": SessionFacts("CLOSED", False, "holiday")}, "market_closed"),
        ({"quote": None}, "no_price"),
        ({"quote": replace(QUOTE, is_stale=True, age=timedelta(seconds=30))}, "stale_price"),
        ({"instrument": LOTS, "quantity": 10}, "not_a_lot_multiple"),
        ({"instrument": LOTS, "quantity": 0}, "quantity_not_positive"),
        ({"instrument": LOTS, "quantity": 1820}, "above_freeze_quantity"),
        ({"price": Decimal("1500.05")}, "price_off_tick"),
        ({"price": Decimal("1650.10")}, "price_out_of_band"),
        ({"price": Decimal("1349.90")}, "price_out_of_band"),
        ({"quantity": 50_001}, "order_quantity_limit"),
        ({"order_value_paise": 25_00_000_01}, "order_value_limit"),
        ({"position_after": 100_001}, "position_quantity_limit"),
        ({"position_after": 3_334}, "position_value_limit"),
        ({"position_after": -3_334}, "position_value_limit"),
        ({"day_pnl_paise": -50_000_00}, "daily_loss_limit"),
        ({"open_orders": 100}, "open_orders_limit"),
        ({"hold_needed_paise": 1_00_000_01}, "insufficient_funds"),
    ],
)
def test_each_gate_refuses_what_it_is_there_for(changes: dict[str, Any], code: str) -> None:
    assert code in refusals(context(**changes))


def test_a_stale_price_says_how_old_it_is_and_on_a_day_without_one_that_there_is_none() -> None:
    def words(timestamp: datetime) -> str:
        quote = replace(QUOTE, is_stale=True, age=timedelta(seconds=30), timestamp=timestamp)
        (refusal,) = (each for each in decide(context(quote=quote), HOUSE) if not each.allowed)
        return refusal.message

    assert words(NOW) == "The last price is 30.0 s old."
    # At 19:00 UTC it is the next day in India.
    assert words(NOW.replace(day=19, hour=19)) == "The last price is 30.0 s old."
    assert words(NOW.replace(day=19, hour=10)) == (
        "There is no price of 20 November 2026; the last one is of 19 November 2026."
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"price": Decimal(1650)},
        {"price": Decimal(1350)},
        {"order_value_paise": 25_00_000_00},
        {"position_after": 3_333},
        {"day_pnl_paise": -49_999_99},
        {"open_orders": 99},
        {"hold_needed_paise": 1_00_000_00},
    ],
)
def test_a_limit_itself_is_still_allowed(changes: dict[str, Any]) -> None:
    assert refusals(context(**changes)) == []


def test_an_exit_passes_the_limits_on_size_and_loss() -> None:
    exit_all = context(
        side=Side.SELL,
        quantity=60_000,
        position_quantity=60_000,
        position_after=0,
        order_value_paise=9_00_00_000_00,
        day_pnl_paise=-60_000_00,
        open_orders=100,
        hold_needed_paise=0,
    )
    assert refusals(exit_all) == []


def test_turning_a_position_is_no_exit() -> None:
    turn = context(side=Side.SELL, quantity=20, position_quantity=10, position_after=-10, day_pnl_paise=-50_000_00)
    assert refusals(turn) == ["daily_loss_limit"]


def test_a_second_exit_of_the_same_units_is_no_exit() -> None:
    again = {"side": Side.SELL, "quantity": 10, "position_quantity": 10, "position_after": 0}
    at_the_limit = {"day_pnl_paise": -50_000_00, "hold_needed_paise": 0}
    assert refusals(context(**again, **at_the_limit)) == []
    assert refusals(context(**again, **at_the_limit, claimed_quantity=1)) == ["daily_loss_limit"]


def test_a_market_order_has_no_limit_price_to_judge() -> None:
    assert refusals(context(order_type=OrderType.MARKET, price=None)) == []


def test_options_have_a_wider_band() -> None:
    option = context(instrument=replace(RELIANCE, instrument_type="CE"), price=Decimal(2200))
    assert refusals(option) == []


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**9))
def test_no_order_passes_that_needs_more_than_there_is(available: int, needed: int) -> None:
    order = context(funds_available_paise=available, hold_needed_paise=needed)
    assert ("insufficient_funds" in refusals(order)) == (needed > 0 and needed > available)


def test_position_limits_count_what_other_orders_of_the_side_may_still_add() -> None:
    at_the_limit = {"position_quantity": 600, "position_after": 610}
    assert refusals(context(**at_the_limit, claimed_quantity=2_723)) == []
    assert refusals(context(**at_the_limit, claimed_quantity=2_724)) == ["position_value_limit"]
    short = {"side": Side.SELL, "position_quantity": -600, "position_after": -610}
    assert refusals(context(**short, claimed_quantity=2_724)) == ["position_value_limit"]
