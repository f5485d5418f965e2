"""Trading states: the strictest that applies decides, and each change is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from core import clock
from core.errors import InvalidInput, PermissionDenied
from core.tenancy import system_scope
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.state_gate import state_decision
from riskmgmt.domain.states import Level, Source, Standing, State, strictest
from riskmgmt.models import RiskLimit, TradingState, TradingStateChange
from riskmgmt.selectors import trading_state
from riskmgmt.services import accounts_watch, trading_state_set
from tests.factories import actor_for, make_member
from tests.orders.desk import Desk
from trading.brokers.domain.terms import Side
from trading.orders.domain.gate import GateDecision
from trading.orders.services import order_submit
from trading.orders.services.order.gates import send_refusal

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)


def standing(state: State, source: Source = Source.MANUAL, **changes: Any) -> Standing:
    return Standing(state, source, Level.ACCOUNT, "why", "who", NOW, **changes)


@pytest.mark.parametrize(
    ("standings", "expected"),
    [
        ([], (State.ACTIVE, Source.MANUAL)),
        ([standing(State.REDUCING), standing(State.HALTED)], (State.HALTED, Source.MANUAL)),
        ([standing(State.HALTED, expires_at=NOW)], (State.ACTIVE, Source.MANUAL)),
        ([standing(State.HALTED, expires_at=NOW + timedelta(seconds=1))], (State.HALTED, Source.MANUAL)),
        ([standing(State.HALTED), standing(State.HALTED, Source.KILL_SWITCH)], (State.HALTED, Source.KILL_SWITCH)),
        # One that lets the house exit is the milder of two that halt.
        (
            [standing(State.HALTED), standing(State.HALTED, Source.KILL_SWITCH, lets_house_exit=True)],
            (State.HALTED, Source.MANUAL),
        ),
        (
            [standing(State.REDUCING, Source.BREAKER, most_paise=100), standing(State.REDUCING)],
            (State.REDUCING, Source.MANUAL),
        ),
    ],
)
def test_the_strictest_that_has_not_expired_decides(
    standings: list[Standing], expected: tuple[State, Source]
) -> None:
    decides = strictest(standings, at=NOW)
    assert (decides.state, decides.source) == expected


@pytest.mark.parametrize(
    ("held", "reduces", "house_exit", "code"),
    [
        (standing(State.ACTIVE), False, False, "ok"),
        (standing(State.REDUCING), True, False, "ok"),
        (standing(State.REDUCING), False, False, "trading_reducing"),
        (standing(State.REDUCING, most_paise=100), False, False, "ok"),
        (standing(State.REDUCING, most_paise=99), False, False, "trading_reducing"),
        (standing(State.HALTED), True, False, "trading_halted"),
        (standing(State.HALTED), True, True, "trading_halted"),
        (standing(State.HALTED, Source.KILL_SWITCH), True, True, "kill_switch"),
        (standing(State.HALTED, Source.KILL_SWITCH, lets_house_exit=True), True, True, "ok"),
        (standing(State.HALTED, Source.KILL_SWITCH, lets_house_exit=True), True, False, "kill_switch"),
    ],
)
def test_each_state_lets_through_what_it_should(held: Standing, reduces: bool, house_exit: bool, code: str) -> None:
    decision = state_decision(held, reduces=reduces, house_exit=house_exit, value_paise=100)
    assert (decision.code, decision.allowed) == (code, code == "ok")


def set_state(desk: Desk, state: State, **changes: Any) -> TradingState:
    scope = changes.pop("scope", Scope(desk.organisation.id, desk.account.id))
    return trading_state_set(actor=desk.owner, scope=scope, state=state, **{"reason": "Results", **changes})


@pytest.mark.django_db
def test_reducing_lets_exits_pass_and_sends_of_openers_no_more(desk: Desk) -> None:
    assert order_submit(actor=desk.trader, intent=desk.intent(quantity=10)).status == "FILLED"
    opening = order_submit(actor=desk.trader, intent=desk.intent(price="98.00"))
    exit_order = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 5, price="105.00"))
    assert (send_refusal(opening), send_refusal(exit_order)) == (None, None)
    set_state(desk, State.REDUCING)
    assert order_submit(actor=desk.trader, intent=desk.intent()).status_code == "trading_reducing"
    assert order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 5)).status == "FILLED"
    refusal = send_refusal(opening)
    assert isinstance(refusal, GateDecision)
    assert refusal.code == "trading_reducing"
    assert send_refusal(exit_order) is None


@pytest.mark.django_db
@pytest.mark.parametrize("level", ["organisation", "account", "strategy", "run"])
def test_every_level_halts_what_is_below_it(desk: Desk, level: str) -> None:
    scope = {
        "organisation": Scope(desk.organisation.id),
        "account": Scope(desk.organisation.id, desk.account.id),
        "strategy": Scope(desk.organisation.id, strategy="momentum"),
        "run": Scope(desk.organisation.id, desk.account.id, strategy="momentum"),
    }[level]
    set_state(desk, State.HALTED, scope=scope)
    assert trading_state(desk.account.id, "momentum", clock.now()).state is State.HALTED
    plain = trading_state(desk.account.id, "", clock.now()).state
    assert plain is (State.HALTED if level in ("organisation", "account") else State.ACTIVE)


@pytest.mark.django_db
def test_a_state_expires_by_itself_and_leaves_its_history(desk: Desk) -> None:
    set_state(desk, State.HALTED, expires_at=clock.now() + timedelta(minutes=5))
    TradingState.objects.update(expires_at=clock.now())
    assert order_submit(actor=desk.trader, intent=desk.intent()).status == "FILLED"
    with system_scope():
        accounts_watch()
    moves = TradingStateChange.objects.order_by("id").values_list("from_state", "to_state", "by_label")
    assert list(moves) == [("ACTIVE", "HALTED", desk.owner.label), ("HALTED", "ACTIVE", "expiry")]


@pytest.mark.django_db
def test_history_cannot_be_rewritten(desk: Desk) -> None:
    set_state(desk, State.HALTED)
    for act in (
        lambda: TradingStateChange.objects.update(reason="never"),
        lambda: TradingStateChange.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.django_db
def test_a_state_needs_a_reason_a_future_and_a_permission(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="why"):
        set_state(desk, State.HALTED, reason=" ")
    with pytest.raises(InvalidInput) as past:
        set_state(desk, State.HALTED, expires_at=clock.now() - timedelta(seconds=1))
    assert past.value.code == "invalid_expiry"
    with pytest.raises(PermissionDenied):
        trading_state_set(
            actor=actor_for(make_member(Role.ADMIN, desk.organisation)),
            scope=Scope(desk.organisation.id),
            state=State.HALTED,
            reason="x",
        )


@pytest.mark.django_db
def test_a_gate_that_breaks_before_a_send_refuses_it(desk: Desk, settings: Settings) -> None:
    resting = order_submit(actor=desk.trader, intent=desk.intent(price="98.00"))
    settings.PRE_TRADE_GATES = ["tests.riskmgmt.test_states.BreakingGate"]
    refusal = send_refusal(resting)
    assert refusal is not None
    assert refusal.code == "gate_failed"
    settings.PRE_TRADE_GATES = []
    assert send_refusal(resting) is not None
    settings.PRE_TRADE_GATES = ["riskmgmt.gates.LimitGate"]
    assert send_refusal(resting) is None


class BreakingGate:
    def may_send(self, order: object) -> GateDecision:
        raise ZeroDivisionError


@pytest.mark.django_db
def test_limits_that_cannot_be_read_refuse_the_order(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(row: RiskLimit) -> object:
        raise ValueError("not a limit")

    RiskLimit.objects.create(organisation=desk.organisation)
    monkeypatch.setattr(RiskLimit, "layer", property(broken))
    order = order_submit(actor=desk.trader, intent=desk.intent())
    assert (order.status, order.status_code) == ("REJECTED", "gate_failed")
