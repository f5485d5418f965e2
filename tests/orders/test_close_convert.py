"""Ways out of positions: parts, limits, slices, everything at once; and into another product."""

from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from core.errors import Conflict, InvalidInput, NotFound, Unprocessable
from notifications.models import Notification
from tests.orders.desk import Desk, OpenGate, make_desk, show_book
from tests.orders.watch import create, leg
from trading.brokers.domain.terms import Product, Side
from trading.instruments.process_cache import forget_reference_data
from trading.orders.domain.gate import GateDecision, OrderContext
from trading.orders.domain.target import target_plan
from trading.orders.models import Order
from trading.orders.services import (
    CloseTerms,
    conversion_submit,
    order_submit,
    orders_cancel_each,
    position_close,
    positions_close_all,
)
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import Position


@given(
    position=st.integers(-500, 500),
    buying=st.integers(0, 300),
    selling=st.integers(0, 300),
    target=st.integers(-500, 500),
    cancel=st.booleans(),
)
def test_a_target_plan_ends_at_the_target(
    position: int, buying: int, selling: int, target: int, cancel: bool
) -> None:
    plan = target_plan(
        position_quantity=position,
        buying_quantity=buying,
        selling_quantity=selling,
        target=target,
        cancel_opposite=cancel,
    )
    left = {Side.BUY: buying, Side.SELL: selling}
    for side in plan.cancels:
        left[side] = 0
    sent = plan.quantity * plan.side.sign if plan.side else 0
    assert position + left[Side.BUY] - left[Side.SELL] + sent == target
    assert (plan.side is None) == (plan.quantity == 0)
    assert cancel or not plan.cancels
    if cancel and plan.side:
        opposite = Side.SELL if plan.side is Side.BUY else Side.BUY
        assert left[opposite] == 0


def hold(desk: Desk, quantity: int = 100, **changes: object) -> Position:
    """An open position; negative is short."""
    side = Side.BUY if quantity > 0 else Side.SELL
    order = order_submit(actor=desk.trader, intent=desk.intent(side, abs(quantity), **changes))
    assert order.status == "FILLED", order.status_message
    found: Position = Position.objects.get(strategy=order.strategy, product=order.product)
    return found


def test_a_part_of_a_position_is_closed(desk: Desk) -> None:
    show_book()
    position = hold(desk)
    order = position_close(actor=desk.trader, position_id=position.id, terms=CloseTerms(quantity=30))
    position.refresh_from_db()
    assert (order.status, order.quantity, position.quantity) == ("FILLED", 30, 70)


def test_a_close_at_a_limit_rests_and_is_replaced_by_one_at_market(desk: Desk) -> None:
    show_book()
    position = hold(desk)
    resting = position_close(actor=desk.trader, position_id=position.id, terms=CloseTerms(price=Decimal("110.00")))
    assert (resting.status, resting.order_type, resting.hold_paise) == ("OPEN", "LIMIT", 0)
    assert position_close(actor=desk.trader, position_id=position.id).status == "FILLED"
    resting.refresh_from_db()
    assert (resting.status, resting.status_code) == ("CANCELLED", "position_closed")
    assert orders_verify() == []


def test_a_partial_close_cancels_only_the_exits_that_would_close_too_much(desk: Desk) -> None:
    show_book()
    position = hold(desk)
    older = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 60, price="110.00"))
    newer = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 40, price="111.00"))
    position_close(actor=desk.trader, position_id=position.id, terms=CloseTerms(quantity=40))
    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.status, newer.status) == ("OPEN", "CANCELLED")


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (CloseTerms(quantity=0), "invalid_quantity"),
        (CloseTerms(quantity=-5), "invalid_quantity"),
        (CloseTerms(quantity=101), "invalid_quantity"),
        (CloseTerms(price=Decimal("100.02")), "price_off_tick"),
        (CloseTerms(price=Decimal(0)), "invalid_price"),
    ],
)
def test_a_close_that_cannot_be_changes_nothing(desk: Desk, terms: CloseTerms, code: str) -> None:
    show_book()
    position = hold(desk)
    with pytest.raises(InvalidInput) as refused:
        position_close(actor=desk.trader, position_id=position.id, terms=terms)
    assert refused.value.code == code
    assert Order.objects.count() == 1


def test_a_position_above_the_freeze_quantity_is_closed_in_slices(desk: Desk) -> None:
    show_book(asks=(("100.00", 10_000),), bids=(("99.95", 10_000),))
    position = hold(desk, 2_500)
    desk.instrument.freeze_quantity = 1_000
    desk.instrument.save(update_fields=["freeze_quantity"])
    forget_reference_data()
    first = position_close(actor=desk.trader, position_id=position.id, client_order_id="out")
    position.refresh_from_db()
    assert position.quantity == 0
    assert first.group is not None
    assert [order.quantity for order in first.group.orders.order_by("id")] == [1_000, 1_000, 500]
    assert position_close(actor=desk.trader, position_id=position.id, client_order_id="out").id == first.id
    assert orders_verify() == []


def test_everything_is_closed_shorts_first_with_a_report_of_each(desk: Desk) -> None:
    show_book()
    hold(desk, 100, strategy="a")
    hold(desk, -50, strategy="b")
    reports = positions_close_all(actor=desk.trader, client_order_id="all")
    assert [(report.position.strategy, report.order.status) for report in reports if report.order] == [
        ("b", "FILLED"),
        ("a", "FILLED"),
    ]
    assert not Position.objects.exclude(quantity=0).exists()
    assert positions_close_all(actor=desk.trader, client_order_id="all") == []


class NoStrategyB(OpenGate):
    """Refuses whatever strategy b asks."""

    def check(self, context: OrderContext) -> list[GateDecision]:
        return [GateDecision("b", context.intent.strategy != "b", "not_b", "Not b.")]


def test_what_cannot_be_closed_is_reported_and_keeps_nothing_else_open(desk: Desk, settings: Settings) -> None:
    show_book()
    hold(desk, 100, strategy="a")
    hold(desk, 50, strategy="b")
    settings.PRE_TRADE_GATES = ["tests.orders.test_close_convert.NoStrategyB"]
    reports = {report.position.strategy: report for report in positions_close_all(actor=desk.trader)}
    assert (reports["a"].code, reports["b"].code) == ("", "not_b")
    assert Position.objects.get(strategy="a").quantity == 0


def test_a_strategy_is_closed_without_touching_its_neighbours(desk: Desk) -> None:
    show_book()
    hold(desk, 100, strategy="a")
    hold(desk, 50, strategy="b")
    assert len(positions_close_all(actor=desk.trader, strategy="a", product=Product.INTRADAY)) == 1
    assert Position.objects.get(strategy="b").quantity == 50


def test_orders_are_cancelled_by_strategy_and_symbol(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent(price="90.00", strategy="a"))
    kept = order_submit(actor=desk.trader, intent=desk.intent(price="90.00", strategy="b"))
    assert orders_cancel_each(actor=desk.trader, key="NSE:TCS") == []
    assert [report.code for report in orders_cancel_each(actor=desk.trader, strategy="a")] == [""]
    kept.refresh_from_db()
    assert kept.status == "OPEN"
    assert len(orders_cancel_each(actor=desk.trader, key=desk.instrument.key)) == 1


def test_intraday_becomes_delivery_when_the_money_is_there(desk: Desk) -> None:
    show_book()
    position = hold(desk)
    conversion = conversion_submit(
        actor=desk.trader, position_id=position.id, product=Product.DELIVERY, quantity=60, client_order_id="c"
    )
    position.refresh_from_db()
    assert (position.quantity, conversion.target.quantity, conversion.target.product) == (40, 60, "DELIVERY")
    again = conversion_submit(
        actor=desk.trader, position_id=position.id, product=Product.DELIVERY, quantity=60, client_order_id="c"
    )
    assert not again.is_new
    with pytest.raises(Unprocessable) as refused:
        conversion_submit(
            actor=desk.trader, position_id=position.id, product=Product.DELIVERY, quantity=10, client_order_id="c"
        )
    assert refused.value.code == "idempotency_mismatch"
    assert orders_verify() == []


def test_the_owner_is_told_what_a_partial_conversion_leaves_unguarded(desk: Desk) -> None:
    show_book()
    position = hold(desk)
    assert position.quantity == 100
    trigger = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 110), quantity=80)
    convert = partial(conversion_submit, actor=desk.trader, position_id=position.id, product=Product.DELIVERY)
    told = Notification.objects.filter(link=f"/triggers/{trigger.id}/")
    convert(quantity=20)
    assert not told.exists(), "all that is left is guarded, and what went never was"
    convert(quantity=50)
    trigger.refresh_from_db()
    assert trigger.remaining_quantity == 30
    note = told.get()
    assert (note.user_id, note.title) == (desk.account.owner_id, "Guards less: SELL NSE:RELIANCE")
    assert "guards 30 of 80 units from now on, because 50 units were converted to DELIVERY" in note.body


def test_a_conversion_waits_for_exits_that_would_close_more_than_is_left(desk: Desk) -> None:
    show_book()
    position = hold(desk)
    order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 60, price="110.00"))
    with pytest.raises(Conflict) as refused:
        conversion_submit(actor=desk.trader, position_id=position.id, product=Product.DELIVERY)
    assert refused.value.code == "exits_live"
    assert conversion_submit(
        actor=desk.trader, position_id=position.id, product=Product.DELIVERY, quantity=40
    ).is_new


@pytest.mark.parametrize(
    ("product", "quantity", "code"),
    [
        (Product.INTRADAY, None, "conversion_not_allowed"),
        (Product.NORMAL, None, "conversion_not_allowed"),
        (Product.DELIVERY, 0, "invalid_quantity"),
        (Product.DELIVERY, 101, "invalid_quantity"),
    ],
)
def test_a_conversion_that_cannot_be_says_why(
    desk: Desk, product: Product, quantity: int | None, code: str
) -> None:
    show_book()
    position = hold(desk)
    with pytest.raises(InvalidInput) as refused:
        conversion_submit(actor=desk.trader, position_id=position.id, product=product, quantity=quantity)
    assert refused.value.code == code
    assert Position.objects.count() == 1


def test_a_short_cannot_be_delivered_and_a_flat_position_not_converted(desk: Desk) -> None:
    show_book()
    short = hold(desk, -100)
    with pytest.raises(Conflict) as refused:
        conversion_submit(actor=desk.trader, position_id=short.id, product=Product.DELIVERY)
    assert refused.value.code == "short_not_deliverable"
    position_close(actor=desk.trader, position_id=short.id)
    with pytest.raises(Conflict) as flat:
        conversion_submit(actor=desk.trader, position_id=short.id, product=Product.DELIVERY)
    assert flat.value.code == "position_flat"


def test_a_conversion_passes_the_gates(desk: Desk, settings: Settings) -> None:
    show_book()
    position = hold(desk, strategy="b")
    settings.PRE_TRADE_GATES = ["tests.orders.test_close_convert.NoStrategyB"]
    with pytest.raises(Unprocessable) as refused:
        conversion_submit(actor=desk.trader, position_id=position.id, product=Product.DELIVERY)
    assert refused.value.code == "not_b"
    position.refresh_from_db()
    assert position.quantity == 100


def test_a_conversion_that_cannot_be_paid_is_refused(desk: Desk) -> None:
    show_book(asks=(("100.00", 100_000),))
    position = hold(desk, 30_000)
    with pytest.raises(Conflict) as refused:
        conversion_submit(actor=desk.trader, position_id=position.id, product=Product.DELIVERY)
    assert refused.value.code == "insufficient_funds"
    position.refresh_from_db()
    assert position.quantity == 30_000


def test_a_strangers_position_is_not_found(desk: Desk) -> None:
    show_book()
    position = hold(desk)
    stranger = make_desk()
    with pytest.raises(NotFound):
        conversion_submit(actor=stranger.trader, position_id=position.id, product=Product.DELIVERY)
    assert positions_close_all(actor=stranger.trader) == []
