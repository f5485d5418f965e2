"""What a trigger does over its life, on the paper exchange, fired by the sweep."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from accounts.domain.actor import Actor
from core import clock
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Unprocessable
from core.tenancy import system_scope
from notifications.models import Notification
from tests.factories import actor_for, make_member
from tests.orders.desk import Desk, make_desk
from tests.orders.watch import ask, create, happened, held, hold, leg, live, price, status, statuses, tick
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.models import CorporateAction
from trading.orders.domain.triggers.states import LegRole, TriggerStatus
from trading.orders.models import Order, Trigger, TriggerLeg
from trading.orders.monitor.sweep import sweep_orphans
from trading.orders.selectors.triggers import trigger_get
from trading.orders.services import order_cancel, order_submit, position_close
from trading.orders.services.triggers import (
    LegTerms,
    TriggerModification,
    trigger_cancel,
    trigger_create,
    trigger_fire,
    trigger_modify,
    triggers_cancel_all,
)
from trading.portfolio.models import Position

SHUT = ["tests.orders.desk.ShutGate"]
OPEN = ["tests.orders.desk.OpenGate"]


@pytest.fixture(autouse=True)
def _market(desk: Desk) -> None:
    price(100)


def orders_of(trigger: Trigger) -> list[Order]:
    return list(Order.objects.filter(trigger=trigger).order_by("id"))


# ---- one price


def test_a_single_stop_closes_its_position_once(desk: Desk) -> None:
    hold(desk)
    trigger = create(desk, "SINGLE", leg("SINGLE", 95))
    assert trigger.protects
    tick("95.05")
    assert orders_of(trigger) == []
    tick("94.90")
    tick("94.80")
    (order,) = orders_of(trigger)
    assert (order.side, order.quantity, order.status, order.origin) == ("SELL", 10, "FILLED", "TRIGGER")
    assert (held(desk), status(trigger)) == (0, "COMPLETED")
    assert happened(trigger) == ["CREATED", "FIRED", "FILLED", "COMPLETED"]


def test_a_single_without_a_position_waits_to_open_one(desk: Desk) -> None:
    trigger = create(desk, "SINGLE", leg("SINGLE", 105), side=Side.BUY)
    assert not trigger.protects
    tick(105)
    assert (held(desk), status(trigger)) == (10, "COMPLETED")


def test_what_opens_a_position_does_not_fire_for_somebody_who_may_not_trade_any_more(desk: Desk) -> None:
    trigger = create(desk, "SINGLE", leg("SINGLE", 105), side=Side.BUY)
    from accounts.models import Membership

    Membership.objects.filter(user_id=desk.trader.user_id).update(role="viewer")
    tick(105)
    trigger.refresh_from_db()
    assert (held(desk), trigger.status, trigger.status_code) == (0, "CANCELLED", "placer_revoked")


# ---- both sides


@pytest.mark.parametrize(("to", "role"), [("94.00", "STOP"), ("111.00", "TARGET")])
def test_an_oco_leaves_by_whichever_side_is_reached(desk: Desk, to: str, role: str) -> None:
    hold(desk)
    trigger = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 110))
    tick(to)
    (order,) = orders_of(trigger)
    assert (order.trigger_leg.role, order.status) == (role, "FILLED")
    assert (held(desk), status(trigger)) == (0, "COMPLETED")
    tick("94.00")
    tick("111.00")
    assert len(orders_of(trigger)) == 1


def test_a_target_that_rests_half_filled_leaves_the_stop_on_guard_for_the_rest(desk: Desk) -> None:
    hold(desk)
    trigger = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 110))
    from tests.orders.desk import show_book
    from trading.orders.paper.matcher import sweep

    show_book(ltp="110.00", bids=[("110.00", 4)], asks=[("110.05", 100)])
    with system_scope():
        from trading.orders.monitor.sweep import sweep_triggers

        sweep_triggers()
    assert held(desk) == 6
    assert statuses(trigger) == {"STOP": "ARMED", "TARGET": "FIRED"}
    tick(94)
    with system_scope():
        sweep()
    assert (held(desk), status(trigger)) == (0, "COMPLETED")
    assert [(o.trigger_leg.role, o.status, o.filled_quantity) for o in orders_of(trigger)] == [
        ("TARGET", "CANCELLED", 4),
        ("STOP", "FILLED", 6),
    ]


# ---- trailing


@pytest.mark.parametrize("gap", [{"trail_points": 5}, {"trail_percent": 5}])
def test_a_trailing_stop_follows_up_and_never_down(desk: Desk, gap: dict[str, int]) -> None:
    hold(desk)
    trigger = create(desk, "TRAILING", leg("STOP", **gap))
    tick(120)
    tick(116)
    (row,) = TriggerLeg.objects.filter(trigger=trigger)
    assert row.peak_price == 120
    assert row.trigger_price == (115 if "trail_points" in gap else 114)
    assert held(desk) == 10
    tick(112)
    assert (held(desk), status(trigger)) == (0, "COMPLETED")


def test_a_trailing_stop_of_a_short_follows_down(desk: Desk) -> None:
    hold(desk, side=Side.SELL)
    trigger = create(desk, "TRAILING", leg("STOP", trail_points=5), side=Side.BUY)
    tick(80)
    assert TriggerLeg.objects.get(trigger=trigger).trigger_price == 85
    tick("84.95")
    assert held(desk) == -10
    tick(85)
    assert held(desk) == 0


# ---- bracket and cover


def test_a_bracket_enters_rests_its_target_and_watches_its_stop(desk: Desk) -> None:
    trigger = create(desk, "BRACKET", leg("ENTRY"), leg("STOP", 95), leg("TARGET", 110), side=Side.BUY)
    assert (held(desk), trigger.status) == (10, "ACTIVE")
    (target,) = live(trigger)
    assert (target.side, target.quantity, target.price, target.status) == ("SELL", 10, Decimal(110), "OPEN")
    assert statuses(trigger) == {"ENTRY": "DONE", "TARGET": "FIRED", "STOP": "ARMED"}


def test_a_stop_of_a_bracket_cancels_the_target_before_it_sells(desk: Desk) -> None:
    trigger = create(desk, "BRACKET", leg("ENTRY"), leg("STOP", 95), leg("TARGET", 110), side=Side.BUY)
    tick(94)
    assert (held(desk), status(trigger), live(trigger)) == (0, "COMPLETED", [])
    assert [(o.trigger_leg.role, o.status) for o in orders_of(trigger)] == [
        ("ENTRY", "FILLED"),
        ("TARGET", "CANCELLED"),
        ("STOP", "FILLED"),
    ]


def test_a_target_fill_of_a_bracket_ends_its_stop_in_the_same_transaction(desk: Desk) -> None:
    from trading.orders.paper.matcher import sweep

    trigger = create(desk, "BRACKET", leg("ENTRY"), leg("STOP", 95), leg("TARGET", 110), side=Side.BUY)
    price("110.05")
    with system_scope():
        sweep()
    assert (held(desk), status(trigger)) == (0, "COMPLETED")
    assert statuses(trigger) == {"ENTRY": "DONE", "TARGET": "DONE", "STOP": "CANCELLED"}
    tick(90)
    assert held(desk) == 0


def test_partial_entry_fills_size_the_exits(desk: Desk) -> None:
    from trading.orders.paper.matcher import sweep

    price(100, depth=4)
    entry = leg("ENTRY", price=100)
    trigger = create(desk, "BRACKET", entry, leg("STOP", 95), leg("TARGET", 110), side=Side.BUY)
    assert (held(desk), trigger.status) == (4, "ACTIVE")
    assert [order.quantity for order in live(trigger) if order.side == "SELL"] == [4]
    price(100, depth=3)
    with system_scope():
        sweep()
    assert held(desk) == 7
    assert [order.quantity for order in live(trigger) if order.side == "SELL"] == [4, 3]
    tick(94)
    assert (held(desk), live(trigger), status(trigger)) == (0, [], "COMPLETED")
    assert sum(order.filled_quantity for order in orders_of(trigger) if order.side == "SELL") == 7


def test_an_entry_that_never_fills_takes_its_exits_with_it(desk: Desk) -> None:
    trigger = create(desk, "COVER", leg("ENTRY", price=90), leg("STOP", 85), side=Side.BUY)
    assert trigger.status == "WAITING_ENTRY"
    (entry,) = live(trigger)
    order_cancel(actor=desk.trader, order_id=entry.id)
    assert status(trigger) == "CANCELLED"
    tick(80)
    assert held(desk) == 0


def test_an_entry_that_is_refused_is_a_cancelled_trigger_with_its_reason(desk: Desk, settings: Settings) -> None:
    settings.PRE_TRADE_GATES = SHUT
    trigger = create(desk, "COVER", leg("ENTRY"), leg("STOP", 95), side=Side.BUY)
    assert (trigger.status, trigger.status_code) == ("CANCELLED", "desk_closed")
    assert statuses(trigger) == {"ENTRY": "CANCELLED", "STOP": "CANCELLED"}


def test_a_short_cover_buys_back_above(desk: Desk) -> None:
    trigger = create(desk, "COVER", leg("ENTRY"), leg("STOP", 105), side=Side.SELL)
    assert held(desk) == -10
    tick(106)
    assert (held(desk), status(trigger)) == (0, "COMPLETED")


# ---- refused: alarm and retry


def test_a_refused_stop_raises_an_alarm_and_fires_when_it_can(desk: Desk, settings: Settings) -> None:
    manager = make_member("risk_manager", desk.organisation)
    hold(desk)
    trigger = create(desk, "SINGLE", leg("SINGLE", 95))
    settings.PRE_TRADE_GATES = SHUT
    tick(94)
    row = TriggerLeg.objects.get(trigger=trigger)
    trigger.refresh_from_db()
    assert (trigger.status, trigger.status_code, row.status) == ("ALARM", "desk_closed", "REFUSED")
    assert row.next_attempt_at is not None
    assert trigger.alarm_since is not None
    told = set(Notification.objects.filter(kind="alarm").values_list("user_id", flat=True))
    assert told == {desk.trader.user_id, manager.user_id}
    tick(94)
    assert len(orders_of(trigger)) == 1, "not before its time"
    _due_now(trigger)
    tick("96.00")
    row.refresh_from_db()
    assert [order.status for order in orders_of(trigger)] == ["REJECTED", "REJECTED"]
    assert (row.refusals, Notification.objects.filter(kind="alarm").count()) == (2, 2), "told once for one reason"
    settings.PRE_TRADE_GATES = OPEN
    _due_now(trigger)
    tick("96.00")
    trigger.refresh_from_db()
    assert (held(desk), trigger.status, trigger.alarm_since) == (0, "COMPLETED", None)


def test_a_refused_stop_leaves_the_target_where_it_was(desk: Desk, settings: Settings) -> None:
    trigger = create(desk, "BRACKET", leg("ENTRY"), leg("STOP", 95), leg("TARGET", 110), side=Side.BUY)
    settings.PRE_TRADE_GATES = SHUT
    tick(94)
    assert status(trigger) == "ALARM"
    assert [(order.trigger_leg.role, order.status) for order in orders_of(trigger)][1:] == [
        ("TARGET", "OPEN"),
        ("STOP", "REJECTED"),
    ]
    settings.PRE_TRADE_GATES = OPEN
    _due_now(trigger)
    tick(94)
    assert (held(desk), live(trigger), status(trigger)) == (0, [], "COMPLETED")


def _due_now(trigger: Trigger) -> None:
    TriggerLeg.objects.filter(trigger=trigger, status="REFUSED").update(next_attempt_at=clock.now())


def test_nothing_fires_on_a_stale_price_or_in_a_closed_session(desk: Desk, settings: Settings) -> None:
    hold(desk)
    trigger = create(desk, "SINGLE", leg("SINGLE", 95))
    from tests.orders.desk import show_book

    old = show_book(ltp="94.00", age=timedelta(minutes=1))
    with system_scope():
        (row,) = TriggerLeg.objects.filter(trigger=trigger)
        assert trigger_fire(leg_id=row.id, account_id=desk.account.id, quote=old) is None
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False
    tick(94)
    assert (statuses(trigger), orders_of(trigger)) == ({"SINGLE": "ARMED"}, [])
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    tick(94)
    assert status(trigger) == "COMPLETED"


def test_a_stop_whose_market_ran_away_is_priced_again(desk: Desk) -> None:
    from tests.orders.desk import show_book
    from trading.orders.paper.matcher import sweep

    hold(desk)
    trigger = create(desk, "SINGLE", leg("SINGLE", 95))
    show_book(ltp="95.00", bids=[], asks=[("95.00", 100)])
    with system_scope():
        from trading.orders.monitor.sweep import sweep_triggers

        sweep_triggers()
    (order,) = orders_of(trigger)
    assert order.status == "OPEN"
    price(80)
    with system_scope():
        sweep()
        sweep_triggers()
    assert held(desk) == 10, "beyond its protection band, and not yet for long"
    Order.objects.filter(id=order.id).update(created_at=clock.now() - timedelta(seconds=11))
    tick(80)
    assert (held(desk), status(trigger)) == (0, "COMPLETED")
    assert [each.status for each in orders_of(trigger)] == ["CANCELLED", "FILLED"]
    assert "REPRICED" in happened(trigger)


def test_an_exit_whose_session_ended_is_watched_again(desk: Desk, settings: Settings) -> None:
    from trading.orders.services import orders_expire

    trigger = create(desk, "BRACKET", leg("ENTRY"), leg("STOP", 95), leg("TARGET", 110), side=Side.BUY)
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False
    with system_scope():
        assert orders_expire(clock.now() + timedelta(days=1)) == 1
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    assert (status(trigger), statuses(trigger)["TARGET"]) == ("ACTIVE", "ARMED")
    tick("110.05")
    assert (held(desk), status(trigger)) == (0, "COMPLETED")


# ---- orphans


def test_a_position_closed_by_hand_takes_its_triggers_with_it(desk: Desk) -> None:
    hold(desk)
    trigger = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 110))
    position_close(actor=desk.trader, position_id=Position.objects.get(account=desk.account).id)
    trigger.refresh_from_db()
    assert (trigger.status, trigger.status_code) == ("CANCELLED", "position_gone")
    assert Notification.objects.filter(title__startswith="Trigger cancelled").count() == 1


def test_closing_the_position_of_a_bracket_leaves_no_exit_behind(desk: Desk) -> None:
    trigger = create(desk, "BRACKET", leg("ENTRY"), leg("STOP", 95), leg("TARGET", 110), side=Side.BUY)
    position_close(actor=desk.trader, position_id=Position.objects.get(account=desk.account).id)
    assert (held(desk), status(trigger), live(trigger)) == (0, "CANCELLED", [])


def test_a_position_half_closed_by_hand_halves_its_exits(desk: Desk) -> None:
    trigger = create(desk, "BRACKET", leg("ENTRY"), leg("STOP", 95), leg("TARGET", 110), side=Side.BUY)
    order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 6))
    assert [order.quantity for order in live(trigger)] == [4]
    assert trigger_get(desk.trader, trigger.id).remaining_quantity == 4
    tick(94)
    assert (held(desk), status(trigger)) == (0, "COMPLETED")


def test_two_triggers_on_one_position_never_sell_it_twice(desk: Desk) -> None:
    hold(desk)
    stop = create(desk, "SINGLE", leg("SINGLE", 95))
    other = create(desk, "SINGLE", leg("SINGLE", 94))
    tick(90)
    assert held(desk) == 0
    assert sorted([status(stop), status(other)]) == ["CANCELLED", "COMPLETED"]


def test_a_position_that_went_without_an_order_is_found_by_the_sweep(desk: Desk) -> None:
    hold(desk)
    trigger = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 110))
    Position.objects.filter(account=desk.account).update(quantity=0, open_value_paise=0, margin_paise=0)
    with system_scope():
        assert sweep_orphans() == 1
        assert sweep_orphans() == 0
    trigger.refresh_from_db()
    assert (trigger.status, trigger.status_code) == ("CANCELLED", "position_gone")


def test_an_exit_resting_by_hand_makes_way_for_the_stop(desk: Desk) -> None:
    hold(desk)
    mine = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 10, price="105.00"))
    create(desk, "SINGLE", leg("SINGLE", 95))
    tick(94)
    mine.refresh_from_db()
    assert (held(desk), mine.status, mine.status_code) == (0, "CANCELLED", "trigger_exit")


# ---- modify and cancel


def test_a_stop_can_be_moved_and_a_resting_target_is_placed_again(desk: Desk) -> None:
    trigger = create(desk, "BRACKET", leg("ENTRY"), leg("STOP", 95), leg("TARGET", 110), side=Side.BUY)
    moved = {
        LegRole.STOP: LegTerms(trigger_price=Decimal(97)),
        LegRole.TARGET: LegTerms(trigger_price=Decimal(115)),
    }
    trigger_modify(actor=desk.trader, trigger_id=trigger.id, modification=TriggerModification(legs=moved))
    assert [order.price for order in live(trigger)] == [Decimal(115)]
    tick("96.90")
    assert (held(desk), status(trigger)) == (0, "COMPLETED")


def test_a_modification_that_cannot_be_changes_nothing(desk: Desk) -> None:
    hold(desk)
    trigger = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 110))

    def refused(**changes: object) -> str:
        modification = TriggerModification(**changes)  # type: ignore[arg-type]
        with pytest.raises((Conflict, InvalidInput)) as error:
            trigger_modify(actor=desk.trader, trigger_id=trigger.id, modification=modification)
        return error.value.code

    stop = LegRole.STOP
    assert refused(legs={stop: LegTerms(trigger_price=Decimal(111))}) == "oco_legs_inverted"
    assert refused(legs={stop: LegTerms(trigger_price=Decimal("100.00"))}) == "trigger_crossed"
    assert refused(legs={stop: LegTerms(trigger_price=Decimal(10))}) == "trigger_beyond_band"
    assert refused(legs={stop: LegTerms(trail_points=Decimal(0))}) == "trail_gap_zero"
    assert refused(legs={LegRole.SINGLE: LegTerms()}) == "trigger_legs_wrong"
    assert refused(quantity=11) == "quantity_above_position"
    assert refused(expires_on=clock.trading_date() - timedelta(days=1)) == "expiry_in_past"
    assert happened(trigger) == ["CREATED"]
    tick(94)
    assert refused(quantity=5) == "trigger_final"


def test_cancelling_takes_the_orders_out_and_is_refused_the_second_time(desk: Desk) -> None:
    trigger = create(desk, "BRACKET", leg("ENTRY"), leg("STOP", 95), leg("TARGET", 110), side=Side.BUY)
    assert trigger_cancel(actor=desk.trader, trigger_id=trigger.id).status == TriggerStatus.CANCELLED
    assert live(trigger) == []
    tick(90)
    assert held(desk) == 10
    done = create(desk, "SINGLE", leg("SINGLE", 89))
    tick(88)
    for ended in (trigger, done):
        with pytest.raises(Conflict) as error:
            trigger_cancel(actor=desk.trader, trigger_id=ended.id)
        assert error.value.code == "trigger_final"


def test_cancel_all_ends_every_trigger_of_the_account(desk: Desk) -> None:
    hold(desk)
    made = [create(desk, "SINGLE", leg("SINGLE", at)) for at in (95, 94, 93)]
    assert len(triggers_cancel_all(actor=desk.trader, account_id=desk.account.id)) == 3
    assert {status(trigger) for trigger in made} == {"CANCELLED"}


def test_taking_the_last_exit_out_by_hand_ends_the_trigger(desk: Desk) -> None:
    trigger = create(desk, "BRACKET", leg("ENTRY"), leg("STOP", 95), leg("TARGET", 110), side=Side.BUY)
    (target,) = live(trigger)
    order_cancel(actor=desk.trader, order_id=target.id)
    assert (status(trigger), statuses(trigger)["STOP"]) == ("ACTIVE", "ARMED")
    tick(94)
    assert (held(desk), status(trigger)) == (0, "COMPLETED")


def test_a_trigger_ends_with_its_last_day(desk: Desk) -> None:
    hold(desk)
    trigger = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 110))
    Trigger.objects.filter(id=trigger.id).update(expires_on=clock.trading_date() - timedelta(days=1))
    tick(94)
    assert (status(trigger), held(desk)) == ("EXPIRED", 10)


# ---- who may, and what is asked


def test_the_same_request_is_the_same_trigger(desk: Desk) -> None:
    hold(desk)
    intent = ask(desk, "OCO", leg("STOP", 95), leg("TARGET", 110))
    first = trigger_create(actor=desk.trader, intent=intent)
    assert trigger_create(actor=desk.trader, intent=intent).id == first.id
    other = ask(desk, "OCO", leg("STOP", 94), leg("TARGET", 110), client_order_id=intent.client_order_id)
    with pytest.raises(Unprocessable) as error:
        trigger_create(actor=desk.trader, intent=other)
    assert error.value.code == "idempotency_mismatch"


def test_guards_need_something_to_guard(desk: Desk) -> None:
    def refused(*legs: object, kind: str = "OCO", **changes: object) -> str:
        with pytest.raises((Conflict, InvalidInput)) as error:
            create(desk, kind, *legs, **changes)  # type: ignore[arg-type]
        return error.value.code

    both = (leg("STOP", 95), leg("TARGET", 110))
    assert refused(*both) == "nothing_to_protect"
    assert refused(leg("SINGLE", 95), kind="SINGLE", product=Product.DELIVERY) == "nothing_to_protect"
    hold(desk, 9)
    assert refused(*both) == "quantity_above_position"
    assert refused(*both, side=Side.BUY) == "oco_legs_inverted"
    assert refused(*both, product=Product.NORMAL) == "product_not_allowed"


def test_outsiders_find_no_trigger_and_readers_may_not_touch_one(desk: Desk) -> None:
    hold(desk)
    trigger = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 110))
    stranger = make_desk(key="NSE:TCS").trader
    viewer = actor_for(make_member("viewer", desk.organisation))
    manager = actor_for(make_member("risk_manager", desk.organisation))
    change = TriggerModification(note="x")
    acts: list[Callable[[Actor], object]] = [
        lambda actor: trigger_cancel(actor=actor, trigger_id=trigger.id),
        lambda actor: trigger_modify(actor=actor, trigger_id=trigger.id, modification=change),
        lambda actor: trigger_create(actor=actor, intent=ask(desk, "SINGLE", leg("SINGLE", 95))),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act(stranger)
        with pytest.raises(PermissionDenied):
            act(viewer)
    with pytest.raises(PermissionDenied):
        trigger_modify(actor=manager, trigger_id=trigger.id, modification=change)
    assert trigger_cancel(actor=manager, trigger_id=trigger.id).status == "CANCELLED"


def test_exits_of_a_contract_are_whole_lots_and_the_order_type_is_kept(desk: Desk) -> None:
    hold(desk)
    trigger = create(desk, "OCO", leg("STOP", 95, price="94.50"), leg("TARGET", 110, "MARKET"))
    tick(95)
    (order,) = orders_of(trigger)
    assert (order.order_type, order.price) == (OrderType.LIMIT, Decimal("94.50"))


def test_a_target_too_far_away_to_rest_today_is_watched_instead(desk: Desk) -> None:
    trigger = create(desk, "BRACKET", leg("ENTRY"), leg("STOP", 95), leg("TARGET", 130), side=Side.BUY)
    assert (status(trigger), statuses(trigger)["TARGET"], live(trigger)) == ("ACTIVE", "ARMED", [])
    tick(94)
    assert (held(desk), status(trigger)) == (0, "COMPLETED")


@pytest.mark.parametrize("by_sweep", [True, False])
def test_a_split_cancels_what_waited_for_a_price_of_before_it(desk: Desk, by_sweep: bool) -> None:
    hold(desk)
    trigger = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 110))
    CorporateAction.objects.create(
        instrument=desk.instrument, kind="SPLIT", ex_date=clock.trading_date(), ratio_held=1, ratio_after=5
    )
    if by_sweep:
        with system_scope():
            assert sweep_orphans() == 0, "set after the split, at a price of after it"
    Trigger.objects.filter(id=trigger.id).update(created_at=clock.now() - timedelta(days=1))
    if by_sweep:
        with system_scope():
            assert sweep_orphans() == 1
    else:
        tick("51.00")
    trigger.refresh_from_db()
    assert (trigger.status_code, held(desk)) == ("corporate_action", 10)
