"""One order at a bar: how much, at what price, and what it leaves."""

import numpy as np

from trading.marketdata.domain.bars import Int64Array

from .book import (
    LEVELS,
    SNAPSHOTS,
    Piece,
    best_at,
    displayed,
    price_at,
    slipped,
    taken,
    worst_price,
)
from .charges import charges_paise
from .columns import (
    BAR,
    BEST,
    CASH,
    CHARGE,
    CHARGES,
    ENTRY_CHARGES,
    ENTRY_PRICE,
    ENTRY_REST,
    ENTRY_UNITS,
    FILLS,
    LOSSES,
    LOST,
    LOT,
    ORDER,
    ORDERS,
    OUTSIZED,
    POSITION,
    PRICE,
    QUANTITY,
    REASON,
    SHARE,
    SIGNAL,
    SQUARE_OFF_FEE,
    TICK,
    TRADES,
    TURNOVER,
    UNITS,
    WINS,
    WON,
    WORST,
)
from .columns import SQUARE_OFF as SQUARED_OFF
from .integers import quotient
from .jit import compiled, inlined

MOST_A_BAR = LEVELS * SNAPSHOTS + 4
"""Fills: an exit at the open; an order's, on each level of each snapshot, and what is left of it; an exit within
the bar; the session's end."""
_SENT_AGAIN = 3
"""The first snapshot after a square-off, half a minute later, has sent another order for what is still open."""


@compiled
def size(p: Int64Array, equity: int, price: int) -> int:
    """Units of an entry in whole lots."""
    if p[UNITS]:
        return int(p[UNITS])
    if equity <= 0:
        return 0
    share = p[SHARE]
    units = (equity // price * share + equity % price * share // price) // 10_000
    return int(units // p[LOT] * p[LOT])


@inlined
def charge(state: Int64Array, totals: Int64Array, paise: int) -> None:
    """Take what an account pays and no trade bears."""
    state[CASH] -= paise * 100
    totals[CHARGES] += paise


@inlined
def _fill(
    state: Int64Array,
    totals: Int64Array,
    fills: Int64Array,
    bar: int,
    quantity: int,
    price: int,
    fee: int,
    reason: int,
) -> None:
    """One fill: its cash, and its line in `fills` unless that is empty. `_settle` what an order's fills come to."""
    value = abs(quantity) * price
    state[CASH] -= quantity * price + fee * 100
    totals[CHARGES] += fee
    totals[TURNOVER] += quotient(value, 100)
    if len(fills):
        line = totals[FILLS]
        fills[line, BAR] = bar
        fills[line, QUANTITY] = quantity
        fills[line, PRICE] = price
        fills[line, CHARGE] = fee
        fills[line, REASON] = reason
        fills[line, ORDER] = state[ORDERS]
    totals[FILLS] += 1


@inlined
def _settle(state: Int64Array, totals: Int64Array, quantity: int, price: int, rest: int, charges: int) -> None:
    """The trade that an order's fills end, and the one that they begin. `price` is their mean in whole paise,
    `rest` what it leaves over of all that they came to.

    Both trades have that mean and share the charges as round trips do: the closed units' part is rounded down.
    """
    position, units = state[POSITION], abs(quantity)
    state[POSITION] = position + quantity
    state[ORDERS] += 1
    if position == 0 or (position > 0) == (quantity > 0):
        _enter(state, units, price, rest, charges)
        return
    held, borne = abs(position), state[ENTRY_CHARGES]
    part = min(held, units)
    of_entry = borne if part == held else quotient(borne * part, held)
    of_order = charges if part == units else quotient(charges * part, units)
    earned = (price - state[ENTRY_PRICE]) * (part if position > 0 else -part) - (of_entry + of_order) * 100
    if rest or state[ENTRY_REST]:
        over = float(rest) * part / units - float(state[ENTRY_REST]) * part / state[ENTRY_UNITS]
        # To the paisa, half to even, as `analytics` counts a trade.
        earned = int(np.rint((earned + (over if position > 0 else -over)) / 100.0)) * 100
    _count_trade(totals, earned)
    if units > part:
        _enter(state, units, price, rest, charges - of_order)
    else:
        state[ENTRY_CHARGES] = borne - of_entry


@inlined
def _enter(state: Int64Array, units: int, price: int, rest: int, charges: int) -> None:
    """Remember at what mean price an order of so many units has opened a position, and what charges that bears."""
    state[ENTRY_UNITS], state[ENTRY_PRICE], state[ENTRY_REST] = units, price, rest
    state[ENTRY_CHARGES] = charges


@inlined
def _count_trade(totals: Int64Array, net: int) -> None:
    """A finished round trip that has earned so much."""
    is_first = totals[TRADES] == 0
    totals[BEST] = net if is_first else max(totals[BEST], net)
    totals[WORST] = net if is_first else min(totals[WORST], net)
    totals[TRADES] += 1
    if net > 0:
        totals[WINS] += 1
        totals[WON] += net
    elif net < 0:
        totals[LOSSES] += 1
        totals[LOST] -= net


@compiled
def deal(
    state: Int64Array,
    totals: Int64Array,
    fills: Int64Array,
    bar: int,
    quantity: int,
    price: int,
    reason: int,
    rates: Int64Array,
    row: int,
) -> None:
    """An order that trades whole at one price."""
    units = abs(quantity)
    fee = charges_paise(units * price, quantity > 0, rates, row)
    _fill(state, totals, fills, bar, quantity, price, fee, reason)
    whole = quotient(price, 100) * 100
    _settle(state, totals, quantity, whole, (price - whole) * units, fee)


@compiled
def _settle_at_mean(state: Int64Array, totals: Int64Array, quantity: int, value: int, charges: int) -> None:
    """`_settle` of fills that have come to `value` together."""
    units = abs(quantity)
    price = quotient(value, units * 100) * 100
    _settle(state, totals, quantity, price, value - price * units, charges)


@compiled
def walk(
    state: Int64Array,
    totals: Int64Array,
    fills: Int64Array,
    bar: int,
    piece: Piece,
    quantity: int,
    reason: int,
    is_closing: bool,
    p: Int64Array,
    rates: Int64Array,
    row: int,
) -> None:
    """An order that trades level by level on one snapshot of the bar's first piece after the other. What none of
    them displays trades at the last price, and the order is counted.

    At a square-off the house withdraws what is left of the strategy's own order, and half a minute later of its
    own, and sends another order for it: brokerage and protection begin anew. The fee is for an order that trades as
    soon as it is sent.
    """
    side = 1 if quantity > 0 else -1
    left, units, value, charges = abs(quantity), 0, 0, 0
    price, at = piece.open, taken(piece, quantity, p)
    worst = worst_price(price, quantity, p)
    for snapshot in range(SNAPSHOTS):
        if is_closing and (snapshot == _SENT_AGAIN or (snapshot == 1 and reason == SIGNAL)):
            if units > 0:
                _settle_at_mean(state, totals, side * units, value, charges)
            units, value, charges = 0, 0, 0
            worst = worst_price(price, quantity, p)
        price = price_at(piece, snapshot)
        best = best_at(price, piece, snapshot, quantity, p[TICK])
        for level in range(LEVELS):
            offered = best + side * level * p[TICK]
            if left > 0 and piece.low <= offered <= piece.high and side * offered <= side * worst:
                part = min(left, displayed(level, snapshot, quantity, piece.volume, p[LOT]))
                at = slipped(offered, worst, quantity, p)
                fee = charges_paise(part * at, quantity > 0, rates, row, value)
                _fill(state, totals, fills, bar, side * part, at, fee, reason)
                left, units, value, charges = left - part, units + part, value + part * at, charges + fee
        if snapshot == 0 and reason == SQUARED_OFF and units > 0:
            charge(state, totals, p[SQUARE_OFF_FEE])
    if left > 0:
        totals[OUTSIZED] += 1
        fee = charges_paise(left * at, quantity > 0, rates, row, value)
        _fill(state, totals, fills, bar, side * left, at, fee, reason)
        units, value, charges = units + left, value + left * at, charges + fee
    if units > 0:
        _settle_at_mean(state, totals, side * units, value, charges)


@compiled
def lengthened(fills: Int64Array) -> Int64Array:
    """A copy of the table of fills that is twice as long."""
    longer = np.empty((2 * len(fills), fills.shape[1]), dtype=np.int64)
    longer[: len(fills)] = fills
    return longer
