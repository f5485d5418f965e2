"""The tables of what may be changed of an order, every cell of them, and the state table beside them."""

from decimal import Decimal
from itertools import product
from uuid import UUID

import pytest

from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.orders.domain.intent import OrderIntent, shape_errors
from trading.orders.domain.modification import (
    FIELDS,
    TYPES,
    Field,
    OrderModification,
    Stage,
    Standing,
    illegal_modification,
    lowers_risk,
    modified,
    status_after,
)
from trading.orders.domain.states import FINAL, MOVES, REWORKS, IllegalMove, OrderStatus, move, rework

S, T = OrderStatus, OrderType
STANDINGS = {
    Stage.QUEUED: Standing(S.PENDING_ROUTE, is_queued=True),
    Stage.WAITING: Standing(S.TRIGGER_PENDING),
    Stage.RESTING: Standing(S.OPEN),
    Stage.PARTLY_FILLED: Standing(S.PARTIALLY_FILLED, filled_quantity=4),
}
SENT = {
    S.PENDING_ROUTE: "order_not_working",
    S.ROUTING: "order_not_working",
    S.UNKNOWN: "order_unknown",
    S.REJECTED: "order_rejected",
    S.EXPIRED: "order_expired",
    S.CANCELLED: "order_cancelled",
    S.FILLED: "order_filled",
}
PRICE, TRIGGER = Decimal(103), Decimal(102)


def an_order(kind: OrderType, side: Side = Side.BUY, validity: Validity = Validity.DAY) -> OrderIntent:
    return OrderIntent(
        account_id=UUID(int=1),
        key="NSE:RELIANCE",
        side=side,
        quantity=10,
        order_type=kind,
        product=Product.INTRADAY,
        client_order_id="a",
        validity=validity,
        price=PRICE if kind.has_limit else None,
        trigger_price=TRIGGER if kind.is_stop else None,
    )


def code_of(standing: Standing, before: OrderIntent, **changes: object) -> str:
    found = illegal_modification(standing, before, OrderModification(**changes))  # type: ignore[arg-type]
    return "" if found is None else found.code


@pytest.mark.parametrize(("status", "code"), SENT.items())
@pytest.mark.parametrize("field", Field)
def test_nothing_changes_of_an_order_on_its_way_or_at_its_end(status: OrderStatus, code: str, field: Field) -> None:
    values = {
        Field.QUANTITY: 20,
        Field.PRICE: PRICE,
        Field.TRIGGER_PRICE: TRIGGER,
        Field.DISCLOSED_QUANTITY: 5,
        Field.ORDER_TYPE: T.MARKET,
    }
    assert code_of(Standing(status), an_order(T.LIMIT), **{field: values[field]}) == code
    assert Standing(status).stage in (Stage.SENDING, Stage.ENDED)
    assert not FIELDS[Standing(status).stage]
    assert not TYPES[Standing(status).stage]


def test_every_state_has_a_stage() -> None:
    assert {Standing(status).stage for status in FINAL} == {Stage.ENDED}
    covered = {standing.status for standing in STANDINGS.values()} | set(SENT)
    assert covered == set(S)


# Rows: where the order stands; columns: what it is and what it is to become. "" is legal.
@pytest.mark.parametrize(("stage", "before", "after"), list(product(STANDINGS, T, T)))
def test_type_changes_cell_by_cell(stage: Stage, before: OrderType, after: OrderType) -> None:
    expected = ""
    if stage is Stage.PARTLY_FILLED and after.is_stop:
        expected = "type_change_not_allowed"
    assert code_of(STANDINGS[stage], an_order(before), order_type=after) == expected


@pytest.mark.parametrize("stage", STANDINGS)
@pytest.mark.parametrize("field", [Field.QUANTITY, Field.PRICE, Field.DISCLOSED_QUANTITY])
def test_terms_of_a_live_order_may_change(stage: Stage, field: Field) -> None:
    values = {Field.QUANTITY: 20, Field.PRICE: PRICE, Field.DISCLOSED_QUANTITY: 5}
    assert code_of(STANDINGS[stage], an_order(T.LIMIT), **{field: values[field]}) == ""
    assert field in FIELDS[stage]


def test_trigger_may_change_until_something_has_traded() -> None:
    for stage in (Stage.QUEUED, Stage.WAITING):
        assert code_of(STANDINGS[stage], an_order(T.SL), trigger_price=TRIGGER) == ""
    partly = STANDINGS[Stage.PARTLY_FILLED]
    assert code_of(partly, an_order(T.LIMIT), trigger_price=TRIGGER) == "trigger_price_not_allowed"


@pytest.mark.parametrize("became", [T.LIMIT, T.MARKET])
def test_triggered_stop_has_no_trigger_any_more(became: OrderType) -> None:
    standing = Standing(S.OPEN, is_triggered=True)
    assert code_of(standing, an_order(became), trigger_price=TRIGGER) == "already_triggered"
    for kind in (T.SL, T.SL_M):
        assert code_of(standing, an_order(became), order_type=kind) == "already_triggered"
    for kind in (T.LIMIT, T.MARKET):
        assert code_of(standing, an_order(became), order_type=kind) == ""
    assert code_of(standing, an_order(became), quantity=20) == ""


def test_quantity_never_goes_below_what_has_traded() -> None:
    partly = STANDINGS[Stage.PARTLY_FILLED]
    assert code_of(partly, an_order(T.LIMIT), quantity=3) == "quantity_below_filled"
    assert code_of(partly, an_order(T.LIMIT), quantity=4) == ""


def test_ioc_changes_only_before_it_is_in_the_market() -> None:
    waiting = an_order(T.SL, validity=Validity.IOC)
    assert code_of(STANDINGS[Stage.WAITING], waiting, quantity=20) == ""
    resting = an_order(T.LIMIT, validity=Validity.IOC)
    assert code_of(STANDINGS[Stage.RESTING], resting, quantity=20) == "ioc_not_modifiable"


@pytest.mark.parametrize(("before", "after"), list(product(T, T)))
def test_changed_type_drops_what_it_has_no_use_for_and_keeps_the_rest(before: OrderType, after: OrderType) -> None:
    found = modified(an_order(before), OrderModification(order_type=after))
    assert found.order_type is after
    assert found.price == (PRICE if before.has_limit and after.has_limit else None)
    assert found.trigger_price == (TRIGGER if before.is_stop and after.is_stop else None)
    missing = {"price"} if after.has_limit and not before.has_limit else set()
    missing |= {"trigger_price"} if after.is_stop and not before.is_stop else set()
    assert set(shape_errors(found)) == missing


@pytest.mark.parametrize(("status", "before", "after"), list(product(S, T, T)))
def test_state_after_a_type_change_is_one_that_the_state_table_allows(
    status: OrderStatus, before: OrderType, after: OrderType
) -> None:
    target = status_after(status, before, after)
    if status is S.TRIGGER_PENDING and not after.is_stop:
        assert target is S.OPEN
    elif status is S.OPEN and after.is_stop and not before.is_stop:
        assert target is S.TRIGGER_PENDING
    else:
        assert target is status
    assert rework(status, target) is target


# The whole table of states, written out: from each the states that it may move to.
ALLOWED = {
    "PENDING_ROUTE": "ROUTING REJECTED CANCELLED EXPIRED",
    "ROUTING": "UNKNOWN TRIGGER_PENDING OPEN PARTIALLY_FILLED REJECTED EXPIRED CANCELLED FILLED",
    "UNKNOWN": "TRIGGER_PENDING OPEN PARTIALLY_FILLED REJECTED EXPIRED CANCELLED FILLED",
    "TRIGGER_PENDING": "OPEN PARTIALLY_FILLED REJECTED EXPIRED CANCELLED FILLED",
    "OPEN": "PARTIALLY_FILLED REJECTED EXPIRED CANCELLED FILLED",
    "PARTIALLY_FILLED": "EXPIRED CANCELLED FILLED",
    "EXPIRED": "CANCELLED FILLED",
    "CANCELLED": "FILLED",
    "REJECTED": "",
    "FILLED": "",
}


def test_table_of_states_has_a_row_for_each() -> None:
    assert set(ALLOWED) == set(S) == set(MOVES)


@pytest.mark.parametrize(("current", "target"), list(product(S, S)))
def test_every_move_is_allowed_or_refused_as_the_table_says(current: OrderStatus, target: OrderStatus) -> None:
    if target in ALLOWED[current].split():
        assert move(current, target) is target
        assert rework(current, target) is target
        return
    with pytest.raises(IllegalMove):
        move(current, target)
    if current is target or target in REWORKS.get(current, ()):
        assert rework(current, target) is target
    else:
        with pytest.raises(IllegalMove):
            rework(current, target)


def test_only_taking_down_lowers_the_risk() -> None:
    before = an_order(T.LIMIT)
    lowering = [OrderModification(quantity=5), OrderModification(disclosed_quantity=2)]
    raising = [
        OrderModification(quantity=11),
        OrderModification(quantity=5, price=PRICE + 1),
        OrderModification(order_type=T.MARKET),
        OrderModification(price=PRICE - 1),
    ]
    assert all(lowers_risk(before, modified(before, change)) for change in lowering)
    assert not any(lowers_risk(before, modified(before, change)) for change in raising)
