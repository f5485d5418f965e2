"""The compiled loop: bars, wanted sides and terms in, fills and figures out; integers but for the figures' ratios.

What happens at a bar, in this order: its first snapshot is the open. There resting exits trade, then the session's
square-off, then the order that the close of the bar before has asked for. After it the price runs from the open to
the nearer extreme (the low when the bar closes at or above its open, else the high), to the other one, and to the
close, through every price between; a guard trades where it is touched.
"""

import numpy as np
from numpy.typing import NDArray

from trading.marketdata.domain.bars import Int64Array

from .charges import charges_paise
from .jit import compiled
from .market import CLOSED, DAY_END, FIRST, LAST, Marks

FloatArray = NDArray[np.float64]
Signals = NDArray[np.int8]

(
    CAPITAL,
    UNITS,
    SHARE,
    LOT,
    TICK,
    SLIPPAGE,
    SIDES,
    STOP_POINTS,
    STOP_FIXED,
    TARGET_POINTS,
    TARGET_FIXED,
    TRAIL_POINTS,
    TRAIL_FIXED,
    TOUCH,
    SQUARE_OFF_FEE,
) = range(15)
"""Settings. CAPITAL, TICK, SLIPPAGE and the FIXED distances in ten-thousandths of a rupee; SHARE and the POINTS in
basis points; SIDES 1 for long only, -1 for short only, 0 for both; TOUCH whether orders meet a bid and an ask;
SQUARE_OFF_FEE in paise."""

BAR, QUANTITY, PRICE, CHARGE, REASON = range(5)
"""Columns of fills: the bar's position, signed units, ten-thousandths, paise, a `Reason`."""

(
    FINAL,
    TRADES,
    WINS,
    LOSSES,
    WON,
    LOST,
    BEST,
    WORST,
    CHARGES,
    TURNOVER,
    HELD,
    FILLS,
    REFUSED,
    STOPPED,
) = range(14)
"""Totals. FINAL, CHARGES and TURNOVER in paise; WON, LOST, BEST and WORST are net of charges, in ten-thousandths;
HELD counts bars with a position; REFUSED bars at which an entry came to no lot."""

DAYS, SUM_1, SUM_2, SUM_3, SUM_4, SHORTFALL, DRAWDOWN, DEEPEST = range(8)
"""Sums over daily returns: how many, their powers, the squares of what they lack of the risk-free rate; the deepest
drawdown of daily closes and of bars' closes."""

_POSITION, _CASH, _ENTRY_PRICE, _ENTRY_CHARGES, _STOP, _FIRST_STOP, _TARGET, _PEAK, _TRAIL = range(9)
_SIGNAL, _HIT_STOP, _HIT_TARGET, _HIT_TRAIL, _SQUARE_OFF, _SESSION_END, _RUIN = range(7)
_NO_HIT = -1
_NEVER = 9
_RUINED, _TOO_LARGE = 1, 2
_FAR = 1 << 62
MOST_TURNOVER = 10**17
"""Of one order, in ten-thousandths: what keeps every product within 64 bits."""
_FIRST_ROWS = 256


@compiled
def _distance(price: int, points: int, fixed: int, tick: int) -> int:
    """A guard's distance from an entry in whole ticks, 0 for no guard."""
    if points == 0 and fixed == 0:
        return 0
    exact = fixed * 10_000 if fixed else price * points
    return max((exact + 5_000 * tick) // (10_000 * tick), 1) * tick


@compiled
def _guard(state: Int64Array, p: Int64Array) -> None:
    """Place the exits of an entry. Their prices are mirrored for a short one, so that up is always good."""
    side = 1 if state[_POSITION] > 0 else -1
    price, tick = state[_ENTRY_PRICE], p[TICK]
    stop = _distance(price, p[STOP_POINTS], p[STOP_FIXED], tick)
    target = _distance(price, p[TARGET_POINTS], p[TARGET_FIXED], tick)
    trail = _distance(price, p[TRAIL_POINTS], p[TRAIL_FIXED], tick)
    entry = side * price
    state[_FIRST_STOP] = entry - stop if stop else -_FAR
    state[_STOP] = max(state[_FIRST_STOP], entry - trail if trail else -_FAR)
    state[_TARGET] = entry + target if target else _FAR
    state[_PEAK] = entry
    state[_TRAIL] = trail


@compiled
def _stop_reason(state: Int64Array) -> int:
    return _HIT_TRAIL if state[_STOP] > state[_FIRST_STOP] else _HIT_STOP


@compiled
def _follow(state: Int64Array, price: int) -> None:
    """Let the trailing stop come after a new best price."""
    if state[_TRAIL] and price > state[_PEAK]:
        state[_PEAK] = price
        state[_STOP] = max(state[_STOP], price - state[_TRAIL])


@compiled
def _worse(price: int, quantity: int, p: Int64Array) -> int:
    """What an order pays or gets where the market offers `price`."""
    return int(price + p[SLIPPAGE] if quantity > 0 else max(price - p[SLIPPAGE], p[TICK]))


@compiled
def _taken(opening: int, high: int, low: int, quantity: int, p: Int64Array) -> int:
    """What an order pays or gets at a bar's first snapshot.

    With TOUCH the open was traded on the offer, a tick above the bid, or on the bid where it is the bar's low; no
    price lies outside of the bar. It is the book that a minute is replayed with (`marketdata.domain.minute_ticks`).
    """
    if p[TOUCH]:
        if quantity > 0 and opening == low:
            opening = min(opening + p[TICK], high)
        elif quantity < 0 and opening != low:
            opening = max(opening - p[TICK], low)
    return _worse(opening, quantity, p)


@compiled
def _hit_at(state: Int64Array, price: int, taken: int) -> tuple[int, int]:
    """Which exit trades on a snapshot, and where, when an order to close gets `taken`; mirrored prices.

    A target never trades worse than its price.
    """
    if price <= state[_STOP]:
        return _stop_reason(state), taken
    if price >= state[_TARGET]:
        return _HIT_TARGET, max(state[_TARGET], taken)
    _follow(state, price)
    return _NO_HIT, 0


@compiled
def _hit_until(state: Int64Array, end: int, slippage: int) -> tuple[int, int]:
    """Which exit trades while the price runs on to another, from one where none did; mirrored prices."""
    if end <= state[_STOP]:
        return _stop_reason(state), state[_STOP] - slippage
    if end >= state[_TARGET]:
        return _HIT_TARGET, state[_TARGET]
    _follow(state, end)
    return _NO_HIT, 0


@compiled
def _hit_within(
    state: Int64Array, side: int, opening: int, high: int, low: int, close: int, p: Int64Array
) -> tuple[int, int]:
    """Which exit trades within a bar, from its first snapshot on; mirrored prices."""
    first, second = (low, high) if close >= opening else (high, low)
    slippage = p[SLIPPAGE]
    reason, price = _hit_at(state, side * opening, side * _taken(opening, high, low, -side, p))
    if reason == _NO_HIT:
        reason, price = _hit_until(state, side * first, slippage)
    if reason == _NO_HIT:
        reason, price = _hit_until(state, side * second, slippage)
    if reason == _NO_HIT:
        reason, price = _hit_until(state, side * close, slippage)
    return reason, price


@compiled
def _size(p: Int64Array, equity: int, price: int) -> int:
    """Units of an entry in whole lots."""
    if p[UNITS]:
        return int(p[UNITS])
    if equity <= 0:
        return 0
    share = p[SHARE]
    units = (equity // price * share + equity % price * share // price) // 10_000
    return int(units // p[LOT] * p[LOT])


@compiled
def _deal(
    state: Int64Array, totals: Int64Array, quantity: int, price: int, rates: Int64Array, extra: int = 0
) -> int:
    """One fill: cash, the trade that it ends, the one that it begins. Returns its charges in paise, with `extra`.

    A fill that turns the position around shares its charges between the two as round trips do: the closed units'
    part is rounded down.
    """
    position = state[_POSITION]
    turnover = abs(quantity) * price
    fee = charges_paise(turnover, quantity > 0, rates) + extra
    state[_CASH] -= quantity * price + fee * 100
    totals[CHARGES] += fee
    totals[TURNOVER] += turnover // 100
    totals[FILLS] += 1
    carried = fee
    if position != 0:
        share = fee * abs(position) // abs(quantity)
        net = (price - state[_ENTRY_PRICE]) * position - (state[_ENTRY_CHARGES] + share) * 100
        carried -= share
        totals[BEST] = max(totals[BEST], net)
        totals[WORST] = min(totals[WORST], net)
        totals[TRADES] += 1
        if net > 0:
            totals[WINS] += 1
            totals[WON] += net
        elif net < 0:
            totals[LOSSES] += 1
            totals[LOST] -= net
    state[_POSITION] = position + quantity
    state[_ENTRY_PRICE] = price
    state[_ENTRY_CHARGES] = carried
    return fee


@compiled
def _noted(
    fills: Int64Array, count: int, bar: int, quantity: int, price: int, charge: int, reason: int
) -> Int64Array:
    """The fills with one more; a table that is full is copied into one twice as long."""
    if count > len(fills):
        longer = np.empty((2 * len(fills), 5), dtype=np.int64)
        longer[: len(fills)] = fills
        fills = longer
    fills[count - 1, BAR] = bar
    fills[count - 1, QUANTITY] = quantity
    fills[count - 1, PRICE] = price
    fills[count - 1, CHARGE] = charge
    fills[count - 1, REASON] = reason
    return fills


@compiled
def paise(amount: int) -> int:
    """Ten-thousandths of a rupee in whole paise, half away from zero."""
    return (amount + 50) // 100 if amount >= 0 else -((50 - amount) // 100)


@compiled
def _close_day(sums: FloatArray, before: int, now: int, risk_free: float) -> None:
    """Count one day's return; a day that begins with nothing has none and counts as zero."""
    earned = now / before - 1.0 if before > 0 else 0.0
    sums[DAYS] += 1.0
    sums[SUM_1] += earned
    sums[SUM_2] += earned * earned
    sums[SUM_3] += earned * earned * earned
    sums[SUM_4] += earned * earned * earned * earned
    lacking = min(earned - risk_free, 0.0)
    sums[SHORTFALL] += lacking * lacking


@compiled
def trade(
    opening: Int64Array,
    high: Int64Array,
    low: Int64Array,
    close: Int64Array,
    signals: Signals,
    marks: Marks,
    p: Int64Array,
    rates: Int64Array,
    rate_bars: Int64Array,
    risk_free: float,
    keep: bool,
    equity: Int64Array,
    daily: Int64Array,
    totals: Int64Array,
    sums: FloatArray,
) -> Int64Array:
    """Trade the signals; returns the fills, none of them unless `keep`.

    `equity` takes a value in paise for each bar and `daily` for each day, or nothing when it is empty; `totals` and
    `sums` are zeros at first. `rates[k]` holds from bar `rate_bars[k]` on, `risk_free` is a day's rate.
    """
    state = np.zeros(9, dtype=np.int64)
    state[_CASH] = p[CAPITAL]
    guarded = p[STOP_POINTS] + p[STOP_FIXED] + p[TARGET_POINTS] + p[TARGET_FIXED] > 0
    guarded = guarded or p[TRAIL_POINTS] + p[TRAIL_FIXED] > 0
    fills = np.empty((_FIRST_ROWS if keep else 0, 5), dtype=np.int64)
    row, day, barred, position, held, stopped = 0, 0, 0, 0, 0, 0
    rates_until = rate_bars[1] if len(rate_bars) > 1 else len(close)
    sides = p[SIDES]
    cash = worth = peak = trough = p[CAPITAL]
    day_before = day_peak = p[CAPITAL]
    # `asked` is what the last close wants, `steady` what it may want without anything to do.
    steady, asked = 0, 0
    for i in range(len(close)):
        mark, price = marks[i], opening[i]
        if mark == 0 and asked == steady and not guarded:
            # Most bars: what is held is held on.
            asked = signals[i] if signals[i] * sides >= 0 else 0
            worth = cash + position * close[i]
            held += position != 0
        else:
            while i >= rates_until:
                row += 1
                rates_until = rate_bars[row + 1] if row + 1 < len(rate_bars) else len(close)
            if guarded and position != 0:
                side = 1 if position > 0 else -1
                reason, at = _hit_at(state, side * price, side * _taken(price, high[i], low[i], -side, p))
                if reason != _NO_HIT:
                    fee = _deal(state, totals, -position, side * at, rates[row])
                    if keep:
                        fills = _noted(fills, totals[FILLS], i, -position, side * at, fee, reason)
                    barred, position, cash = side, 0, state[_CASH]
            wanted, reason = position, _SIGNAL
            if mark & CLOSED or stopped:
                wanted, reason = 0, _RUIN if stopped else _SQUARE_OFF
            elif not mark & FIRST and (asked == 0 or asked != barred):
                barred = 0
                if asked == 0:
                    wanted = 0
                elif asked * position <= 0:
                    wanted = asked * _size(p, cash + position * price, price)
                    if wanted == 0:
                        totals[REFUSED] += 1
                    elif abs(wanted - position) > MOST_TURNOVER // price:
                        stopped, wanted = _TOO_LARGE, 0
            if wanted != position:
                quantity = wanted - position
                at = _taken(price, high[i], low[i], quantity, p)
                extra = p[SQUARE_OFF_FEE] if reason == _SQUARE_OFF else 0
                fee = _deal(state, totals, quantity, at, rates[row], extra)
                if keep:
                    fills = _noted(fills, totals[FILLS], i, quantity, at, fee, reason)
                position, cash = wanted, state[_CASH]
                if guarded and position != 0:
                    _guard(state, p)
            held += position != 0
            if guarded and position != 0:
                side = 1 if position > 0 else -1
                reason, at = _hit_within(state, side, price, high[i], low[i], close[i], p)
                if reason != _NO_HIT:
                    at = max(side * at, p[TICK])
                    fee = _deal(state, totals, -position, at, rates[row])
                    if keep:
                        fills = _noted(fills, totals[FILLS], i, -position, at, fee, reason)
                    barred, position, cash = side, 0, state[_CASH]
            if mark & LAST and position != 0:
                at = _worse(close[i], -position, p)
                fee = _deal(state, totals, -position, at, rates[row])
                if keep:
                    fills = _noted(fills, totals[FILLS], i, -position, at, fee, _SESSION_END)
                position, cash = 0, state[_CASH]
            asked = signals[i] if signals[i] * sides >= 0 else 0
            steady = 1 if position > 0 else -1 if position < 0 else 0
            worth = cash + position * close[i]
            if mark & DAY_END:
                _close_day(sums, day_before, worth, risk_free)
                day_peak = max(day_peak, worth)
                sums[DRAWDOWN] = min(sums[DRAWDOWN], worth / day_peak - 1.0)
                if len(daily):
                    daily[day] = paise(worth)
                day, day_before = day + 1, worth
        if worth > peak:
            peak = trough = worth
        elif worth < trough:
            trough = worth
            sums[DEEPEST] = min(sums[DEEPEST], worth / peak - 1.0)
            if worth <= 0 and stopped == 0:
                stopped, steady = _RUINED, _NEVER
        if len(equity):
            equity[i] = paise(worth)
    totals[HELD], totals[STOPPED], totals[FINAL] = held, stopped, paise(worth)
    return fills[: totals[FILLS]] if keep else fills


@compiled
def trade_each(
    opening: Int64Array,
    high: Int64Array,
    low: Int64Array,
    close: Int64Array,
    signals: Signals,
    marks: Marks,
    p: Int64Array,
    rates: Int64Array,
    rate_bars: Int64Array,
    risk_free: float,
    daily: Int64Array,
    totals: Int64Array,
    sums: FloatArray,
) -> None:
    """`trade` for each row of `signals`, figures only; `daily`, `totals` and `sums` have a row for each."""
    nothing = np.empty(0, dtype=np.int64)
    for cell in range(len(signals)):
        trade(
            opening,
            high,
            low,
            close,
            signals[cell],
            marks,
            p,
            rates,
            rate_bars,
            risk_free,
            False,
            nothing,
            daily[cell],
            totals[cell],
            sums[cell],
        )
