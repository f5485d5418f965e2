"""Runs of strategies on a live account: what they want reaches the broker once, whatever the broker answers, and a
run that is stopped is not over before the broker has said so."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from core.clock import wall_now
from core.tenancy import tenant_scope
from notifications.models import Notification, NotificationKind
from riskmgmt.domain.scopes import Scope
from riskmgmt.services import kill_switch_press
from tests.access.world import client_of
from tests.orders.desk import show_book
from tests.routing.live import LiveDesk
from tests.strategies.runs.desk import started_run
from tests.strategies.runs.strategies import installed
from tests.strategies.runs.test_driver import driven, tell
from trading.brokers.domain.terms import Side
from trading.brokers.simulator.faults import FaultKind
from trading.orders.models import AccountRoute, Fill, Order, OrderRoute
from trading.orders.services.live.routing_round import account_round
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import Position
from trading.portfolio.services import ledger_verify
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import Mode, RunState
from trading.strategies.models import RunFill, RunNote, Signal, StrategyRun
from trading.strategies.runner.driver import RunDriver
from trading.strategies.services.runs import flatten as flattening
from trading.strategies.services.runs import run_flatten, run_pause, run_start, run_stop, signal_approve

from .test_router import AMBIGUOUS, NEVER_THERE


@pytest.fixture(autouse=True)
def _strategies() -> Iterator[None]:
    with installed():
        yield


@pytest.fixture(autouse=True)
def _closes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between the tries of a close that its broker refused."""
    monkeypatch.setattr(flattening, "_BETWEEN_TRIES", timedelta(0))


def live_run(live: LiveDesk, **settings: object) -> StrategyRun:
    """A run of the patient strategy on the live account, started."""
    mode = settings.pop("mode", Mode.AUTO)
    with tenant_scope(live.desk.organisation.id):
        return started_run(
            live.desk, account_id=live.account.id, strategy="test_patient", parameters=settings, mode=mode
        )


def hear(driver: RunDriver, times: int = 1) -> None:
    """Turns with a price and a look at the rows."""
    for _ in range(times):
        with tenant_scope(driver.run.organisation_id):
            tell(driver, show_book())


def routed(live: LiveDesk) -> None:
    """The router goes to the broker and back."""
    account_round(live.account.id)
    live.reconcile()


def opened(run: StrategyRun) -> RunDriver:
    with tenant_scope(run.organisation_id):
        return driven(run)


def held(run: StrategyRun) -> int:
    return sum(Position.objects.filter(strategy=run.name).values_list("quantity", flat=True))


def again(run: StrategyRun) -> StrategyRun:
    return StrategyRun.objects.get(id=run.id)


def sides(live: LiveDesk) -> list[tuple[str, int]]:
    """What reached the broker."""
    return [(str(event["side"]), int(event["terms"]["quantity"])) for event in live.journal()]  # type: ignore[index]


def sound() -> bool:
    return [str(finding) for finding in (*ledger_verify(), *orders_verify())] == []


def test_a_signal_is_routed_filled_by_the_broker_and_told_once(live: LiveDesk) -> None:
    live.price("100")
    run = live_run(live)
    driver = opened(run)
    hear(driver, times=3)
    [signal] = Signal.objects.all()
    assert signal.order is not None
    assert (signal.state, signal.order.status, sides(live)) == (SignalState.ORDERED, "PENDING_ROUTE", [])
    routed(live)
    hear(driver, times=3)
    assert (sides(live), held(run), driver.host.holding(signal.instrument.key).quantity) == ([("BUY", 10)], 10, 10)
    assert [event["tag"] for event in live.journal()] == [signal.order.id.hex]
    assert again(run).remembered["host"]["remembered"]["traded"] == 10
    assert RunFill.objects.filter(run=run).count() == Fill.objects.count() == 1
    assert again(run).open_positions == 1
    assert sound()


@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_an_order_taken_behind_an_unclear_answer_is_neither_lost_nor_doubled(
    live: LiveDesk, kind: FaultKind
) -> None:
    live.price("100")
    run = live_run(live)
    driver = opened(run)
    hear(driver)
    live.fault("place", kind)
    live.send(live.orders()[0])
    assert live.orders()[0].status == "UNKNOWN"
    hear(driver, times=3)
    restarted = opened(run)
    hear(restarted, times=3)
    assert Signal.objects.count() == 1, "while it is not known, nothing else is wanted"
    routed(live)
    hear(restarted, times=3)
    assert (sides(live), held(run)) == ([("BUY", 10)], 10)
    assert again(run).remembered["host"]["remembered"]["traded"] == 10
    assert (Signal.objects.count(), sound()) == (1, True)


@pytest.mark.parametrize("kind", [*NEVER_THERE, FaultKind.ERROR_401])
def test_an_order_that_never_arrived_is_told_as_refused_and_what_follows_is_another(
    live: LiveDesk, kind: FaultKind
) -> None:
    live.price("100")
    run = live_run(live)
    driver = opened(run)
    hear(driver)
    live.fault("place", kind)
    live.send(live.orders()[0])
    for _ in range(2):
        live.reconcile()
        hear(driver)
    assert Signal.objects.count() == 1
    live.reconcile()
    hear(driver)
    first, second = Signal.objects.order_by("seq")
    assert first.order is not None
    assert first.order.status_code == "presumed_not_placed"
    assert again(run).remembered["host"]["remembered"]["ended"] == "REJECTED presumed_not_placed"
    assert second.order is not None
    assert second.order.status == "PENDING_ROUTE"
    routed(live)
    hear(driver)
    assert (sides(live), held(run), sound()) == ([("BUY", 10)], 10, True)


def test_what_a_killed_process_had_decided_is_sent_once_by_the_next(
    live: LiveDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.price("100")
    run = live_run(live)
    driver = opened(run)

    def dies(**_: object) -> None:
        raise KeyboardInterrupt

    for place in ("trading.strategies.runner.desk.signals_send", "trading.strategies.runner.driver.told_save"):
        with monkeypatch.context() as patched:
            patched.setattr(place, dies)
            with pytest.raises(KeyboardInterrupt):
                hear(driver)
        driver = opened(run)
    routed(live)
    hear(driver, times=3)
    assert (sides(live), held(run), Signal.objects.count()) == ([("BUY", 10)], 10, 1)


def test_parts_of_an_order_are_told_as_they_come_also_while_the_run_is_paused(live: LiveDesk) -> None:
    live.price("100")
    run = live_run(live, limit=90)
    driver = opened(run)
    hear(driver)
    routed(live)
    [order] = live.orders()
    live.book.fill(order.broker_order_id, 4, Decimal(90))
    live.reconcile()
    hear(driver)
    assert driver.host.holding("NSE:RELIANCE").quantity == 4
    with tenant_scope(run.organisation_id):
        run_pause(actor=live.desk.trader, run_id=run.id)
    live.book.fill(order.broker_order_id, 6, Decimal(90))
    live.reconcile()
    hear(driver, times=3)
    assert driver.host.holding("NSE:RELIANCE").quantity == 10
    assert again(run).state == RunState.PAUSED
    assert (sides(live), sound()) == ([("BUY", 10)], True)


def test_a_stopped_run_waits_for_the_broker_and_closes_what_traded_until_then(live: LiveDesk) -> None:
    live.price("100")
    run = live_run(live, limit=90)
    driver = opened(run)
    hear(driver)
    routed(live)
    [order] = live.orders()
    live.book.fill(order.broker_order_id, 4, Decimal(90))
    live.reconcile()
    hear(driver)
    with tenant_scope(run.organisation_id):
        stopped = run_stop(actor=live.desk.trader, run_id=run.id, flatten=True)
    assert (stopped.state, sides(live)) == (RunState.STOPPING, [("BUY", 10)])
    # The broker was quicker than the cancellation.
    live.book.fill(order.broker_order_id, 3, Decimal(90))
    hear(driver)
    assert again(run).state == RunState.STOPPING
    for _ in range(3):
        routed(live)
        hear(driver)
    assert (again(run).state, held(run), driver.is_over) == (RunState.STOPPED, 0, True)
    assert sides(live) == [("BUY", 10), ("SELL", 7)]
    assert live.again(order).status == "CANCELLED"
    assert again(run).remembered["host"]["remembered"]["traded"] == 14
    assert (again(run).open_positions, again(run).flatten_asked, sound()) == (0, False, True)


def test_a_stop_while_an_order_is_unknown_is_not_over_before_it_is_known(live: LiveDesk) -> None:
    live.price("100")
    run = live_run(live)
    driver = opened(run)
    hear(driver)
    live.fault("place", FaultKind.LOST_AFTER)
    live.send(live.orders()[0])
    with tenant_scope(run.organisation_id):
        assert run_stop(actor=live.desk.trader, run_id=run.id, flatten=True).state == RunState.STOPPING
    hear(driver, times=3)
    assert again(run).state == RunState.STOPPING
    # The process dies; the next one winds up without the strategy.
    driver = opened(run)
    for _ in range(3):
        routed(live)
        hear(driver)
    assert (again(run).state, held(run), sides(live)) == (RunState.STOPPED, 0, [("BUY", 10), ("SELL", 10)])
    assert sound()


def test_flattening_never_sells_twice_what_an_exit_at_the_broker_sells(live: LiveDesk) -> None:
    live.price("100")
    run = live_run(live, leave=110)
    driver = opened(run)
    hear(driver)
    routed(live)
    hear(driver, times=2)
    routed(live)
    assert sides(live) == [("BUY", 10), ("SELL", 10)]
    leaving = live.orders()[-1]
    with tenant_scope(run.organisation_id):
        assert run_flatten(actor=live.desk.trader, run_id=run.id) == []
    hear(driver, times=2)
    assert len(live.orders()) == 2, "the close waits until the exit is known to be out"
    live.book.fill(leaving.broker_order_id, 6, Decimal(110))
    for _ in range(3):
        routed(live)
        hear(driver)
    assert (held(run), sides(live)) == (0, [("BUY", 10), ("SELL", 10), ("SELL", 4)])
    assert (again(run).state, again(run).flatten_asked) == (RunState.PAUSED, False)
    assert sound()


def test_a_broker_that_does_not_confirm_keeps_nothing_open_for_ever(
    live: LiveDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.price("100")
    run = live_run(live, leave=110)
    driver = opened(run)
    hear(driver)
    routed(live)
    hear(driver, times=2)
    routed(live)
    with tenant_scope(run.organisation_id):
        run_flatten(actor=live.desk.trader, run_id=run.id)
    OrderRoute.objects.update(cancel_requested_at=wall_now() - timedelta(seconds=11))
    hear(driver)
    assert [order.order_type for order in live.orders()] == ["MARKET", "LIMIT", "MARKET"]


def test_a_close_that_its_broker_refuses_is_tried_anew_and_then_a_persons(live: LiveDesk) -> None:
    live.price("100")
    run = live_run(live)
    driver = opened(run)
    hear(driver)
    routed(live)
    with tenant_scope(run.organisation_id):
        live.book.refuse(live.name, "margin_blocked")
        run_stop(actor=live.desk.trader, run_id=run.id, flatten=True)
    for _ in range(12):
        routed(live)
        live.book.refuse(live.name, "margin_blocked")
        hear(driver)
        if driver.is_over:
            break
    closes = [order for order in live.orders() if order.side == Side.SELL]
    assert [order.status for order in closes] == ["REJECTED"] * 3
    assert (again(run).state, held(run)) == (RunState.STOPPED, 10)
    assert RunNote.objects.filter(run=run, kind="ERROR", message__startswith="Could not be closed: 10").exists()
    assert Notification.objects.filter(kind=NotificationKind.ALARM, title=f"{run.name} is not flat").exists()


def test_a_session_that_expires_shuts_the_way_and_the_run_goes_on_when_it_is_renewed(
    live: LiveDesk, settings: Settings
) -> None:
    live.price("100")
    run = live_run(live)
    driver = opened(run)
    hear(driver)
    settings.ROUTE_STALE_AFTER = timedelta(0)
    live.fault("place", FaultKind.ERROR_401, times=99)
    live.fault("orders", FaultKind.ERROR_401, times=99)
    routed(live)
    assert live.orders()[0].status == "UNKNOWN"
    assert not AccountRoute.objects.get(account_id=live.account.id).is_reconciled
    hear(driver, times=3)
    assert Signal.objects.count() == 1
    with tenant_scope(run.organisation_id):
        assert run_stop(actor=live.desk.trader, run_id=run.id).state == RunState.STOPPING
    live.server.faults.clear()
    for _ in range(4):
        routed(live)
    hear(driver)
    assert (again(run).state, live.orders()[0].status_code) == (RunState.STOPPED, "presumed_not_placed")
    with tenant_scope(run.organisation_id):
        run_start(actor=live.desk.trader, run_id=run.id)
    driver = opened(run)
    hear(driver)
    routed(live)
    hear(driver)
    assert (sides(live), held(run), sound()) == ([("BUY", 10)], 10, True)


def test_while_the_way_is_shut_signals_are_recorded_as_refused_and_the_run_goes_on(live: LiveDesk) -> None:
    live.price("100")
    run = live_run(live)
    driver = opened(run)
    AccountRoute.objects.update(is_reconciled=False)
    hear(driver)
    refused = Signal.objects.get()
    assert (refused.state, refused.code) == (SignalState.REFUSED, "reconciling")
    routed(live)
    hear(driver)
    routed(live)
    hear(driver)
    assert (sides(live), held(run), again(run).state) == ([("BUY", 10)], 10, RunState.RUNNING)


def test_the_desks_kill_switch_holds_a_run_on_a_live_account(live: LiveDesk, settings: Settings) -> None:
    settings.PRE_TRADE_GATES = ["riskmgmt.gates.LimitGate"]
    live.price("100")
    run = live_run(live, limit=99)
    driver = opened(run)
    hear(driver)
    [waiting] = live.orders()
    assert waiting.status == "PENDING_ROUTE", waiting.status_message
    with tenant_scope(run.organisation_id):
        kill_switch_press(
            actor=live.desk.owner, scope=Scope(run.organisation_id, account_id=live.account.id), reason="Runaway"
        )
    assert live.again(waiting).status == "CANCELLED"
    hear(driver)
    routed(live)
    refused = Signal.objects.order_by("seq").last()
    assert refused is not None
    assert (refused.state, sides(live)) == (SignalState.REFUSED, [])
    assert "Runaway" in refused.reason or refused.code in ("kill_switch", "trading_halted")
    assert again(run).state == RunState.RUNNING


def test_an_approved_signal_is_routed_and_its_page_says_that_it_is_live(live: LiveDesk) -> None:
    live.price("100")
    run = live_run(live, mode=Mode.APPROVE)
    driver = opened(run)
    hear(driver, times=2)
    [signal] = Signal.objects.all()
    client = client_of(User.objects.get(id=live.desk.trader.user_id))
    page = client.get(f"/strategies/runs/{run.id}/").content.decode()
    assert "Approve buy 10" in page
    assert "LIVE" in page
    with tenant_scope(run.organisation_id):
        assert signal_approve(actor=live.desk.trader, signal_id=signal.id).state == SignalState.ORDERED
    routed(live)
    hear(driver)
    assert (sides(live), held(run)) == ([("BUY", 10)], 10)
    assert Order.objects.get().placed_by == live.desk.trader.label
