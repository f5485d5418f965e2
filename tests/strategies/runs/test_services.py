"""Runs and signals through their services: states, approval, limits, idempotence, strangers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Permission, Role
from accounts.models import AuditEntry, Membership, User
from core import clock
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from core.tenancy import system_scope, tenant_scope
from notifications.models import Notification
from tests.factories import actor_for, make_instrument, make_member
from tests.orders.desk import Desk, make_desk, show_book
from tests.strategies.runs.desk import decide, draft_for, make_run, started_run, wanted
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.intent import Origin
from trading.orders.models import Order, Trigger
from trading.portfolio.models import Position
from trading.strategies.domain.runs.limits import RunLimits
from trading.strategies.domain.runs.schedule import Schedule, Weekday, mask_of
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import Mode, RunState
from trading.strategies.domain.runs.wanted import Wanted
from trading.strategies.models import RunNote, Signal, StrategyRun
from trading.strategies.selectors.runs import run_get, signals_filtered, signals_waiting
from trading.strategies.services.runs import (
    run_create,
    run_flatten,
    run_pause,
    run_start,
    run_stop,
    signal_approve,
    signal_decline,
)
from trading.strategies.services.runs.judging import Profit
from trading.strategies.services.runs.lease import lease_renew, runs_claim
from trading.strategies.services.runs.rows import LeaseLost
from trading.strategies.services.runs.signals import signal_withdraw, signals_expire, signals_record


def test_a_run_is_made_checked_and_told_in_the_audit_trail(desk: Desk) -> None:
    run = make_run(desk, parameters={"fast": 5, "slow": 20})
    assert run.state == RunState.DRAFT
    assert run.parameters["fast"] == 5
    assert AuditEntry.objects.filter(action="strategy_run.created", object_id=str(run.id)).exists()


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"strategy": "no_such"}, NotFound, "unknown_strategy"),
        ({"symbols": ("NSE:NOSUCH",)}, NotFound, "unknown_symbol"),
        ({"symbols": ()}, InvalidInput, "symbols_unfit"),
        ({"interval": Interval.W1}, InvalidInput, "interval_unfit"),
        ({"parameters": {"fast": 10**6}}, InvalidInput, "parameter_out_of_bounds"),
        ({"parameters": {"nonsense": 1}}, InvalidInput, "parameter_unknown"),
        ({"capital": Decimal(0)}, InvalidInput, "capital_invalid"),
        ({"capital": Decimal("NaN")}, InvalidInput, "capital_invalid"),
        ({"name": "   "}, InvalidInput, "run_name_invalid"),
        ({"name": "a\nb"}, InvalidInput, "run_name_invalid"),
        ({"name": "x" * 49}, InvalidInput, "run_name_invalid"),
        ({"product": Product.NORMAL}, InvalidInput, "product_not_allowed"),
        ({"signal_seconds": 1}, InvalidInput, "signal_seconds_invalid"),
        ({"limits": RunLimits(max_loss=Decimal(-1))}, InvalidInput, "limit_invalid"),
        ({"schedule": Schedule(weekdays=0)}, InvalidInput, "schedule_invalid"),
        ({"schedule": Schedule(flatten=True)}, InvalidInput, "schedule_invalid"),
        ({"account_id": uuid4()}, NotFound, "unknown_account"),
    ],
)
def test_what_cannot_be_run_is_refused_with_a_code_and_nothing_is_written(
    desk: Desk, changes: dict[str, Any], error: type[Exception], code: str
) -> None:
    with pytest.raises(error) as refusal:
        run_create(actor=desk.trader, draft=draft_for(desk, **changes))
    assert getattr(refusal.value, "code", "") == code
    assert not StrategyRun.objects.exists()


def test_a_name_is_never_given_twice_because_orders_carry_it(desk: Desk) -> None:
    make_run(desk, name="Cross")
    with pytest.raises(Conflict) as refusal:
        make_run(desk, name="cross")
    assert refusal.value.code == "run_name_taken"


def test_a_run_goes_through_its_states_and_refuses_moves_that_are_not_legal(desk: Desk) -> None:
    run = make_run(desk)
    with pytest.raises(Conflict) as refusal:
        run_pause(actor=desk.trader, run_id=run.id)
    assert refusal.value.code == "run_draft"
    assert run_start(actor=desk.trader, run_id=run.id).state == RunState.RUNNING
    with pytest.raises(Conflict) as refusal:
        run_start(actor=desk.trader, run_id=run.id)
    assert refusal.value.code == "run_running"
    assert run_pause(actor=desk.trader, run_id=run.id).state == RunState.PAUSED
    assert run_start(actor=desk.trader, run_id=run.id).state == RunState.RUNNING
    assert run_stop(actor=desk.trader, run_id=run.id).state == RunState.STOPPED
    with pytest.raises(Conflict) as refusal:
        run_stop(actor=desk.trader, run_id=run.id)
    assert refusal.value.code == "run_stopped"
    assert run_start(actor=desk.trader, run_id=run.id).state == RunState.RUNNING
    seqs = list(RunNote.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_signal_becomes_an_order_named_after_it_and_a_position_of_the_runs_own(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    [signal] = decide(run, wanted("bars 1|buy"))
    order = Order.objects.get()
    assert (signal.state, signal.order_id) == (SignalState.ORDERED, order.id)
    assert (order.origin, order.strategy) == (Origin.STRATEGY, run.name)
    assert order.client_order_id == f"run-{run.id.hex}-1"
    assert order.placed_by == desk.trader.label
    assert Position.objects.get(strategy=run.name).quantity == 10


def test_an_order_of_a_run_keeps_the_price_at_its_signal(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    decide(run, wanted("bars 1|buy", decision_price=Decimal("99.35")))
    wish = wanted("bars 2|buy").wish
    stop = {"is_bracket": True, "stop": Decimal(95), "target": Decimal(110)}
    decide(run, Wanted(key="bars 2|buy", wish=wish, decision_price=Decimal("99.40"), **stop))
    found = Order.objects.filter(side="BUY").order_by("created_at", "id").values_list("decision_price", flat=True)
    assert list(found) == [Decimal("99.35"), Decimal("99.40")]


def test_the_same_wish_told_again_is_the_same_signal_and_never_a_second_order(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    first = decide(run, wanted("bars 1|buy"))
    again = decide(run, wanted("bars 1|buy"))
    assert [each.id for each in again] == [each.id for each in first]
    assert Order.objects.count() == 1


def test_a_signal_written_before_a_crash_is_sent_once_by_whoever_goes_on(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    with system_scope():
        signals_record(run_id=run.id, epoch=run.lease_epoch, wanted=[wanted("bars 1|buy")])
    assert not Order.objects.exists()
    for _ in range(3):
        decide(run, wanted("bars 1|buy"))
    assert Order.objects.count() == 1


def test_what_could_not_be_sent_in_time_expires(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    with system_scope():
        signals_record(run_id=run.id, epoch=run.lease_epoch, wanted=[wanted("bars 1|buy")])
    Signal.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    [signal] = decide(run, wanted("bars 1|buy"))
    assert (signal.state, signal.code) == (SignalState.EXPIRED, "not_sent")
    assert not Order.objects.exists()


def test_a_process_whose_lease_is_anothers_writes_nothing(desk: Desk) -> None:
    run = started_run(desk)
    with system_scope():
        [old] = runs_claim(holder="one", most=9)
        assert runs_claim(holder="two", most=9) == []
        StrategyRun.objects.update(lease_until=clock.wall_now() - timedelta(seconds=1))
        [new] = runs_claim(holder="two", most=9)
        assert not lease_renew(old)
        assert lease_renew(new)
        with pytest.raises(LeaseLost):
            signals_record(run_id=run.id, epoch=old.epoch, wanted=[wanted("x")])
        signals_record(run_id=run.id, epoch=new.epoch, wanted=[wanted("x")])
    assert Signal.objects.count() == 1


@pytest.mark.parametrize("stand", ["paused", "stopped"])
def test_a_run_that_does_not_run_sends_nothing_and_its_signals_are_recorded(desk: Desk, stand: str) -> None:
    show_book()
    run = started_run(desk)
    {"paused": run_pause, "stopped": run_stop}[stand](actor=desk.trader, run_id=run.id)
    run.refresh_from_db()
    [signal] = decide(run, wanted("bars 1|buy"))
    assert (signal.state, signal.code) == (SignalState.REFUSED, f"run_{stand}")
    assert not Order.objects.exists()


def test_a_pause_between_writing_and_sending_keeps_the_order_back(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    with system_scope():
        signals_record(run_id=run.id, epoch=run.lease_epoch, wanted=[wanted("bars 1|buy")])
    run_pause(actor=desk.trader, run_id=run.id)
    [signal] = decide(run, wanted("bars 1|buy"))
    assert (signal.state, signal.code) == (SignalState.REFUSED, "run_paused")
    assert not Order.objects.exists()


def test_a_refusal_at_the_door_is_told_in_the_signal(desk: Desk, settings: Settings) -> None:
    settings.PRE_TRADE_GATES = ["tests.orders.desk.ShutGate"]
    show_book()
    [signal] = decide(started_run(desk), wanted("bars 1|buy"))
    assert (signal.state, signal.code) == (SignalState.REFUSED, "desk_closed")
    assert signal.order is not None


def test_a_malformed_wish_is_a_refused_signal_and_the_run_goes_on(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    [signal] = decide(run, wanted("bars 1|buy", price="99.97"))
    assert (signal.state, signal.order) == (SignalState.REFUSED, None)
    [good] = decide(run, wanted("bars 2|buy"))
    assert good.state == SignalState.ORDERED


def test_outside_of_its_schedule_a_run_opens_nothing_and_may_still_get_out(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    decide(run, wanted("bars 1|buy"))
    tomorrow = Weekday((clock.now().astimezone(clock.IST).weekday() + 1) % 7)
    StrategyRun.objects.update(weekdays=mask_of([tomorrow]))
    [more] = decide(run, wanted("bars 2|buy"))
    assert (more.state, more.code) == (SignalState.REFUSED, "outside_schedule")
    [out] = decide(run, wanted("bars 2|sell", Side.SELL))
    assert out.state == SignalState.ORDERED


def test_the_runs_own_limits_hold_before_the_door(desk: Desk) -> None:
    show_book()
    run = started_run(desk, limits=RunLimits(max_orders_day=1, max_loss=Decimal(1000)))
    assert decide(run, wanted("bars 1|buy"))[0].state == SignalState.ORDERED
    assert decide(run, wanted("bars 2|buy"))[0].code == "max_orders_day"
    StrategyRun.objects.update(max_orders_day=None)
    lost = Profit(net=Decimal(-1000), net_day=Decimal(-1000))
    assert decide(run, wanted("bars 3|buy"), profit=lost)[0].code == "max_loss"
    assert decide(run, wanted("bars 3|sell", Side.SELL), profit=lost)[0].state == SignalState.ORDERED


def test_whoever_may_not_trade_any_more_trades_through_no_run(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    Membership.objects.filter(user_id=desk.trader.user_id).update(role=Role.VIEWER)
    [signal] = decide(run, wanted("bars 1|buy"))
    assert (signal.state, signal.code) == (SignalState.REFUSED, "starter_revoked")
    Membership.objects.filter(user_id=desk.trader.user_id).update(role=Role.TRADER)
    User.objects.filter(id=desk.trader.user_id).update(is_active=False)
    [signal] = decide(run, wanted("bars 2|buy"))
    assert signal.code == "starter_revoked"


def test_in_approve_mode_each_signal_waits_for_a_person_who_is_told(desk: Desk) -> None:
    show_book()
    run = started_run(desk, mode=Mode.APPROVE)
    [signal] = decide(run, wanted("bars 1|buy"))
    assert signal.state == SignalState.WAITING
    assert not Order.objects.exists()
    notice = Notification.objects.get(title__startswith="Approve?")
    assert notice.link == f"/strategies/runs/{run.id}/"
    answered = signal_approve(actor=desk.trader, signal_id=signal.id)
    assert (answered.state, answered.answered_by) == (SignalState.ORDERED, desk.trader.label)
    assert Order.objects.get().placed_by == desk.trader.label
    with pytest.raises(Conflict) as refusal:
        signal_approve(actor=desk.trader, signal_id=signal.id)
    assert refusal.value.code == "signal_ordered"
    assert Order.objects.count() == 1


def test_a_declined_signal_is_never_sent(desk: Desk) -> None:
    show_book()
    run = started_run(desk, mode=Mode.APPROVE)
    [signal] = decide(run, wanted("bars 1|buy"))
    assert signal_decline(actor=desk.trader, signal_id=signal.id).state == SignalState.DECLINED
    with pytest.raises(Conflict) as refusal:
        signal_approve(actor=desk.trader, signal_id=signal.id)
    assert refusal.value.code == "signal_declined"
    assert not Order.objects.exists()


def test_a_signal_that_nobody_answered_expires_and_cannot_be_approved(desk: Desk) -> None:
    show_book()
    run = started_run(desk, mode=Mode.APPROVE)
    [signal] = decide(run, wanted("bars 1|buy"))
    Signal.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(Conflict) as refusal:
        signal_approve(actor=desk.trader, signal_id=signal.id)
    assert refusal.value.code == "signal_expired"
    with system_scope():
        [late] = signals_expire(run_id=run.id, epoch=run.lease_epoch)
    assert late.state == SignalState.EXPIRED
    assert not signals_waiting(desk.trader).exists()


def test_nothing_is_approved_while_the_run_is_paused(desk: Desk) -> None:
    show_book()
    run = started_run(desk, mode=Mode.APPROVE)
    [signal] = decide(run, wanted("bars 1|buy"))
    run_pause(actor=desk.trader, run_id=run.id)
    with pytest.raises(Conflict) as refusal:
        signal_approve(actor=desk.trader, signal_id=signal.id)
    assert refusal.value.code == "run_paused"
    assert not Order.objects.exists()
    run_start(actor=desk.trader, run_id=run.id)
    assert signal_approve(actor=desk.trader, signal_id=signal.id).state == SignalState.ORDERED


def test_a_strategy_takes_back_what_waits(desk: Desk) -> None:
    run = started_run(desk, mode=Mode.APPROVE)
    [signal] = decide(run, wanted("bars 1|buy"))
    with system_scope():
        taken = signal_withdraw(signal_id=signal.id, run_id=run.id, epoch=run.lease_epoch)
    assert taken.state == SignalState.WITHDRAWN


def test_legs_stand_or_fall_together(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    signals = decide(run, wanted("bars 1|buy"), wanted("bars 1|buy 2", quantity=10**9))
    assert {signal.state for signal in signals} == {SignalState.REFUSED}
    assert not Order.objects.filter(filled_quantity__gt=0).exists()
    both = decide(run, wanted("bars 2|buy"), wanted("bars 2|buy 2", quantity=5))
    assert {signal.state for signal in both} == {SignalState.ORDERED}
    assert len({signal.order_id for signal in both}) == 2


def test_one_answer_answers_for_all_legs(desk: Desk) -> None:
    show_book()
    run = started_run(desk, mode=Mode.APPROVE)
    first, second = decide(run, wanted("bars 1|buy"), wanted("bars 1|buy 2", quantity=5))
    signal_approve(actor=desk.trader, signal_id=second.id)
    first.refresh_from_db()
    assert first.state == SignalState.ORDERED


def test_a_bracket_enters_and_is_guarded_at_once(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    bracket = replace(wanted("bars 1|buy"), is_bracket=True, stop=Decimal(95), target=Decimal(110))
    [signal] = decide(run, bracket)
    assert signal.state == SignalState.ORDERED, signal.reason
    trigger = Trigger.objects.get()
    assert (trigger.strategy, trigger.kind) == (run.name, "BRACKET")
    assert signal.order is not None
    assert signal.order.trigger_id == trigger.id


def test_stopping_takes_orders_and_guards_out_of_the_market_and_flattens_when_asked(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    bracket = replace(wanted("bars 1|buy"), is_bracket=True, stop=Decimal(95), target=Decimal(110))
    decide(run, bracket)
    decide(run, wanted("bars 2|buy", price=90))
    stopped = run_stop(actor=desk.trader, run_id=run.id, flatten=True)
    assert stopped.state == RunState.STOPPED
    assert Position.objects.get(strategy=run.name).quantity == 0
    assert set(Order.objects.values_list("status", flat=True)) <= {"FILLED", "CANCELLED"}
    assert set(Trigger.objects.values_list("status", flat=True)) <= {"CANCELLED", "COMPLETED"}


def test_flattening_closes_the_runs_own_position_and_nobody_elses(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    other = started_run(desk, name="Second")
    decide(run, wanted("bars 1|buy"))
    decide(other, wanted("bars 1|buy"))
    reports = run_flatten(actor=desk.trader, run_id=run.id)
    assert len(reports) == 1
    assert Position.objects.get(strategy="First").quantity == 0
    assert Position.objects.get(strategy="Second").quantity == 10
    assert run_get(desk.trader, run.id).state == RunState.PAUSED


@pytest.mark.parametrize("role", [Role.ANALYST, Role.VIEWER, Role.RISK_MANAGER, Role.ADMIN])
def test_members_without_the_right_run_nothing(desk: Desk, role: Role) -> None:
    actor = actor_for(make_member(role, desk.organisation))
    run = started_run(desk, mode=Mode.APPROVE)
    [signal] = decide(run, wanted("bars 1|buy"))
    for attempt in (
        lambda: run_create(actor=actor, draft=draft_for(desk, name="Mine")),
        lambda: run_start(actor=actor, run_id=run.id),
        lambda: run_pause(actor=actor, run_id=run.id),
        lambda: run_stop(actor=actor, run_id=run.id),
        lambda: run_flatten(actor=actor, run_id=run.id),
        lambda: signal_approve(actor=actor, signal_id=signal.id),
        lambda: signal_decline(actor=actor, signal_id=signal.id),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert Permission.RUN_STRATEGIES not in actor.permissions


def test_a_stranger_finds_nothing_of_it(desk: Desk) -> None:
    run = started_run(desk, mode=Mode.APPROVE)
    [signal] = decide(run, wanted("bars 1|buy"))
    stranger = make_desk(key="NSE:TCS").trader
    with tenant_scope(stranger.organisation_id):
        assert not signals_filtered(stranger).exists()
        for attempt in (
            lambda: run_get(stranger, run.id),
            lambda: run_start(actor=stranger, run_id=run.id),
            lambda: run_stop(actor=stranger, run_id=run.id),
            lambda: run_flatten(actor=stranger, run_id=run.id),
            lambda: signal_approve(actor=stranger, signal_id=signal.id),
        ):
            with pytest.raises(NotFound):
                attempt()
    colleague = actor_for(make_member(Role.TRADER, desk.organisation))
    with pytest.raises(NotFound):
        run_pause(actor=colleague, run_id=run.id)


def test_signals_are_found_by_the_strategy_or_by_the_runs_name(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    decide(run, wanted("bars 1|buy"))
    assert signals_filtered(desk.trader, strategy="ma_cross").count() == 1
    assert signals_filtered(desk.trader, strategy=run.name).count() == 1
    assert not signals_filtered(desk.trader, strategy="rsi").exists()
    assert Signal.objects.get().order_type == OrderType.MARKET


def test_one_turn_opens_no_more_instruments_than_the_run_may_hold(desk: Desk) -> None:
    for key in ("NSE:INFY", "NSE:TCS"):
        make_instrument(key)
    show_book()
    run = started_run(desk, limits=RunLimits(max_open_positions=1))
    # Nothing of the turn is noted on the run's row yet: the first is filled, the second must not be sent.
    (first,) = decide(run, wanted("a"))
    assert first.state == SignalState.ORDERED
    (second,) = decide(run, wanted("b", symbol="NSE:INFY"))
    assert (second.state, second.code) == (SignalState.REFUSED, "max_open_positions")
    # More of what is held, and less, stays possible.
    (more,) = decide(run, wanted("c", quantity=1))
    assert more.code != "max_open_positions"


def test_legs_together_and_orders_that_rest_count_towards_the_instruments_that_a_run_may_hold(desk: Desk) -> None:
    for key in ("NSE:INFY", "NSE:TCS"):
        make_instrument(key)
    run = started_run(desk, limits=RunLimits(max_open_positions=1))
    legs = decide(run, wanted("a"), wanted("b", symbol="NSE:INFY"))
    assert {leg.code for leg in legs} == {"max_open_positions"}
    (resting,) = decide(run, wanted("c", price=90))
    assert resting.state == SignalState.ORDERED
    (other,) = decide(run, wanted("d", symbol="NSE:TCS"))
    assert other.code == "max_open_positions"
