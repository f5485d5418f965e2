"""What a bar's first piece displays: the book of `marketdata.domain.minute_ticks`, snapshot by snapshot."""

from typing import NamedTuple

from trading.marketdata.domain.bars import Int64Array

from .columns import LOT, PROTECTION, SLIPPAGE, TICK, TOUCH, WALKS_DEPTH
from .integers import quotient
from .jit import compiled

SNAPSHOTS = 4
LEVELS = 5
_PROTECTION_FLOOR_TICKS = 10
_POINTS = 10_000


class FirstPieces(NamedTuple):
    """The first piece of each bar, whose open is the bar's."""

    high: Int64Array
    low: Int64Array
    close: Int64Array
    volume: Int64Array


class Piece(NamedTuple):
    """One of them."""

    open: int
    high: int
    low: int
    close: int
    volume: int


@compiled
def piece_of(opening: Int64Array, first: FirstPieces, bar: int) -> Piece:
    """The first piece of a bar."""
    return Piece(opening[bar], first.high[bar], first.low[bar], first.close[bar], first.volume[bar])


@compiled
def worse(price: int, quantity: int, p: Int64Array) -> int:
    """What an order pays or gets where the market offers `price`."""
    return int(price + p[SLIPPAGE] if quantity > 0 else max(price - p[SLIPPAGE], p[TICK]))


@compiled
def taken(piece: Piece, quantity: int, p: Int64Array) -> int:
    """What an order pays or gets at the first snapshot when the best price takes all of it.

    With TOUCH the open was traded on the offer, a tick above the bid, or on the bid where it is the bar's low; no
    price lies outside of the bar.
    """
    price = piece.open
    if p[TOUCH]:
        if quantity > 0 and price == piece.low:
            price = min(price + p[TICK], piece.high)
        elif quantity < 0 and price != piece.low:
            price = max(price - p[TICK], piece.low)
    return worse(price, quantity, p)


@compiled
def price_at(piece: Piece, snapshot: int) -> int:
    """The last price at a snapshot: the open, the nearer extreme, the other one, the close."""
    if snapshot == 0:
        return piece.open
    if snapshot == SNAPSHOTS - 1:
        return piece.close
    return piece.low if (snapshot == 1) == (piece.close >= piece.open) else piece.high


@compiled
def best_at(price: int, piece: Piece, snapshot: int, quantity: int, tick: int) -> int:
    """The best price of the other side of the book, which displays nothing there if it is outside of the piece."""
    is_even = snapshot % 2 == 0
    on_offer = price == piece.high and (piece.low < piece.high or is_even)
    at_offer = on_offer or (is_even and price != piece.low)
    if quantity > 0:
        return price if at_offer else price + tick
    return price - tick if at_offer else price


@compiled
def displayed(level: int, snapshot: int, quantity: int, volume: int, lot: int) -> int:
    """Units of a level of the other side of the book, counted from the best price."""
    turn = snapshot + 1 if quantity > 0 else snapshot
    lots = max(quotient(volume, 12 * lot), 1)
    return max(quotient(lots * (level + 2 + (turn + level) % 3), 4), 1) * lot


@compiled
def fits_best(piece: Piece, quantity: int, p: Int64Array) -> bool:
    """Whether the best price of the first snapshot takes an order whole, at no less than its protection."""
    if p[WALKS_DEPTH] == 0:
        return True
    best = best_at(piece.open, piece, 0, quantity, p[TICK])
    units = displayed(0, 0, quantity, piece.volume, p[LOT])
    is_protected = p[SLIPPAGE] < _PROTECTION_FLOOR_TICKS * p[TICK]
    return abs(quantity) <= units and piece.low <= best <= piece.high and is_protected


@compiled
def worst_price(reference: int, quantity: int, p: Int64Array) -> int:
    """Beyond which an order at the market never trades: `orders.domain.matching.protection_price`."""
    tick = p[TICK]
    step = tick * _POINTS
    width = max(reference * p[PROTECTION], _PROTECTION_FLOOR_TICKS * step)
    if quantity > 0:
        return int((reference * _POINTS + width) // step * tick)
    return int(max(-((width - reference * _POINTS) // step), 1) * tick)


@compiled
def slipped(price: int, worst: int, quantity: int, p: Int64Array) -> int:
    """`worse`, but never beyond the worst price."""
    if quantity > 0:
        return int(max(price, min(price + p[SLIPPAGE], worst)))
    return int(min(price, max(price - p[SLIPPAGE], worst)))
