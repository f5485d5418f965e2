"""The kill switch: nothing is sent after the press, what is live comes out, and the release takes two steps."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from accounts.models import AuditEntry
from core import clock
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Unprocessable
from core.tenancy import system_scope, tenant_scope
from notifications.models import Notification
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import State
from riskmgmt.models import KillSwitch, TradingState, TradingStateChange
from riskmgmt.selectors import trading_state
from riskmgmt.services import (
    accounts_watch,
    kill_switch_press,
    kill_switch_release_ask,
    kill_switch_release_confirm,
)
from tests.factories import actor_for, make_member
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Side
from trading.orders.models import Order
from trading.orders.services import OrderModification, order_modify, order_preview, order_submit
from trading.orders.services.order.gates import send_refusal
from trading.portfolio.models import Position

pytestmark = pytest.mark.django_db


def press(desk: Desk, **changes: Any) -> KillSwitch:
    scope = changes.pop("scope", Scope(desk.organisation.id, desk.account.id))
    return kill_switch_press(actor=desk.owner, scope=scope, **{"reason": "Runaway", **changes})


def submit(desk: Desk, **changes: Any) -> Order:
    return order_submit(actor=desk.trader, intent=desk.intent(**changes))


def test_a_press_cancels_what_is_live_and_refuses_what_comes(desk: Desk) -> None:
    resting = submit(desk, price="98.00")
    assert resting.status == "OPEN"
    switch = press(desk)
    resting.refresh_from_db()
    assert (resting.status, resting.status_code, resting.hold_paise) == ("CANCELLED", "kill_switch", 0)
    assert switch.orders_cancelled == 1
    refused = submit(desk)
    assert (refused.status, refused.status_code) == ("REJECTED", "kill_switch")
    preview = order_preview(actor=desk.trader, intent=desk.intent())
    assert "kill_switch" in {decision.code for decision in preview.decisions if not decision.allowed}


@pytest.mark.parametrize("strategy", ["", "momentum"])
def test_even_an_exit_is_refused_while_the_switch_is_pressed(desk: Desk, strategy: str) -> None:
    assert submit(desk, strategy=strategy).status == "FILLED"
    press(desk)
    assert submit(desk, side=Side.SELL, strategy=strategy).status_code == "kill_switch"


def test_a_modification_is_refused_and_a_send_that_was_accepted_before(desk: Desk) -> None:
    resting = submit(desk, price="98.00")
    scope = Scope(desk.organisation.id, strategy="")
    TradingState.objects.create(
        organisation_id=scope.organisation_id,
        source="KILL_SWITCH",
        state=State.HALTED,
        since=clock.now(),
        changed_by_label="test",
    )
    assert send_refusal(resting) is not None
    with pytest.raises(Unprocessable) as refusal:
        order_modify(actor=desk.trader, order_id=resting.id, modification=OrderModification(quantity=20))
    assert refusal.value.code == "kill_switch"


def test_a_strategys_switch_stops_that_strategy_alone(desk: Desk) -> None:
    ours = submit(desk, price="98.00", strategy="momentum")
    theirs = submit(desk, price="98.00", strategy="value")
    press(desk, scope=Scope(desk.organisation.id, strategy="momentum"))
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.status, theirs.status) == ("CANCELLED", "OPEN")
    assert submit(desk, strategy="momentum").status_code == "kill_switch"
    assert submit(desk, strategy="value").status == "FILLED"


def test_the_organisations_switch_stops_every_account_and_no_other_organisation(desk: Desk) -> None:
    other = make_desk()
    press(desk, scope=Scope(desk.organisation.id))
    assert submit(desk).status_code == "kill_switch"
    with tenant_scope(other.organisation.id):
        assert submit(other).status == "FILLED"


def test_flatten_closes_positions_although_everything_is_halted(desk: Desk) -> None:
    assert submit(desk, quantity=30).status == "FILLED"
    switch = press(desk, flatten=True)
    position = Position.objects.get(account_id=desk.account.id)
    assert (position.quantity, switch.positions_closed) == (0, 1)
    assert submit(desk, side=Side.SELL).status_code == "kill_switch"


def test_pressing_again_is_the_same_press(desk: Desk) -> None:
    assert press(desk).id == press(desk, reason="Again").id
    assert KillSwitch.objects.count() == 1
    with pytest.raises(InvalidInput):
        press(desk, reason="  ")


def test_the_watch_takes_out_what_a_crash_after_the_press_left(desk: Desk) -> None:
    resting = submit(desk, price="98.00")
    KillSwitch.objects.create(
        organisation_id=desk.organisation.id, account_id=desk.account.id, reason="x", pressed_at=clock.wall_now()
    )
    with system_scope():
        accounts_watch()
    resting.refresh_from_db()
    assert resting.status == "CANCELLED"


def test_press_and_release_are_audited_told_and_kept(desk: Desk) -> None:
    switch = press(desk)
    asked = kill_switch_release_ask(actor=desk.owner, kill_switch_id=switch.id)
    kill_switch_release_confirm(actor=desk.owner, kill_switch_id=switch.id, token=asked.token.lower())
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"risk.kill_switch_pressed", "risk.kill_switch_release_asked", "risk.kill_switch_released"} <= actions
    assert Notification.objects.filter(user_id=desk.trader.user_id, kind="risk").count() == 3
    assert list(TradingStateChange.objects.order_by("id").values_list("to_state", flat=True)) == [
        "HALTED",
        "ACTIVE",
    ]
    assert submit(desk).status == "FILLED"
    with pytest.raises(Conflict):
        kill_switch_release_ask(actor=desk.owner, kill_switch_id=switch.id)


def test_a_release_without_its_token_is_none(desk: Desk) -> None:
    switch = press(desk)
    with pytest.raises(Unprocessable, match="Nobody") as early:
        kill_switch_release_confirm(actor=desk.owner, kill_switch_id=switch.id, token="AAAAAAAA")
    assert early.value.code == "release_not_asked"
    token = kill_switch_release_ask(actor=desk.owner, kill_switch_id=switch.id).token
    for _ in range(5):
        with pytest.raises(Unprocessable) as wrong:
            kill_switch_release_confirm(actor=desk.owner, kill_switch_id=switch.id, token="AAAAAAAA")
        assert wrong.value.code == "release_token_wrong"
    with pytest.raises(Unprocessable) as worn:
        kill_switch_release_confirm(actor=desk.owner, kill_switch_id=switch.id, token=token)
    assert worn.value.code == "release_expired"
    assert trading_state(desk.account.id, "", clock.now()).state is State.HALTED


def test_a_token_is_worthless_after_five_minutes_or_once_another_was_asked_for(desk: Desk) -> None:
    switch = press(desk)
    first = kill_switch_release_ask(actor=desk.owner, kill_switch_id=switch.id).token
    second = kill_switch_release_ask(actor=desk.owner, kill_switch_id=switch.id).token
    with pytest.raises(Unprocessable):
        kill_switch_release_confirm(actor=desk.owner, kill_switch_id=switch.id, token=first)
    KillSwitch.objects.update(release_asked_at=clock.wall_now() - timedelta(minutes=5, seconds=1))
    with pytest.raises(Unprocessable) as late:
        kill_switch_release_confirm(actor=desk.owner, kill_switch_id=switch.id, token=second)
    assert late.value.code == "release_expired"


def test_a_house_may_want_two_people_for_a_release(desk: Desk, settings: Settings) -> None:
    settings.KILL_SWITCH_RELEASE_BY_ANOTHER = True
    switch = press(desk)
    token = kill_switch_release_ask(actor=desk.owner, kill_switch_id=switch.id).token
    with pytest.raises(PermissionDenied) as alone:
        kill_switch_release_confirm(actor=desk.owner, kill_switch_id=switch.id, token=token)
    assert alone.value.code == "release_needs_another"
    second = actor_for(make_member(Role.RISK_MANAGER, desk.organisation))
    released = kill_switch_release_confirm(actor=second, kill_switch_id=switch.id, token=token)
    assert released.released_by_label == second.label


@pytest.mark.parametrize("role", [Role.TRADER, Role.ANALYST, Role.VIEWER])
def test_only_those_with_the_permission_press_or_release(desk: Desk, role: Role) -> None:
    member = actor_for(make_member(role, desk.organisation))
    with pytest.raises(PermissionDenied):
        kill_switch_press(actor=member, scope=Scope(desk.organisation.id), reason="x")
    switch = press(desk)
    with pytest.raises(PermissionDenied):
        kill_switch_release_ask(actor=member, kill_switch_id=switch.id)


def test_an_outsider_finds_no_switch_to_release(desk: Desk) -> None:
    switch = press(desk)
    with pytest.raises(NotFound):
        kill_switch_release_ask(actor=make_desk().owner, kill_switch_id=switch.id)


@pytest.mark.django_db(transaction=True)
def test_a_second_after_the_press_nothing_is_accepted_whoever_raced(open_market: None) -> None:
    desk = make_desk(paise=10_00_00_000_00)
    show_book(bids=(("99.95", 100_000),), asks=(("100.00", 100_000),))
    pressed_at, stop = threading.Event(), threading.Event()
    late: list[str] = []
    done_at = [0.0]

    def trade() -> None:
        try:
            with tenant_scope(desk.organisation.id):
                while not stop.is_set():
                    after = pressed_at.is_set() and time.monotonic() - done_at[0] > 1
                    order = submit(desk, quantity=1, price="98.00")
                    if after and order.status != "REJECTED":
                        late.append(order.status)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=trade) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    try:
        with tenant_scope(desk.organisation.id):
            press(desk)
            done_at[0] = time.monotonic()
            pressed_at.set()
            live = Order.objects.filter(account_id=desk.account.id, status__in=["OPEN", "PENDING_ROUTE", "ROUTING"])
            # The press waits for the account's lock, so what was under way is out when it returns.
            assert live.count() == 0
        time.sleep(1.5)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    with tenant_scope(desk.organisation.id):
        assert late == []
        assert Order.objects.filter(account_id=desk.account.id, status="CANCELLED").exists()
        assert not Order.objects.filter(account_id=desk.account.id, status="OPEN").exists()


def test_what_closes_a_position_stands_between_two_attempts(desk: Desk) -> None:
    assert submit(desk).status == "FILLED"
    show_book(bids=[("99.95", 4)])
    switch = press(desk, flatten=True)
    closing = Order.objects.get(origin="SYSTEM")
    assert (closing.status, closing.filled_quantity) == ("PARTIALLY_FILLED", 4)
    with system_scope():
        accounts_watch()
    closing.refresh_from_db()
    assert closing.status == "PARTIALLY_FILLED"
    show_book(bids=[("99.95", 1000)])
    KillSwitch.objects.filter(id=switch.id).update(flattened_at=clock.wall_now() - timedelta(minutes=1))
    with system_scope():
        accounts_watch()
    closing.refresh_from_db()
    assert (closing.status, closing.status_code) == ("CANCELLED", "kill_switch")
    assert Position.objects.get(account=desk.account).quantity == 0


@pytest.mark.parametrize("wider", [{}, {"strategy": "momentum"}])
def test_a_wider_press_leaves_alone_what_a_narrower_one_is_closing(desk: Desk, wider: dict[str, str]) -> None:
    assert submit(desk, strategy="momentum").status == "FILLED"
    show_book(bids=[("99.95", 4)])
    narrow = press(desk, flatten=True)
    closing = Order.objects.get(origin="SYSTEM")
    assert (closing.status, closing.filled_quantity) == ("PARTIALLY_FILLED", 4)
    wide = press(desk, scope=Scope(desk.organisation.id, **wider))  # type: ignore[arg-type]
    closing.refresh_from_db()
    assert (closing.status, wide.orders_cancelled) == ("PARTIALLY_FILLED", 0)
    refused = send_refusal(closing)
    assert refused is None
    # The narrower one goes on: its next attempt is let through, although the wider one halts everything.
    show_book(bids=[("99.95", 1000)])
    KillSwitch.objects.filter(id=narrow.id).update(flattened_at=clock.wall_now() - timedelta(minutes=1))
    with system_scope():
        accounts_watch()
    assert Position.objects.get(account=desk.account).quantity == 0
    assert submit(desk, side=Side.SELL).status_code == "kill_switch"


def test_a_press_without_flatten_takes_out_what_the_square_off_closes_with(desk: Desk) -> None:
    """Only a switch that flattens has its closing orders spared; nobody else's are."""
    assert submit(desk).status == "FILLED"
    show_book(bids=[("99.95", 4)])
    first = press(desk, flatten=True)
    KillSwitch.objects.filter(id=first.id).update(released_at=clock.wall_now(), released_by_label="x")
    TradingState.objects.all().delete()
    press(desk, scope=Scope(desk.organisation.id))
    assert Order.objects.get(origin="SYSTEM").status == "CANCELLED"
