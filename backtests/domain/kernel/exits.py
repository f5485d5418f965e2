"""Stops, targets and trailing stops: where they are placed, and when a price reaches them."""

from trading.marketdata.domain.bars import Int64Array

from .columns import (
    ENTRY_PRICE,
    ENTRY_REST,
    ENTRY_UNITS,
    FAR,
    FIRST_STOP,
    HIT_STOP,
    HIT_TARGET,
    HIT_TRAIL,
    PEAK,
    POSITION,
    SLIPPAGE,
    STOP,
    STOP_FIXED,
    STOP_POINTS,
    TARGET,
    TARGET_FIXED,
    TARGET_POINTS,
    TICK,
    TRAIL,
    TRAIL_FIXED,
    TRAIL_POINTS,
)
from .integers import quotient
from .jit import compiled

NO_HIT = -1


@compiled
def _distance(price: int, points: int, fixed: int, tick: int) -> int:
    """A guard's distance from an entry in whole ticks, 0 for no guard."""
    if points == 0 and fixed == 0:
        return 0
    exact = fixed * 10_000 if fixed else price * points
    return max((exact + 5_000 * tick) // (10_000 * tick), 1) * tick


@compiled
def place_exits(state: Int64Array, p: Int64Array) -> None:
    """Place the exits of an entry. Their prices are mirrored for a short one, so that up is always good."""
    side = 1 if state[POSITION] > 0 else -1
    price, tick = state[ENTRY_PRICE] + quotient(state[ENTRY_REST], state[ENTRY_UNITS]), p[TICK]
    stop = _distance(price, p[STOP_POINTS], p[STOP_FIXED], tick)
    target = _distance(price, p[TARGET_POINTS], p[TARGET_FIXED], tick)
    trail = _distance(price, p[TRAIL_POINTS], p[TRAIL_FIXED], tick)
    entry = side * price
    state[FIRST_STOP] = entry - stop if stop else -FAR
    state[STOP] = max(state[FIRST_STOP], entry - trail if trail else -FAR)
    state[TARGET] = entry + target if target else FAR
    state[PEAK] = entry
    state[TRAIL] = trail


@compiled
def _stop_reason(state: Int64Array) -> int:
    return HIT_TRAIL if state[STOP] > state[FIRST_STOP] else HIT_STOP


@compiled
def _follow(state: Int64Array, price: int) -> None:
    """Let the trailing stop come after a new best price."""
    if state[TRAIL] and price > state[PEAK]:
        state[PEAK] = price
        state[STOP] = max(state[STOP], price - state[TRAIL])


@compiled
def hit_at(state: Int64Array, price: int, taken: int) -> tuple[int, int]:
    """Which exit trades on a snapshot, and where, when an order to close gets `taken`; mirrored prices.

    A target never trades worse than its price.
    """
    if price <= state[STOP]:
        return _stop_reason(state), taken
    if price >= state[TARGET]:
        return HIT_TARGET, max(state[TARGET], taken)
    _follow(state, price)
    return NO_HIT, 0


@compiled
def _hit_until(state: Int64Array, end: int, slippage: int) -> tuple[int, int]:
    """Which exit trades while the price runs on to another, from one where none did; mirrored prices."""
    if end <= state[STOP]:
        return _stop_reason(state), state[STOP] - slippage
    if end >= state[TARGET]:
        return HIT_TARGET, state[TARGET]
    _follow(state, end)
    return NO_HIT, 0


@compiled
def hit_within(
    state: Int64Array, side: int, opening: int, taken: int, high: int, low: int, close: int, p: Int64Array
) -> tuple[int, int]:
    """Which exit trades within a bar, from its first snapshot on, at which an order to close gets `taken`; this and
    what is returned are mirrored prices."""
    first, second = (low, high) if close >= opening else (high, low)
    slippage = p[SLIPPAGE]
    reason, price = hit_at(state, side * opening, taken)
    if reason == NO_HIT:
        reason, price = _hit_until(state, side * first, slippage)
    if reason == NO_HIT:
        reason, price = _hit_until(state, side * second, slippage)
    if reason == NO_HIT:
        reason, price = _hit_until(state, side * close, slippage)
    return reason, price
