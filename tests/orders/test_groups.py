"""Baskets, slices, targets: placed together, reported leg by leg, the same again for the same request."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Unprocessable
from core.tenancy import tenant_scope
from tests.factories import make_instrument
from tests.orders.desk import Desk, OpenGate, make_desk, show_book
from trading.brokers.domain.terms import Product, Side
from trading.orders.domain.gate import GateDecision, OrderContext
from trading.orders.domain.group import GroupIntent, GroupKind, GroupStatus, LegIntent
from trading.orders.domain.target import TargetIntent
from trading.orders.models import Order, OrderGroup
from trading.orders.selectors.groups import group_get, group_legs, group_orders, group_shape, group_state
from trading.orders.services import order_submit
from trading.orders.services.groups.place import group_cancel, group_submit, order_submit_sliced
from trading.orders.services.groups.target import target_submit
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import Position


def leg(desk: Desk, side: Side = Side.BUY, quantity: int = 10, **changes: object) -> LegIntent:
    lots = changes.pop("lots", None)
    intent = desk.intent(side, quantity, client_order_id="", **changes)
    return LegIntent(intent, lots=lots)  # type: ignore[arg-type]


def basket(desk: Desk, *legs: LegIntent, **changes: object) -> GroupIntent:
    values: dict[str, object] = {
        "account_id": desk.account.id,
        "kind": GroupKind.BASKET,
        "legs": legs,
        "client_order_id": uuid4().hex,
    }
    return GroupIntent(**{**values, **changes})  # type: ignore[arg-type]


def place(desk: Desk, *legs: LegIntent, **changes: object) -> OrderGroup:
    group = group_submit(actor=desk.trader, intent=basket(desk, *legs, **changes))
    return group_get(desk.trader, group.id)


def outcome(group: OrderGroup) -> list[tuple[int, str, str | None]]:
    return [(leg.number, str(leg.status), leg.reason[0] if leg.reason else None) for leg in group_legs(group)]


def test_a_basket_buys_before_it_sells_and_names_its_orders(desk: Desk) -> None:
    show_book()
    group = place(desk, leg(desk, Side.SELL, 5), leg(desk, Side.BUY, 5), client_order_id="pair")
    orders = sorted(group_orders(group), key=lambda order: order.id)
    assert [(order.side, order.leg, order.client_order_id) for order in orders] == [
        ("BUY", 2, "pair-2"),
        ("SELL", 1, "pair-1"),
    ]
    assert group_state(group) is GroupStatus.FILLED


def test_a_basket_is_one_entry_in_the_audit_trail(desk: Desk) -> None:
    show_book()
    before = AuditEntry.objects.count()
    group = place(desk, leg(desk), leg(desk, quantity=20))
    entry = AuditEntry.objects.order_by("-seq").first()
    assert entry is not None
    assert AuditEntry.objects.count() == before + 1
    assert (entry.action, entry.object_id) == ("order_group.submitted", str(group.id))
    assert [order["quantity"] for order in entry.data["orders"]] == [10, 20]


def test_a_leg_that_is_refused_or_malformed_is_reported_and_the_rest_is_placed(desk: Desk) -> None:
    show_book()
    group = place(
        desk,
        leg(desk, quantity=10),
        leg(desk, quantity=10, price="100.02"),
        leg(desk, quantity=10, key="NSE:NOSUCH"),
        leg(desk, quantity=9_000_000),
        leg(desk, Side.SELL, quantity=10),
    )
    assert outcome(group) == [
        (1, "FILLED", None),
        (2, "REFUSED", "price_off_tick"),
        (3, "REFUSED", "unknown_symbol"),
        (4, "REFUSED", "insufficient_funds"),
        (5, "FILLED", None),
    ]
    assert group_state(group) is GroupStatus.PARTIAL
    assert orders_verify() == []


def test_all_or_nothing_places_none_and_gives_every_leg_its_reason(desk: Desk) -> None:
    show_book()
    desk.account.balance.refresh_from_db()
    before = desk.account.balance.available_paise
    group = place(
        desk, leg(desk), leg(desk, quantity=9_000_000), leg(desk, price="100.02"), leg(desk), all_or_nothing=True
    )
    assert outcome(group) == [
        (1, "REFUSED", "group_refused"),
        (2, "REFUSED", "insufficient_funds"),
        (3, "REFUSED", "price_off_tick"),
        (4, "REFUSED", "group_refused"),
    ]
    assert not Order.objects.exists()
    assert not Position.objects.exists()
    desk.account.balance.refresh_from_db()
    assert desk.account.balance.available_paise == before
    assert group_state(group) is GroupStatus.REFUSED


def test_all_or_nothing_sees_that_two_legs_cannot_both_be_paid(desk: Desk) -> None:
    """Each leg alone is affordable; only judged together are they not."""
    show_book(asks=(("100.00", 100_000),))
    dear = 45_000
    group = place(
        desk,
        leg(desk, quantity=dear, price="100.00"),
        leg(desk, quantity=dear, price="100.00"),
        all_or_nothing=True,
    )
    assert [code for _, _, code in outcome(group)] == ["group_refused", "insufficient_funds"]
    assert [leg.status for leg in group_legs(place(desk, leg(desk, quantity=dear, price="100.00")))] == [
        GroupStatus.FILLED
    ]


def test_all_or_nothing_places_all_when_none_is_refused(desk: Desk) -> None:
    show_book()
    group = place(desk, leg(desk), leg(desk, price="90.00"), all_or_nothing=True)
    assert outcome(group) == [(1, "FILLED", None), (2, "WORKING", None)]
    assert orders_verify() == []


def test_the_same_request_gets_the_first_group_and_another_one_is_told_apart(desk: Desk) -> None:
    show_book()
    intent = basket(desk, leg(desk), client_order_id="again")
    first = group_submit(actor=desk.trader, intent=intent)
    assert group_submit(actor=desk.trader, intent=intent).id == first.id
    assert Order.objects.count() == 1
    with pytest.raises(Unprocessable) as refused:
        group_submit(actor=desk.trader, intent=replace(intent, legs=(leg(desk, quantity=11),)))
    assert refused.value.code == "idempotency_mismatch"


def test_a_refused_group_stays_refused_for_the_same_request(desk: Desk) -> None:
    show_book()
    intent = basket(desk, leg(desk, price="100.02"), client_order_id="refused", all_or_nothing=True)
    first = group_submit(actor=desk.trader, intent=intent)
    again = group_submit(actor=desk.trader, intent=intent)
    assert again.id == first.id
    assert outcome(group_get(desk.trader, again.id)) == [(1, "REFUSED", "price_off_tick")]


def test_a_name_that_stands_for_a_single_order_is_no_groups(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent(client_order_id="single"))
    with pytest.raises(Unprocessable) as refused:
        place(desk, leg(desk), client_order_id="single")
    assert refused.value.code == "idempotency_mismatch"


@pytest.mark.parametrize(
    ("legs", "changes", "code"),
    [
        (0, {}, "no_legs"),
        (4, {}, "too_many_legs"),
        (1, {"client_order_id": ""}, "invalid_client_order_id"),
        (1, {"client_order_id": "x" * 60}, "invalid_client_order_id"),
        (1, {"name": "n" * 65}, "invalid_name"),
    ],
)
def test_a_malformed_group_is_nobodys(
    desk: Desk, settings: Settings, legs: int, changes: dict[str, object], code: str
) -> None:
    settings.ORDER_GROUP_LEGS = 3
    with pytest.raises(InvalidInput) as refused:
        place(desk, *[leg(desk)] * legs, **changes)
    assert refused.value.code == code
    assert not OrderGroup.objects.exists()


def test_a_group_in_a_strangers_account_is_not_found(desk: Desk) -> None:
    show_book()
    stranger = make_desk()
    with pytest.raises(NotFound):
        group_submit(actor=stranger.trader, intent=basket(desk, leg(desk)))
    group = place(desk, leg(desk, price="90.00"))
    with tenant_scope(stranger.organisation.id):
        with pytest.raises(NotFound):
            group_get(stranger.trader, group.id)
        with pytest.raises(NotFound):
            group_cancel(actor=stranger.trader, group_id=group.id)


def test_cancelling_a_group_cancels_what_has_not_traded(desk: Desk) -> None:
    show_book()
    group = place(desk, leg(desk, price="90.00"), leg(desk, price="91.00"))
    cancelled = group_cancel(actor=desk.trader, group_id=group.id)
    assert outcome(cancelled) == [(1, "CANCELLED", "cancelled"), (2, "CANCELLED", "cancelled")]
    with pytest.raises(Conflict) as twice:
        group_cancel(actor=desk.trader, group_id=group.id)
    assert twice.value.code == "group_cancelled"
    desk.account.balance.refresh_from_db()
    assert desk.account.balance.blocked_paise == 0


def test_a_group_that_has_filled_cannot_be_cancelled(desk: Desk) -> None:
    show_book()
    group = place(desk, leg(desk))
    with pytest.raises(Conflict) as refused:
        group_cancel(actor=desk.trader, group_id=group.id)
    assert refused.value.code == "group_filled"


class SmallOrders(OpenGate):
    """Refuses more than 2,000 units in one order, and the third order of a kind."""

    def check(self, context: OrderContext) -> list[GateDecision]:
        if context.intent.quantity > 2_000:
            return [GateDecision("small", False, "too_many", "At most 2000.", "2000", str(context.intent.quantity))]
        return [GateDecision("small", True, "ok", "")]


class TwoOpenOrders(SmallOrders):
    def check(self, context: OrderContext) -> list[GateDecision]:
        allowed = context.open_orders < 2
        return [GateDecision("open_orders", allowed, "ok" if allowed else "too_many_open", "At most two.")]


@pytest.fixture
def frozen(desk: Desk) -> Desk:
    """The desk's share, above 1,000 units frozen by its exchange."""
    desk.instrument.freeze_quantity = 1_000
    desk.instrument.save(update_fields=["freeze_quantity"])
    show_book(asks=(("100.00", 100_000),))
    return desk


def test_a_leg_above_the_freeze_quantity_is_refused_unless_sliced(frozen: Desk) -> None:
    refused = place(frozen, leg(frozen, quantity=2_500))
    assert outcome(refused) == [(1, "REFUSED", "above_freeze_quantity")]
    sliced = place(frozen, leg(frozen, quantity=2_500), client_order_id="big", autoslice=True)
    assert [(order.leg, order.quantity, order.client_order_id) for order in group_orders(sliced)] == [
        (1, 1_000, "big-1.1"),
        (1, 1_000, "big-1.2"),
        (1, 500, "big-1.3"),
    ]
    assert [(one.quantity, one.filled_quantity) for one in group_legs(sliced)] == [(2_500, 2_500)]


def test_an_order_above_the_freeze_quantity_is_sliced_into_one_group(frozen: Desk) -> None:
    intent = frozen.intent(quantity=2_500, client_order_id="big")
    group = order_submit_sliced(actor=frozen.trader, intent=intent)
    assert [order.client_order_id for order in group_orders(group_get(frozen.trader, group.id))] == [
        "big",
        "big-2",
        "big-3",
    ]
    assert order_submit_sliced(actor=frozen.trader, intent=intent).id == group.id
    assert Position.objects.get().quantity == 2_500
    with pytest.raises(InvalidInput) as refused:
        order_submit(actor=frozen.trader, intent=replace(intent, client_order_id="plain"))
    assert refused.value.code == "above_freeze_quantity"


def test_slicing_does_not_slip_past_a_limit_on_one_order(frozen: Desk, settings: Settings) -> None:
    settings.PRE_TRADE_GATES = ["tests.orders.test_groups.SmallOrders"]
    group = order_submit_sliced(actor=frozen.trader, intent=frozen.intent(quantity=2_500))
    (order,) = group_orders(group_get(frozen.trader, group.id))
    assert (order.status, order.status_code, order.quantity) == ("REJECTED", "too_many", 2_500)


def test_slices_are_placed_all_or_none(frozen: Desk, settings: Settings) -> None:
    settings.PRE_TRADE_GATES = ["tests.orders.test_groups.TwoOpenOrders"]
    resting = frozen.intent(quantity=2_500, price="90.00")
    group = order_submit_sliced(actor=frozen.trader, intent=resting)
    (order,) = group_orders(group_get(frozen.trader, group.id))
    assert (order.status, order.status_code, order.quantity) == ("REJECTED", "too_many_open", 2_500)
    frozen.account.balance.refresh_from_db()
    assert frozen.account.balance.blocked_paise == 0
    assert orders_verify() == []


def test_an_order_is_not_sliced_without_end(frozen: Desk, settings: Settings) -> None:
    settings.ORDER_SLICES_MAX = 2
    with pytest.raises(InvalidInput) as refused:
        order_submit_sliced(actor=frozen.trader, intent=frozen.intent(quantity=2_500))
    assert refused.value.code == "too_many_slices"


def test_lots_are_counted_by_the_instrument(desk: Desk) -> None:
    future = make_instrument(
        "NFO:NIFTY26NOVFUT", expiry="2099-11-24", lot_size=65, freeze_quantity=1800, tick_size=Decimal("0.05")
    )
    show_book(key=future.key)
    group = place(desk, leg(desk, quantity=2, key=future.key, product=Product.NORMAL, lots=2))
    assert [one.quantity for one in group_legs(group)] == [130]


def test_the_report_has_a_shape(desk: Desk) -> None:
    show_book()
    shape = group_shape(place(desk, leg(desk), leg(desk, price="100.02"), name="Pair"))
    assert (shape["kind"], shape["name"], shape["status"]) == ("BASKET", "Pair", "PARTIAL")
    assert [one["status"] for one in shape["legs"]] == ["FILLED", "REFUSED"]
    assert shape["legs"][0]["orders"][0]["group"] == shape["id"]
    assert shape["legs"][1]["status_reason"]["code"] == "price_off_tick"


# Targets


def wanted(desk: Desk, target: int, **changes: object) -> TargetIntent:
    options = {name: changes.pop(name) for name in ("cancel_opposite", "autoslice") if name in changes}
    return TargetIntent(desk.intent(Side.BUY, 1, **changes), target, **options)  # type: ignore[arg-type]


def reach(desk: Desk, target: int, **changes: object) -> OrderGroup:
    group = target_submit(actor=desk.trader, intent=wanted(desk, target, **changes))
    return group_get(desk.trader, group.id)


def sent(group: OrderGroup) -> list[tuple[str, int, str]]:
    return [(order.side, order.quantity, order.status) for order in group_orders(group)]


def test_a_target_sends_the_difference_and_flips_through_zero_with_one_order(desk: Desk) -> None:
    show_book()
    assert sent(reach(desk, 30)) == [("BUY", 30, "FILLED")]
    assert sent(reach(desk, 50)) == [("BUY", 20, "FILLED")]
    assert sent(reach(desk, -20)) == [("SELL", 70, "FILLED")]
    assert Position.objects.get().quantity == -20
    nothing = reach(desk, -20)
    assert sent(nothing) == []
    assert group_state(nothing) is GroupStatus.NOTHING
    assert sent(reach(desk, 0)) == [("BUY", 20, "FILLED")]


def test_a_target_counts_what_is_on_its_way(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent(quantity=30, price="90.00"))
    group = reach(desk, 30)
    assert sent(group) == []
    assert (group.findings["buying_quantity"], group.findings["expected_quantity"]) == (30, 30)


def test_opposite_orders_are_reported_or_cancelled_as_asked(desk: Desk) -> None:
    show_book()
    reach(desk, 30)
    resting = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 30, price="110.00"))
    told = reach(desk, 0)
    assert sent(told) == []
    told = reach(desk, 40, price="90.00")
    assert sent(told) == [("BUY", 40, "OPEN")]
    assert told.findings["opposite_orders"] == [str(resting.id)]
    group_cancel(actor=desk.trader, group_id=told.id)
    done = reach(desk, 40, cancel_opposite=True)
    assert sent(done) == [("BUY", 10, "FILLED")]
    assert done.findings["cancelled_orders"] == [str(resting.id)]
    resting.refresh_from_db()
    assert resting.status == "CANCELLED"


def test_a_refused_target_takes_its_cancellations_back(desk: Desk) -> None:
    show_book()
    reach(desk, 30)
    resting = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 30, price="110.00"))
    group = reach(desk, 9_000_000, cancel_opposite=True)
    assert [(side, status) for side, _, status in sent(group)] == [("BUY", "REJECTED")]
    resting.refresh_from_db()
    assert resting.status == "OPEN"
    assert group.findings["cancelled_orders"] == []
    assert orders_verify() == []


def test_a_target_asked_for_twice_is_sent_once_even_when_the_position_has_moved(desk: Desk) -> None:
    show_book()
    intent = wanted(desk, 30, client_order_id="smart")
    first = target_submit(actor=desk.trader, intent=intent)
    order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 30))
    assert target_submit(actor=desk.trader, intent=intent).id == first.id
    assert Position.objects.get().quantity == 0


def test_each_strategy_has_its_own_target(desk: Desk) -> None:
    show_book()
    reach(desk, 30, strategy="trend")
    assert sent(reach(desk, 10, strategy="swing")) == [("BUY", 10, "FILLED")]


def test_cancelling_for_a_target_needs_the_right_to_cancel(desk: Desk) -> None:
    from accounts.domain.permissions import Permission

    show_book()
    only_placing = replace(desk.trader, permissions=desk.trader.permissions - {Permission.CANCEL_ORDERS})
    with pytest.raises(PermissionDenied):
        target_submit(actor=only_placing, intent=wanted(desk, 30, cancel_opposite=True))


@pytest.mark.parametrize(("target", "code"), [(10_000_001, "invalid_quantity"), (-10_000_001, "invalid_quantity")])
def test_a_target_is_bounded(desk: Desk, target: int, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        reach(desk, target)
    assert refused.value.code == code


# Races


@pytest.mark.django_db(transaction=True)
def test_twenty_equal_requests_at_once_are_one_group() -> None:
    desk = make_desk()
    show_book()
    intent = basket(desk, leg(desk), leg(desk, Side.SELL, 5), client_order_id="once")

    def submit(_: int) -> str:
        try:
            with tenant_scope(desk.organisation.id):
                return str(group_submit(actor=desk.trader, intent=intent).id)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(submit, range(20)))
    assert len(set(answers)) == 1
    with tenant_scope(desk.organisation.id):
        assert Order.objects.count() == 2
        assert OrderGroup.objects.count() == 1
        assert orders_verify() == []
