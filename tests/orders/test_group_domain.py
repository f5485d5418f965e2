"""Groups as pure arithmetic: slices, the order of placing, names, the state of the whole."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.group import (
    GroupIntent,
    GroupKind,
    GroupStatus,
    LegIntent,
    LegState,
    buys_first,
    group_hash,
    group_shape_errors,
    group_status,
    order_name,
    slice_quantities,
)
from trading.orders.domain.intent import OrderIntent
from trading.orders.domain.option_choice import (
    ExpiryRule,
    Right,
    StrikeOffset,
    expiry_chosen,
    strike_chosen,
)
from trading.orders.domain.states import OrderStatus

ACCOUNT = uuid4()


def leg(side: Side = Side.BUY, quantity: int = 1) -> LegIntent:
    return LegIntent(
        OrderIntent(
            account_id=ACCOUNT,
            key="NSE:RELIANCE",
            side=side,
            quantity=quantity,
            order_type=OrderType.MARKET,
            product=Product.INTRADAY,
            client_order_id="",
        )
    )


def basket(*legs: LegIntent, name: str = "g") -> GroupIntent:
    return GroupIntent(account_id=ACCOUNT, kind=GroupKind.BASKET, legs=legs, client_order_id=name)


@given(lot=st.integers(1, 5000), lots=st.integers(1, 20_000), freeze=st.integers(1, 200_000))
def test_slices_add_up_are_whole_lots_and_pass_the_freeze(lot: int, lots: int, freeze: int) -> None:
    quantity = lot * lots
    if freeze < lot and quantity > freeze:
        with pytest.raises(ValueError):
            slice_quantities(quantity, lot_size=lot, freeze_quantity=freeze)
        return
    slices = slice_quantities(quantity, lot_size=lot, freeze_quantity=freeze)
    assert sum(slices) == quantity
    assert all(0 < each <= freeze and each % lot == 0 for each in slices)
    # As few as can be.
    largest = freeze // lot * lot
    assert len(slices) == -(-quantity // largest)


def test_without_a_freeze_quantity_nothing_is_sliced() -> None:
    assert slice_quantities(5_000_000, lot_size=1, freeze_quantity=None) == (5_000_000,)


def test_buys_go_first_and_else_the_given_order_holds() -> None:
    legs = [leg(Side.SELL), leg(Side.BUY), leg(Side.SELL), leg(Side.BUY)]
    assert [number for number, _ in buys_first(legs)] == [2, 4, 1, 3]


@given(
    st.integers(1, 50),
    st.integers(1, 50),
    st.integers(1, 100),
    st.integers(1, 100),
    st.sampled_from([GroupKind.BASKET, GroupKind.MULTI_LEG]),
)
def test_two_orders_of_a_group_never_share_a_name(
    leg1: int, leg2: int, of: int, place: int, kind: GroupKind
) -> None:
    names = [
        order_name(kind, "g", leg=number, place=at, of=of)
        for number in {leg1, leg2}
        for at in range(1, min(of, 5) + 1)
    ]
    assert len(names) == len(set(names))


def test_one_large_order_keeps_its_name() -> None:
    assert [order_name(GroupKind.SLICES, "big", leg=n, place=n, of=3) for n in (1, 2, 3)] == [
        "big",
        "big-2",
        "big-3",
    ]


@pytest.mark.parametrize(
    ("legs", "expected"),
    [
        ([], GroupStatus.NOTHING),
        ([("FILLED", 5), ("OPEN", 0)], GroupStatus.WORKING),
        ([("FILLED", 5), ("FILLED", 1)], GroupStatus.FILLED),
        ([("FILLED", 5), ("REJECTED", 0)], GroupStatus.PARTIAL),
        ([("CANCELLED", 2), ("CANCELLED", 0)], GroupStatus.PARTIAL),
        ([("CANCELLED", 0), ("REJECTED", 0)], GroupStatus.CANCELLED),
        ([("REJECTED", 0), ("REJECTED", 0)], GroupStatus.REFUSED),
        ([("UNKNOWN", 0), ("FILLED", 1)], GroupStatus.WORKING),
    ],
)
def test_the_state_of_the_whole_follows_from_its_orders(legs: list[tuple[str, int]], expected: GroupStatus) -> None:
    assert group_status(LegState(OrderStatus(status), filled) for status, filled in legs) is expected


def test_the_hash_tells_other_legs_another_order_and_another_promise_apart() -> None:
    one, two = leg(quantity=1), leg(quantity=2)
    hashes = {
        group_hash(intent)
        for intent in (
            basket(one, two),
            basket(two, one),
            basket(one),
            GroupIntent(ACCOUNT, GroupKind.BASKET, (one, two), "g", all_or_nothing=True),
            GroupIntent(ACCOUNT, GroupKind.MULTI_LEG, (one, two), "g"),
        )
    }
    assert len(hashes) == 5
    assert group_hash(basket(one, two, name="a")) == group_hash(basket(one, two, name="b"))


def test_a_group_is_bounded_and_named() -> None:
    def codes(intent: GroupIntent) -> set[str]:
        return {found[0][0] for found in group_shape_errors(intent, most_legs=2).values()}

    assert codes(basket()) == {"no_legs"}
    assert codes(basket(leg(), leg(), leg())) == {"too_many_legs"}
    assert codes(basket(leg(), name=" ")) == {"invalid_client_order_id"}
    assert codes(basket(leg(), name="x" * 57)) == {"invalid_client_order_id"}
    stranger = GroupIntent(uuid4(), GroupKind.BASKET, (leg(),), "g")
    assert codes(stranger) == {"legs_of_several_accounts"}
    assert codes(basket(leg(), leg())) == set()


@pytest.mark.parametrize(("text", "steps"), [("ATM", 0), ("itm1", -1), ("OTM12", 12), (" OTM50 ", 50)])
def test_an_offset_is_read_from_what_traders_write(text: str, steps: int) -> None:
    assert StrikeOffset.parse(text).steps == steps
    assert StrikeOffset.parse(str(StrikeOffset.parse(text))) == StrikeOffset.parse(text)


@pytest.mark.parametrize("text", ["", "ATM1", "OTM0", "OTM051", "OTM51", "ITM", "XTM1", "OTM-1", "OTM١"])
def test_anything_else_is_no_offset(text: str) -> None:
    with pytest.raises(ValueError):
        StrikeOffset.parse(text)


STRIKES = [Decimal(n) for n in (24000, 24100, 24200, 24300, 24400)]


@pytest.mark.parametrize(
    ("offset", "right", "price", "expected"),
    [
        ("ATM", Right.CALL, "24149", 24100),
        ("ATM", Right.PUT, "24151", 24200),
        ("ATM", Right.CALL, "24150", 24100),
        ("OTM1", Right.CALL, "24110", 24200),
        ("OTM1", Right.PUT, "24110", 24000),
        ("ITM1", Right.CALL, "24110", 24000),
        ("ITM2", Right.PUT, "24110", 24300),
        ("OTM4", Right.CALL, "24110", None),
        ("ITM2", Right.CALL, "24110", None),
    ],
)
def test_a_strike_is_counted_from_at_the_money(offset: str, right: Right, price: str, expected: int | None) -> None:
    found = strike_chosen(StrikeOffset.parse(offset), STRIKES, price=Decimal(price), right=right)
    assert found == (None if expected is None else Decimal(expected))


def test_no_strikes_no_strike() -> None:
    assert strike_chosen(StrikeOffset(), [], price=Decimal(100), right=Right.CALL) is None


NIFTY = [date(2026, 11, 24), date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 29), date(2027, 1, 28)]
BANK = [date(2026, 11, 24), date(2026, 12, 29), date(2027, 1, 28)]


@pytest.mark.parametrize(
    ("listed", "choice", "today", "expected"),
    [
        (NIFTY, ExpiryRule.CURRENT_WEEK, date(2026, 11, 21), date(2026, 11, 24)),
        (NIFTY, ExpiryRule.CURRENT_WEEK, date(2026, 11, 24), date(2026, 11, 24)),
        (NIFTY, ExpiryRule.CURRENT_WEEK, date(2026, 11, 25), date(2026, 12, 1)),
        (NIFTY, ExpiryRule.NEXT_WEEK, date(2026, 11, 21), date(2026, 12, 1)),
        (NIFTY, ExpiryRule.CURRENT_MONTH, date(2026, 11, 21), date(2026, 11, 24)),
        (NIFTY, ExpiryRule.CURRENT_MONTH, date(2026, 11, 25), date(2026, 12, 29)),
        (NIFTY, ExpiryRule.NEXT_MONTH, date(2026, 11, 21), date(2026, 12, 29)),
        (BANK, ExpiryRule.NEXT_WEEK, date(2026, 11, 21), None),
        (BANK, ExpiryRule.CURRENT_WEEK, date(2026, 11, 25), None),
        (BANK, date(2026, 12, 29), date(2026, 11, 25), date(2026, 12, 29)),
        (BANK, date(2026, 12, 1), date(2026, 11, 25), None),
        (BANK, date(2026, 11, 24), date(2026, 11, 25), None),
        ([], ExpiryRule.CURRENT_MONTH, date(2026, 11, 25), None),
    ],
)
def test_an_expiry_is_found_among_those_listed(
    listed: list[date], choice: date | ExpiryRule, today: date, expected: date | None
) -> None:
    assert expiry_chosen(choice, listed, today=today) == expected
