"""Triggers, pure: every code of a fault, the state tables, crossing and the arithmetic of a trailing stop."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.triggers.crossing import Trail, crossed, direction_of, peak_after, trailed_price
from trading.orders.domain.triggers.intent import LegIntent, TriggerIntent, trigger_hash
from trading.orders.domain.triggers.retry import next_attempt_at
from trading.orders.domain.triggers.rules import Terms, market_faults, shape_faults
from trading.orders.domain.triggers.states import (
    FINAL_TRIGGERS,
    LEG_MOVES,
    TRIGGER_MOVES,
    Direction,
    IllegalTriggerMove,
    LegRole,
    LegStatus,
    TriggerKind,
    TriggerStatus,
    leg_moved,
    trigger_moved,
)

TODAY = date(2026, 11, 20)
TERMS = Terms(
    tick_size=Decimal("0.05"),
    lot_size=1,
    freeze_quantity=5000,
    expiry=None,
    today=TODAY,
    reference=Decimal(100),
    band_percent=Decimal(50),
)
M, LIMIT = OrderType.MARKET, OrderType.LIMIT


def leg(role: str, at: str | None = None, kind: OrderType = M, **values: Any) -> LegIntent:
    prices = {k: Decimal(v) for k, v in values.items() if k != "direction"}
    direction = {"direction": values["direction"]} if "direction" in values else {}
    trigger_price = None if at is None else Decimal(at)
    return LegIntent(LegRole(role), kind, trigger_price, **prices, **direction)


def asked(kind: str, *legs: LegIntent, side: Side = Side.SELL, **changes: Any) -> TriggerIntent:
    plain = TriggerIntent(
        account_id=uuid4(),
        key="NSE:RELIANCE",
        kind=TriggerKind(kind),
        side=side,
        quantity=10,
        product=Product.DELIVERY,
        legs=legs,
        client_order_id="one",
    )
    return replace(plain, **changes)


def codes(intent: TriggerIntent, terms: Terms = TERMS) -> set[str]:
    return {fault.code for fault in shape_faults(intent) or market_faults(intent, terms)}


STOP, TARGET = leg("STOP", "95"), leg("TARGET", "110", LIMIT)

SOUND = {
    "single": asked("SINGLE", leg("SINGLE", "95")),
    "single limit buy": asked("SINGLE", leg("SINGLE", "95", LIMIT, price="95.05"), side=Side.BUY),
    "oco": asked("OCO", STOP, TARGET),
    "oco of a short": asked("OCO", leg("STOP", "105"), leg("TARGET", "90", LIMIT), side=Side.BUY),
    "bracket": asked("BRACKET", leg("ENTRY"), STOP, TARGET, side=Side.BUY),
    "short bracket": asked("BRACKET", leg("ENTRY"), leg("STOP", "105"), leg("TARGET", "90", LIMIT), side=Side.SELL),
    "cover": asked("COVER", leg("ENTRY", None, LIMIT, price="100"), STOP, side=Side.BUY),
    "trailing points": asked("TRAILING", leg("STOP", trail_points="5")),
    "trailing per cent": asked("TRAILING", leg("STOP", trail_percent="2.5")),
    "bracket with a trailing stop": asked(
        "BRACKET", leg("ENTRY"), leg("STOP", trail_points="5"), TARGET, side=Side.BUY
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_trigger_has_no_fault(name: str) -> None:
    assert codes(SOUND[name]) == set()


FAULTY = {
    "invalid_quantity": asked("OCO", STOP, TARGET, quantity=0),
    "above_freeze_quantity": asked("OCO", STOP, TARGET, quantity=5001),
    "invalid_note": asked("OCO", STOP, TARGET, note="x" * 201),
    "invalid_strategy": asked("OCO", STOP, TARGET, strategy="a\nb"),
    "invalid_client_order_id": asked("OCO", STOP, TARGET, client_order_id=" "),
    "trigger_legs_wrong": asked("OCO", STOP),
    "unsupported_order_type": asked("OCO", leg("STOP", "95", OrderType.SL), TARGET),
    "price_not_allowed": asked("OCO", leg("STOP", "95", price="94"), TARGET),
    "price_required": asked("OCO", leg("STOP", "95", LIMIT), TARGET),
    "direction_not_allowed": asked("OCO", leg("STOP", "95", direction=Direction.BELOW), TARGET),
    "trigger_price_required": asked("OCO", leg("STOP"), TARGET),
    "trigger_price_not_allowed": asked("TRAILING", leg("STOP", "95", trail_points="5")),
    "invalid_trigger_price": asked("OCO", leg("STOP", "NaN"), TARGET),
    "invalid_price": asked("OCO", leg("STOP", "95", LIMIT, price="-1"), TARGET),
    "trail_gap_required": asked("TRAILING", leg("STOP")),
    "trail_gap_zero": asked("TRAILING", leg("STOP", trail_points="0")),
    "trail_gap_twice": asked("TRAILING", leg("STOP", trail_points="5", trail_percent="5")),
    "trail_gap_too_wide": asked("TRAILING", leg("STOP", trail_points="100")),
    "trail_not_allowed": asked("OCO", STOP, leg("TARGET", None, M, trail_points="5")),
    "trail_needs_market": asked("TRAILING", leg("STOP", None, LIMIT, price="90", trail_points="5")),
    "price_off_tick": asked("OCO", leg("STOP", "95.01"), TARGET),
    "stop_limit_inverted": asked("OCO", leg("STOP", "95", LIMIT, price="96"), TARGET),
    "oco_legs_inverted": asked("OCO", leg("STOP", "110"), leg("TARGET", "95", LIMIT)),
    "trigger_crossed": asked("OCO", leg("STOP", "101"), TARGET),
    "trigger_beyond_band": asked("OCO", leg("STOP", "49"), TARGET),
    "expiry_in_past": asked("OCO", STOP, TARGET, expires_on=TODAY - timedelta(days=1)),
    "expiry_too_far": asked("OCO", STOP, TARGET, expires_on=TODAY + timedelta(days=366)),
}


@pytest.mark.parametrize("code", FAULTY)
def test_every_fault_has_its_own_code(code: str) -> None:
    assert codes(FAULTY[code]) == {code}


def test_legs_of_a_short_on_the_wrong_side_are_inverted_too() -> None:
    assert codes(asked("OCO", leg("STOP", "95"), leg("TARGET", "105", LIMIT), side=Side.BUY)) == {
        "oco_legs_inverted"
    }


def test_a_single_at_the_market_has_crossed_and_one_with_a_direction_is_held_to_it() -> None:
    assert codes(asked("SINGLE", leg("SINGLE", "100"))) == {"trigger_crossed"}
    assert codes(asked("SINGLE", leg("SINGLE", "95", direction=Direction.ABOVE))) == {"trigger_crossed"}
    assert codes(asked("SINGLE", leg("SINGLE", "95", direction=Direction.BELOW))) == set()


def test_contract_rules_hold_for_triggers() -> None:
    terms = replace(TERMS, lot_size=25, expiry=TODAY + timedelta(days=3))
    assert codes(asked("OCO", STOP, TARGET), terms) == {"not_a_lot_multiple"}
    late = asked("OCO", STOP, TARGET, quantity=25, expires_on=TODAY + timedelta(days=4))
    assert codes(late, terms) == {"expiry_after_contract"}
    assert codes(asked("OCO", STOP, TARGET), replace(TERMS, expiry=TODAY - timedelta(days=1))) == {
        "instrument_expired"
    }


def test_the_hash_compares_prices_by_value_and_not_by_how_it_came_in() -> None:
    one = asked("OCO", STOP, TARGET)
    same = replace(one, legs=(TARGET, leg("STOP", "95.00")))
    assert trigger_hash(one) == trigger_hash(same)
    assert trigger_hash(one) != trigger_hash(replace(one, legs=(leg("STOP", "95.05"), TARGET)))


@pytest.mark.parametrize("current", list(TriggerStatus))
@pytest.mark.parametrize("target", list(TriggerStatus))
def test_a_trigger_moves_where_its_table_says(current: TriggerStatus, target: TriggerStatus) -> None:
    if target in TRIGGER_MOVES[current]:
        assert trigger_moved(current, target) is target
    else:
        with pytest.raises(IllegalTriggerMove):
            trigger_moved(current, target)
    assert current not in FINAL_TRIGGERS or not TRIGGER_MOVES[current]


@pytest.mark.parametrize("current", list(LegStatus))
@pytest.mark.parametrize("target", list(LegStatus))
def test_a_leg_moves_where_its_table_says(current: LegStatus, target: LegStatus) -> None:
    if target in LEG_MOVES[current]:
        assert leg_moved(current, target) is target
    else:
        with pytest.raises(IllegalTriggerMove):
            leg_moved(current, target)


def test_stops_wait_on_the_losing_side_and_targets_on_the_winning_one() -> None:
    sides = {(role, side): direction_of(role, side) for role in (LegRole.STOP, LegRole.TARGET) for side in Side}
    assert sides == {
        (LegRole.STOP, Side.SELL): Direction.BELOW,
        (LegRole.TARGET, Side.SELL): Direction.ABOVE,
        (LegRole.STOP, Side.BUY): Direction.ABOVE,
        (LegRole.TARGET, Side.BUY): Direction.BELOW,
    }


@pytest.mark.parametrize(
    ("direction", "ltp", "fires"),
    [
        (Direction.BELOW, "95.05", False),
        (Direction.BELOW, "95.00", True),
        (Direction.BELOW, "80.00", True),
        (Direction.ABOVE, "94.95", False),
        (Direction.ABOVE, "95.00", True),
        (Direction.ABOVE, "120.00", True),
    ],
)
def test_a_touch_fires_and_so_does_a_gap(direction: Direction, ltp: str, fires: bool) -> None:
    assert crossed(direction, Decimal(95), Decimal(ltp)) is fires


TICK = Decimal("0.05")
ticks = st.integers(200, 40_000).map(lambda n: n * TICK)
trails = st.one_of(
    st.integers(1, 150).map(lambda n: Trail(points=n * TICK)),
    st.integers(1, 2000).map(lambda n: Trail(percent=Decimal(n) / 100)),
)


@given(st.sampled_from(list(Direction)), ticks, st.lists(ticks, max_size=20), trails)
def test_a_trailing_stop_never_steps_back_and_keeps_at_least_its_gap(
    direction: Direction, start: Decimal, prices: list[Decimal], trail: Trail
) -> None:
    favour = 1 if direction is Direction.BELOW else -1
    peak, stop = start, trailed_price(direction, start, trail, TICK)
    for price in prices:
        peak = peak_after(direction, peak, price)
        moved = trailed_price(direction, peak, trail, TICK)
        assert (moved - stop) * favour >= 0, "the stop went back"
        assert moved % TICK == 0
        assert moved == TICK or (peak - moved) * favour >= trail.gap(peak)
        assert moved == TICK or (peak - moved) * favour < trail.gap(peak) + TICK
        stop = moved
    assert peak == (max if favour > 0 else min)([start, *prices])


def test_refused_exits_are_tried_again_ever_more_slowly_and_for_ever() -> None:
    at = datetime(2026, 11, 20, 5, tzinfo=UTC)
    waits = [(next_attempt_at(n, at) - at).total_seconds() for n in (1, 2, 3, 4, 5, 1000)]
    assert waits == [1, 5, 15, 60, 60, 60]
