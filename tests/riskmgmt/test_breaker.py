"""The circuit breaker: a pure machine, and what moves it in the database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core import clock
from core.errors import Conflict, InvalidInput, PermissionDenied
from core.tenancy import system_scope
from notifications.models import Notification
from riskmgmt.domain.breaker import Breaker, BreakerState, Cause, Parameters, Readings, step, trip_of
from riskmgmt.domain.states import Source, State
from riskmgmt.models import BreakerRule, BreakerTransition, CircuitBreaker, TradingState
from riskmgmt.selectors import breaker_shapes
from riskmgmt.services import accounts_watch, breaker_reset, breaker_rule_set, breaker_step
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.terms import Side
from trading.orders.services import order_submit

START = datetime(2026, 11, 20, 4, tzinfo=UTC)
PARAMETERS = Parameters(
    max_loss=Decimal(1000),
    max_drawdown=Decimal(800),
    reject_count=5,
    broker_error_count=2,
    cool_off_seconds=300,
    probation_seconds=120,
)
S = BreakerState


@pytest.mark.parametrize(
    ("readings", "cause"),
    [
        (Readings(), None),
        (Readings(day_pnl_paise=-999_99), None),
        (Readings(day_pnl_paise=-1000_00), Cause.DAILY_LOSS),
        (Readings(drawdown_paise=799_99), None),
        (Readings(drawdown_paise=800_00), Cause.DRAWDOWN),
        (Readings(rejects=4), None),
        (Readings(rejects=5), Cause.REJECT_STORM),
        (Readings(broker_errors=2), Cause.BROKER_ERRORS),
        (Readings(day_pnl_paise=-1000_00, rejects=9), Cause.DAILY_LOSS),
    ],
)
def test_each_threshold_trips_at_its_value(readings: Readings, cause: Cause | None) -> None:
    trip = trip_of(readings, PARAMETERS)
    assert (trip.cause if trip else None) == cause
    assert trip_of(readings, Parameters(is_enabled=False, max_loss=Decimal(1))) is None


CALM, STORM = Readings(), Readings(rejects=5)


@pytest.mark.parametrize(
    ("state", "seconds", "readings", "expected"),
    [
        (S.CLOSED, 0, CALM, S.CLOSED),
        (S.CLOSED, 0, STORM, S.OPEN),
        (S.OPEN, 299, CALM, S.OPEN),
        (S.OPEN, 300, CALM, S.HALF_OPEN),
        (S.OPEN, 300, STORM, S.OPEN),
        (S.OPEN, 86_400, Readings(day_pnl_paise=-1000_00), S.OPEN),
        (S.HALF_OPEN, 119, CALM, S.HALF_OPEN),
        (S.HALF_OPEN, 120, CALM, S.CLOSED),
        (S.HALF_OPEN, 120, STORM, S.OPEN),
    ],
)
def test_the_table_of_moves(state: S, seconds: int, readings: Readings, expected: S) -> None:
    after = step(Breaker(state, START), readings, PARAMETERS, at=START + timedelta(seconds=seconds))
    assert after.state is expected


class BreakerMachine(RuleBasedStateMachine):
    """Any weather in any order: never from OPEN to CLOSED at once, and never open for no reason."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.breaker = Breaker(S.CLOSED, START)
        self.moves: list[tuple[S, S]] = []

    @rule(
        seconds=st.integers(0, 400),
        pnl=st.integers(-2000_00, 2000_00),
        drawdown=st.integers(0, 1000_00),
        rejects=st.integers(0, 8),
        errors=st.integers(0, 4),
    )
    def look(self, seconds: int, pnl: int, drawdown: int, rejects: int, errors: int) -> None:
        self.now += timedelta(seconds=seconds)
        readings = Readings(pnl, drawdown, rejects, errors)
        before, after = self.breaker, step(self.breaker, readings, PARAMETERS, at=self.now)
        if after != before:
            self.moves.append((before.state, after.state))
            assert after.since == self.now
        if trip_of(readings, PARAMETERS) is not None:
            assert after.state is S.OPEN
        elif before.state is S.CLOSED:
            assert after == before
        if before.state is S.OPEN and self.now - before.since < timedelta(seconds=300):
            assert after == before
        self.breaker = after

    @invariant()
    def moves_are_legal(self) -> None:
        legal = {(S.CLOSED, S.OPEN), (S.OPEN, S.HALF_OPEN), (S.HALF_OPEN, S.OPEN), (S.HALF_OPEN, S.CLOSED)}
        assert set(self.moves) <= legal
        assert self.breaker.state is not S.OPEN or self.breaker.trip is not None


TestBreakerMachine = BreakerMachine.TestCase


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_calm_always_ends_closed(gaps: list[int]) -> None:
    breaker, now = Breaker(S.OPEN, START), START
    for gap in [*gaps, 300, 120]:
        now += timedelta(seconds=gap)
        breaker = step(breaker, CALM, PARAMETERS, at=now)
    assert breaker.state is S.CLOSED


pytest_db = pytest.mark.django_db


def set_rule(desk: Desk, **values: Any) -> None:
    breaker_rule_set(actor=desk.owner, account_id=desk.account.id, values=values)


@pytest_db
def test_a_storm_of_refusals_opens_the_breaker_in_the_refused_orders_own_transaction(desk: Desk) -> None:
    set_rule(desk, reject_count=3)
    for _ in range(3):
        assert order_submit(actor=desk.trader, intent=desk.intent(quantity=60_000)).status == "REJECTED"
    row = CircuitBreaker.objects.get(account_id=desk.account.id)
    assert (row.state, row.cause) == ("OPEN", "REJECT_STORM")
    assert order_submit(actor=desk.trader, intent=desk.intent()).status_code == "trading_reducing"
    assert BreakerTransition.objects.count() == 1
    assert Notification.objects.filter(
        user_id=desk.trader.user_id, title__startswith="Circuit breaker open"
    ).exists()


@pytest_db
def test_a_loss_refuses_the_next_entry_and_opens_the_breaker_with_it(desk: Desk) -> None:
    assert order_submit(actor=desk.trader, intent=desk.intent(quantity=100)).status == "FILLED"
    set_rule(desk, max_loss=Decimal(300))
    show_book(bids=(("96.00", 1000),), asks=(("96.05", 1000),), ltp="96.00")
    refused = order_submit(actor=desk.trader, intent=desk.intent())
    assert (refused.status, refused.status_code) == ("REJECTED", "circuit_breaker_open")
    row = CircuitBreaker.objects.get(account_id=desk.account.id)
    assert (row.state, row.cause) == ("OPEN", "DAILY_LOSS")
    # Exits still pass.
    assert order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 100)).status == "FILLED"


@pytest_db
def test_the_watch_opens_on_a_loss_that_nobody_traded_into_and_brings_it_back(desk: Desk) -> None:
    assert order_submit(actor=desk.trader, intent=desk.intent(quantity=100)).status == "FILLED"
    set_rule(desk, max_loss=Decimal(300), half_open_order_value=Decimal(1500))
    show_book(bids=(("96.00", 1000),), asks=(("96.05", 1000),), ltp="96.00")

    def look() -> str:
        with system_scope():
            accounts_watch()
        return CircuitBreaker.objects.get(account_id=desk.account.id).state

    assert look() == "OPEN"
    show_book(ltp="100.00")
    CircuitBreaker.objects.update(since=clock.now() - timedelta(minutes=5))
    assert look() == "HALF_OPEN"
    assert order_submit(actor=desk.trader, intent=desk.intent(quantity=10)).status == "FILLED"
    assert order_submit(actor=desk.trader, intent=desk.intent(quantity=20)).status_code == "trading_reducing"
    CircuitBreaker.objects.update(since=clock.now() - timedelta(minutes=5))
    assert look() == "CLOSED"
    assert order_submit(actor=desk.trader, intent=desk.intent(quantity=20)).status == "FILLED"
    moves = BreakerTransition.objects.order_by("id").values_list("to_state", flat=True)
    assert list(moves) == ["OPEN", "HALF_OPEN", "CLOSED"]


@pytest_db
def test_a_breaker_is_closed_by_hand_with_a_reason(desk: Desk) -> None:
    with pytest.raises(Conflict) as closed:
        breaker_reset(actor=desk.owner, account_id=desk.account.id, reason="x")
    assert closed.value.code == "breaker_closed"
    set_rule(desk, max_loss=Decimal(1), open_state="HALTED")
    with system_scope():
        breaker_step(
            organisation_id=desk.organisation.id, account_id=desk.account.id, day_pnl_paise=-100, drawdown_paise=0
        )
    state = TradingState.objects.get(source=Source.BREAKER)
    assert state.state == State.HALTED
    with pytest.raises(PermissionDenied):
        breaker_reset(actor=desk.trader, account_id=desk.account.id, reason="x")
    with pytest.raises(InvalidInput):
        breaker_reset(actor=desk.owner, account_id=desk.account.id, reason=" ")
    breaker_reset(actor=desk.owner, account_id=desk.account.id, reason="Cause found")
    state.refresh_from_db()
    assert state.state == State.ACTIVE
    (shape,) = breaker_shapes(desk.trader)
    assert (shape["state"], shape["parameters"]["max_loss"]) == ("CLOSED", "1.00")


@pytest_db
def test_a_rule_changed_on_a_later_day_leaves_the_earlier_one_as_history(desk: Desk) -> None:
    set_rule(desk, max_loss=Decimal(500))
    rule = BreakerRule.objects.get()
    rule.valid_from -= timedelta(days=3)
    rule.save()
    set_rule(desk, reject_count=7)
    rules = BreakerRule.objects.order_by("valid_from").values_list("max_loss", "reject_count")
    assert list(rules) == [(Decimal(500), 50), (Decimal(500), 7)]
