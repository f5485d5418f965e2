"""The compiled loop: bars, wanted sides and terms in, fills and figures out; integers but for the figures' ratios.

What happens at a bar, in this order: its first snapshot is the open. There resting exits trade, then the session's
square-off, then the order that the close of the bar before has asked for. After it the price runs from the open to
the nearer extreme (the low when the bar closes at or above its open, else the high), to the other one, and to the
close, through every price between; a guard trades where it is touched.
"""

import numpy as np

from trading.marketdata.domain.bars import Int64Array

from .book import FirstPieces, fits_best, piece_of, taken, worse
from .columns import (
    CAPITAL,
    CASH,
    DAYS,
    DEEPEST,
    DRAWDOWN,
    FILLS,
    FINAL,
    FITS_ALWAYS,
    HELD,
    MOST_TURNOVER,
    ORDER,
    REFUSED,
    RUIN,
    RUINED,
    SESSION_END,
    SHORTFALL,
    SIDES,
    SIGNAL,
    SQUARE_OFF,
    SQUARE_OFF_FEE,
    STOP_FIXED,
    STOP_POINTS,
    STOPPED,
    SUM_1,
    SUM_2,
    SUM_3,
    SUM_4,
    TARGET_FIXED,
    TARGET_POINTS,
    TICK,
    TOO_LARGE,
    TRAIL,
    TRAIL_FIXED,
    TRAIL_POINTS,
    WORTH,
    FloatArray,
    Signals,
)
from .dealing import MOST_A_BAR, charge, deal, lengthened, size, walk
from .depository import demat_fee
from .exits import NO_HIT, hit_at, hit_within, place_exits
from .integers import paise
from .jit import compiled
from .market import CLOSED, DAY_END, FIRST, LAST, Marks

_FIRST_ROWS = 1024
_NEVER = 9
Fall = tuple[int, int, float]
"""The highest worth so far, the lowest since it, and the deepest drawdown before it."""


@compiled
def _close_day(sums: FloatArray, before: int, now: int, risk_free: float) -> None:
    """Count one day's return; a day that begins with nothing has none and counts as zero."""
    earned = now / before - 1.0 if before > 0 else 0.0
    sums[DAYS] += 1.0
    sums[WORTH] += now
    sums[SUM_1] += earned
    sums[SUM_2] += earned * earned
    sums[SUM_3] += earned * earned * earned
    sums[SUM_4] += earned * earned * earned * earned
    lacking = min(earned - risk_free, 0.0)
    sums[SHORTFALL] += lacking * lacking


@compiled
def _allowed(signal: int, sides: int) -> int:
    """What a signal asks for, of the sides that are taken."""
    return signal if signal * sides >= 0 else 0


@compiled
def _fallen(fall: Fall, worth: int) -> Fall:
    """The peak so far, the lowest worth since, and the deepest drawdown before that peak."""
    peak, trough, deepest = fall
    if worth > peak:
        return worth, worth, min(deepest, trough / peak - 1.0)
    return peak, min(trough, worth), deepest


@compiled
def _deepest(fall: Fall) -> float:
    """The deepest drawdown until now."""
    peak, trough, deepest = fall
    return min(deepest, trough / peak - 1.0)


@compiled
def _held_until(first: int, signals: Signals, marks: Marks, sides: int, steady: int) -> int:
    """The first bar after one with nothing to do at which there may be something: it has a mark, or the bar before
    it wants another side."""
    signal, i = signals[first], first + 1
    if _allowed(signal, sides) == steady:
        while i < len(marks) and marks[i] == 0 and signals[i - 1] == signal:
            i += 1
    return i


@compiled
def _follow(
    first: int, end: int, close: Int64Array, cash: int, position: int, fall: Fall, equity: Int64Array
) -> tuple[int, int, Fall]:
    """What a position is worth from bar to bar, as long as it is worth anything; returns the bar that it was
    followed to, the last worth, and how far that has fallen."""
    worth = 0
    for i in range(first, end):
        worth = cash + position * close[i]
        fall = _fallen(fall, worth)
        if len(equity):
            equity[i] = paise(worth)
        if worth <= 0:
            return i + 1, worth, fall
    return end, worth, fall


@compiled
def trade(
    opening: Int64Array,
    high: Int64Array,
    low: Int64Array,
    close: Int64Array,
    first: FirstPieces,
    signals: Signals,
    marks: Marks,
    lasted: Int64Array,
    p: Int64Array,
    rates: Int64Array,
    rate_bars: Int64Array,
    depository: Int64Array,
    risk_free: float,
    keep: bool,
    equity: Int64Array,
    daily: Int64Array,
    totals: Int64Array,
    sums: FloatArray,
) -> Int64Array:
    """Trade the signals; returns the fills, none of them unless `keep`.

    `first` is the first piece of each bar; `lasted` counts the pieces before each bar, and at its end all of them.
    `equity` takes a value in paise for each bar and `daily` for each day, or nothing when it is empty; `totals` and
    `sums` are zeros at first. `rates[k]` holds from bar `rate_bars[k]` on, `risk_free` is a day's rate;
    `depository` is empty unless shares are delivered.
    """
    state = np.zeros(TRAIL + 1, dtype=np.int64)
    state[CASH] = p[CAPITAL]
    guarded = p[STOP_POINTS] + p[STOP_FIXED] + p[TARGET_POINTS] + p[TARGET_FIXED] > 0
    guarded = guarded or p[TRAIL_POINTS] + p[TRAIL_FIXED] > 0
    fills = np.empty((_FIRST_ROWS if keep else 0, ORDER + 1), dtype=np.int64)
    row, day, barred, position, held, stopped = 0, 0, 0, 0, 0, 0
    rates_until = rate_bars[1] if len(rate_bars) > 1 else len(close)
    sides = p[SIDES]
    held_before, arriving = 0, np.zeros(depository.shape[1], dtype=np.int64)
    cash = worth = p[CAPITAL]
    fall = (worth, worth, 0.0)
    day_before = day_peak = p[CAPITAL]
    # `asked` is what the last close wants, `steady` what it may want without anything to do.
    steady, asked, i = 0, 0, 0
    while i < len(close):
        if (marks[i] == 0 and asked == steady and not guarded) or (marks[i] == CLOSED and position == 0):
            # Most bars: what is held is held on.
            since, i = i, _held_until(i, signals, marks, sides, steady)
            if position != 0:
                i, worth, fall = _follow(since, i, close, cash, position, fall, equity)
                held += lasted[i] - lasted[since]
            elif len(equity):
                equity[since:i] = paise(cash)
        else:
            mark, price = marks[i], opening[i]
            if keep and totals[FILLS] + MOST_A_BAR > len(fills):
                fills = lengthened(fills)
            while i >= rates_until:
                row += 1
                rates_until = rate_bars[row + 1] if row + 1 < len(rate_bars) else len(close)
            if guarded and position != 0:
                side = 1 if position > 0 else -1
                at = side * taken(piece_of(opening, first, i), -side, p)
                reason, at = hit_at(state, side * price, at)
                if reason != NO_HIT:
                    deal(state, totals, fills, i, -position, side * at, reason, rates, row)
                    barred, position, cash = side, 0, state[CASH]
            wanted, reason = position, SIGNAL
            if mark & CLOSED or stopped:
                # A strategy that wants to be flat anyway closes by an order of its own, before it is squared off.
                is_own = asked == 0 and not mark & FIRST
                wanted, reason = 0, RUIN if stopped else SIGNAL if is_own else SQUARE_OFF
            elif not mark & FIRST and (asked == 0 or asked != barred):
                barred = 0
                if asked == 0:
                    wanted = 0
                elif asked * position <= 0:
                    wanted = asked * size(p, cash + position * price, price)
                    if wanted == 0:
                        totals[REFUSED] += 1
                    elif abs(wanted - position) > FITS_ALWAYS and abs(wanted - position) > MOST_TURNOVER // price:
                        stopped, wanted = TOO_LARGE, 0
            if wanted != position:
                piece, quantity = piece_of(opening, first, i), wanted - position
                if fits_best(piece, quantity, p):
                    deal(state, totals, fills, i, quantity, taken(piece, quantity, p), reason, rates, row)
                    if reason == SQUARE_OFF:
                        charge(state, totals, p[SQUARE_OFF_FEE])
                else:
                    closes = mark & CLOSED != 0
                    walk(state, totals, fills, i, piece, quantity, reason, closes, p, rates, row)
                position, cash = wanted, state[CASH]
                if guarded and position != 0:
                    place_exits(state, p)
            if position != 0:
                held += lasted[i + 1] - lasted[i]
            if guarded and position != 0:
                side = 1 if position > 0 else -1
                at = side * taken(piece_of(opening, first, i), -side, p)
                reason, at = hit_within(state, side, price, at, high[i], low[i], close[i], p)
                if reason != NO_HIT:
                    deal(state, totals, fills, i, -position, max(side * at, p[TICK]), reason, rates, row)
                    barred, position, cash = side, 0, state[CASH]
            if mark & LAST and position != 0:
                at = worse(close[i], -position, p)
                deal(state, totals, fills, i, -position, at, SESSION_END, rates, row)
                position, cash = 0, state[CASH]
            steady = 1 if position > 0 else -1 if position < 0 else 0
            if mark & DAY_END and len(arriving):
                fee = demat_fee(depository, arriving, day, held_before, position)
                charge(state, totals, fee)
                held_before, cash = position, state[CASH]
            worth = cash + position * close[i]
            if mark & DAY_END:
                _close_day(sums, day_before, worth, risk_free)
                day_peak = max(day_peak, worth)
                sums[DRAWDOWN] = min(sums[DRAWDOWN], worth / day_peak - 1.0)
                if len(daily):
                    daily[day] = paise(worth)
                day, day_before = day + 1, worth
            fall = _fallen(fall, worth)
            if len(equity):
                equity[i] = paise(worth)
            i += 1
        asked = _allowed(signals[i - 1], sides)
        if worth <= 0 and stopped == 0:
            stopped, steady = RUINED, _NEVER
    sums[DEEPEST] = _deepest(fall)
    totals[HELD], totals[STOPPED], totals[FINAL] = held, stopped, paise(worth)
    return fills[: totals[FILLS]] if keep else fills


@compiled
def trade_each(
    opening: Int64Array,
    high: Int64Array,
    low: Int64Array,
    close: Int64Array,
    first: FirstPieces,
    signals: Signals,
    marks: Marks,
    lasted: Int64Array,
    p: Int64Array,
    rates: Int64Array,
    rate_bars: Int64Array,
    depository: Int64Array,
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
            first,
            signals[cell],
            marks,
            lasted,
            p,
            rates,
            rate_bars,
            depository,
            risk_free,
            False,
            nothing,
            daily[cell],
            totals[cell],
            sums[cell],
        )
