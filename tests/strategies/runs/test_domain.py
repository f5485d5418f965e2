"""The rules of runs: which moves are legal, when the schedule holds, what the limits let through."""

from datetime import datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.clock import IST
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.strategies.domain.runs import signals as signal_rules
from trading.strategies.domain.runs import states as run_rules
from trading.strategies.domain.runs.limits import RunFigures, RunLimits, loss_breach, order_refusal, reduces
from trading.strategies.domain.runs.schedule import EVERY_DAY, Schedule, Weekday, days_of, mask_of
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import RunState
from trading.strategies.domain.runs.wanted import WantedKeys
from trading.strategies.domain.wish import OrderWish


class RunLife(RuleBasedStateMachine):
    """Any sequence of moves, legal or not: what the table promises holds throughout."""

    def __init__(self) -> None:
        super().__init__()
        self.state = RunState.DRAFT
        self.path = [self.state]

    @rule(wish=st.sampled_from(RunState))
    def ask(self, wish: RunState) -> None:
        legal = run_rules.may_move(self.state, wish)
        if not legal:
            with pytest.raises(run_rules.IllegalRunMove):
                run_rules.move(self.state, wish)
            return
        self.state = run_rules.move(self.state, wish)
        self.path.append(self.state)

    @invariant()
    def nothing_ends_but_through_stopping_or_failing(self) -> None:
        steps = list(zip(self.path, self.path[1:], strict=False))
        assert (RunState.RUNNING, RunState.STOPPED) not in steps
        assert (RunState.PAUSED, RunState.STOPPED) not in steps

    @invariant()
    def a_run_can_always_be_brought_to_rest(self) -> None:
        reached, border = {self.state}, [self.state]
        while border:
            for each in run_rules.MOVES[border.pop()]:
                if each not in reached:
                    reached.add(each)
                    border.append(each)
        assert RunState.STOPPED in reached

    @invariant()
    def it_never_becomes_a_draft_again(self) -> None:
        assert RunState.DRAFT not in self.path[1:]

    @invariant()
    def only_a_start_makes_it_run(self) -> None:
        for before, after in zip(self.path, self.path[1:], strict=False):
            assert after is not RunState.RUNNING or before not in (RunState.STOPPING, RunState.RUNNING)


TestRunLife = RunLife.TestCase


@given(st.lists(st.sampled_from(SignalState), max_size=8))
def test_a_settled_signal_is_settled_for_good(asked: list[SignalState]) -> None:
    state, settled = SignalState.WAITING, None
    for target in asked:
        if signal_rules.may_move(state, target):
            state = signal_rules.move(state, target)
        if settled is not None:
            assert state is settled
        if state not in signal_rules.UNSETTLED:
            settled = state


def test_nothing_is_ordered_that_was_not_ready() -> None:
    assert [each for each in SignalState if signal_rules.may_move(each, SignalState.ORDERED)] == [SignalState.READY]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST)


MONDAY = "2026-11-23T"


@pytest.mark.parametrize(
    ("schedule", "at", "is_on"),
    [
        (Schedule(), MONDAY + "09:15:00", True),
        (Schedule(start=time(9, 30)), MONDAY + "09:29:59", False),
        (Schedule(start=time(9, 30)), MONDAY + "09:30:00", True),
        (Schedule(stop=time(15, 0)), MONDAY + "14:59:59", True),
        (Schedule(stop=time(15, 0)), MONDAY + "15:00:00", False),
        (Schedule(weekdays=mask_of([Weekday.TUE])), MONDAY + "11:00:00", False),
        (Schedule(weekdays=mask_of([Weekday.MON])), MONDAY + "11:00:00", True),
    ],
)
def test_a_schedule_holds_from_its_start_to_before_its_stop_on_its_days(
    schedule: Schedule, at: str, is_on: bool
) -> None:
    assert schedule.is_on(_at(at)) is is_on


def test_positions_are_closed_at_the_stop_only_where_that_was_asked_for() -> None:
    asked = Schedule(stop=time(15, 0), flatten=True)
    assert asked.flattens_at(_at(MONDAY + "15:00:00"))
    assert not asked.flattens_at(_at(MONDAY + "14:59:59"))
    assert not Schedule(stop=time(15, 0)).flattens_at(_at(MONDAY + "15:00:00"))


@given(st.sets(st.sampled_from(Weekday)))
def test_the_days_of_a_week_survive_being_bits(days: set[Weekday]) -> None:
    assert set(days_of(mask_of(days))) == days
    assert mask_of(days) <= EVERY_DAY


LIMITS = RunLimits(max_loss=Decimal(1000), max_loss_day=Decimal(500), max_orders_day=3, max_open_positions=2)


@pytest.mark.parametrize(
    ("figures", "orders", "held", "change", "code"),
    [
        (RunFigures(), 1, 0, 10, None),
        (RunFigures(net=Decimal(-1000)), 1, 0, 10, "max_loss"),
        (RunFigures(net=Decimal("-999.99")), 1, 0, 10, None),
        (RunFigures(net_day=Decimal(-500)), 1, 0, 10, "max_loss_day"),
        (RunFigures(orders_today=2), 1, 0, 10, None),
        (RunFigures(orders_today=3), 1, 0, 10, "max_orders_day"),
        (RunFigures(orders_today=2), 2, 0, 10, "max_orders_day"),
        (RunFigures(open_positions=2), 1, 0, 10, "max_open_positions"),
        (RunFigures(open_positions=2), 1, 10, 10, None),
        (RunFigures(net=Decimal(-5000), orders_today=9, open_positions=9), 1, 10, -10, None),
        (RunFigures(net=Decimal(-5000)), 1, 10, -11, "max_loss"),
    ],
)
def test_a_limit_refuses_what_would_pass_it_and_never_an_exit(
    figures: RunFigures, orders: int, held: int, change: int, code: str | None
) -> None:
    refusal = order_refusal(LIMITS, figures, orders=orders, held=held, change=change)
    assert (refusal and refusal.code) == code


@given(st.integers(-100, 100), st.integers(-100, 100))
def test_what_only_reduces_never_opens_or_turns_a_position(held: int, change: int) -> None:
    if reduces(held, change):
        assert abs(held + change) < abs(held)
        assert (held + change) * held >= 0


def test_without_limits_nothing_is_breached() -> None:
    assert loss_breach(RunLimits(), RunFigures(net=Decimal(-(10**9)), net_day=Decimal(-(10**9)))) is None


def _wish(symbol: str, side: Side) -> OrderWish:
    return OrderWish(symbol, side, 1, OrderType.MARKET, Product.INTRADAY)


def test_what_an_event_asks_for_again_has_the_same_name_although_a_part_is_done() -> None:
    keys = WantedKeys()
    keys.begin("bars 1700000000")
    first = [keys.key(_wish(symbol, side)) for symbol, side in (("A", Side.BUY), ("B", Side.SELL), ("A", Side.BUY))]
    keys.begin("bars 1700000000")
    assert keys.key(_wish("B", Side.SELL)) == first[1]
    assert keys.key(_wish("A", Side.BUY)) == first[0]
    keys.begin("bars 1700000300")
    assert keys.key(_wish("A", Side.BUY)) not in first
