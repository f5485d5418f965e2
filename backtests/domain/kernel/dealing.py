"""One order at a bar: how much, at what price, and what it leaves."""

import numpy as np

from trading.marketdata.domain.bars import Int64Array

from .charges import charges_paise
from .columns import (
    BAR,
    BEST,
    CASH,
    CHARGE,
    CHARGES,
    ENTRY_CHARGES,
    ENTRY_PRICE,
    FILLS,
    LOSSES,
    LOST,
    LOT,
    POSITION,
    PRICE,
    QUANTITY,
    REASON,
    SHARE,
    SLIPPAGE,
    TICK,
    TOUCH,
    TRADES,
    TURNOVER,
    UNITS,
    WINS,
    WON,
    WORST,
)
from .integers import quotient
from .jit import compiled

MOST_A_BAR = 4
"""Fills: an exit at the open, an entry, its exit within the bar, the session's end."""


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


@compiled
def worse(price: int, quantity: int, p: Int64Array) -> int:
    """What an order pays or gets where the market offers `price`."""
    return int(price + p[SLIPPAGE] if quantity > 0 else max(price - p[SLIPPAGE], p[TICK]))


@compiled
def taken(opening: int, high: int, low: int, quantity: int, p: Int64Array) -> int:
    """What an order pays or gets at a bar's first snapshot.

    With TOUCH the open was traded on the offer, a tick above the bid, or on the bid where it is the bar's low; no
    price lies outside of the bar. It is the book that a minute is replayed with (`marketdata.domain.minute_ticks`).
    """
    if p[TOUCH]:
        if quantity > 0 and opening == low:
            opening = min(opening + p[TICK], high)
        elif quantity < 0 and opening != low:
            opening = max(opening - p[TICK], low)
    return worse(opening, quantity, p)


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
    extra: int = 0,
) -> None:
    """One fill: cash, the trade that it ends, the one that it begins, and its line in `fills` unless that is empty.
    `extra` is paise that the account pays on top of the charges; they are none of the trade's.

    A fill that turns the position around shares its charges between the two as round trips do: the closed units'
    part is rounded down.
    """
    position = state[POSITION]
    turnover = abs(quantity) * price
    fee = charges_paise(turnover, quantity > 0, rates, row)
    state[CASH] -= quantity * price + (fee + extra) * 100
    totals[CHARGES] += fee + extra
    totals[TURNOVER] += quotient(turnover, 100)
    if len(fills):
        line = totals[FILLS]
        fills[line, BAR] = bar
        fills[line, QUANTITY] = quantity
        fills[line, PRICE] = price
        fills[line, CHARGE] = fee
        fills[line, REASON] = reason
    totals[FILLS] += 1
    carried = fee
    if position != 0:
        share = fee if quantity == -position else quotient(fee * abs(position), abs(quantity))
        net = (price - state[ENTRY_PRICE]) * position - (state[ENTRY_CHARGES] + share) * 100
        carried -= share
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
    state[POSITION] = position + quantity
    state[ENTRY_PRICE] = price
    state[ENTRY_CHARGES] = carried


@compiled
def lengthened(fills: Int64Array) -> Int64Array:
    """A copy of the table of fills that is twice as long."""
    longer = np.empty((2 * len(fills), 5), dtype=np.int64)
    longer[: len(fills)] = fills
    return longer
