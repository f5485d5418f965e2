"""What an order book says: spread, imbalance, and what trading a size against it would cost.

Books are sequences of levels, best first; prices are rupees, quantities units. Only what is shown is counted: of a
size beyond it the quantity is told, never a price.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import accumulate
from typing import Protocol

_BPS = Decimal(10_000)
_HUNDREDTH = Decimal("0.01")
_TEN_THOUSANDTH = Decimal("0.0001")


class Level(Protocol):
    """One price level."""

    @property
    def price(self) -> Decimal: ...
    @property
    def quantity(self) -> int: ...


class BookState(StrEnum):
    """What kind of book it is. LOCKED: bid equals ask; CROSSED: bid above ask, so one of them is out of date."""

    TWO_SIDED = "TWO_SIDED"
    BIDS_ONLY = "BIDS_ONLY"
    ASKS_ONLY = "ASKS_ONLY"
    EMPTY = "EMPTY"
    LOCKED = "LOCKED"
    CROSSED = "CROSSED"


@dataclass(frozen=True, slots=True)
class Imbalance:
    """(bid - ask) / (bid + ask) of shown quantities, from -1 (only offers) to 1 (only bids); None of an empty book.

    `top` counts the best level alone (queue imbalance: Gould and Bonart, 2016), `depth` all levels alike,
    `weighted` the k-th level with weight 1/k, so that what stands near the price counts more.
    """

    top: Decimal | None
    depth: Decimal | None
    weighted: Decimal | None


@dataclass(frozen=True, slots=True)
class BookMeasures:
    """A book in figures. `spread`, `mid` and `microprice` are None unless the book is two-sided.

    `spread_bps` is in hundredths of a per cent of the mid. `microprice` is the mid weighted by the other side's
    best quantity, (ask x bid quantity + bid x ask quantity) / both: it leans to the side that will run out first.
    """

    state: BookState
    spread: Decimal | None
    spread_bps: Decimal | None
    mid: Decimal | None
    microprice: Decimal | None
    imbalance: Imbalance


@dataclass(frozen=True, slots=True)
class Execution:
    """A size taken at once from one side of a book.

    `shown_quantity` of the asked `quantity` is there to be had, `beyond_quantity` is more than the book shows, or
    than the limit lets the order reach. `average_price` (VWAP), `worst_price` and `notional` are of the shown part,
    None or zero where there is none. `slippage` is the VWAP's distance from the best price of that side, `cost` its
    distance from the mid, `slippage_bps` and `cost_bps` the same per 10,000 of what they are measured from; all
    positive when worse for the taker. Both costs are None where the book has no mid.
    """

    quantity: int
    shown_quantity: int
    levels: int
    average_price: Decimal | None
    worst_price: Decimal | None
    notional: Decimal
    slippage: Decimal | None
    slippage_bps: Decimal | None
    cost: Decimal | None
    cost_bps: Decimal | None

    @property
    def beyond_quantity(self) -> int:
        """Units for which the book shows no price."""
        return self.quantity - self.shown_quantity


@dataclass(frozen=True, slots=True)
class CumulativeLevel:
    """A step of the depth chart: `cumulative_quantity` can be had at `price` or better."""

    price: Decimal
    cumulative_quantity: int


def book_state(bids: Sequence[Level], asks: Sequence[Level]) -> BookState:
    """What kind of book these levels make."""
    if not bids or not asks:
        return BookState.BIDS_ONLY if bids else BookState.ASKS_ONLY if asks else BookState.EMPTY
    bid, ask = bids[0].price, asks[0].price
    if bid < ask:
        return BookState.TWO_SIDED
    return BookState.LOCKED if bid == ask else BookState.CROSSED


def book_measures(bids: Sequence[Level], asks: Sequence[Level]) -> BookMeasures:
    """Spread, mid, microprice and imbalance. A locked book has a spread of zero; a crossed one has no prices."""
    state = book_state(bids, asks)
    imbalance = _imbalance(bids, asks)
    if state not in (BookState.TWO_SIDED, BookState.LOCKED):
        return BookMeasures(state, None, None, None, None, imbalance)
    bid, ask = bids[0], asks[0]
    spread, mid = ask.price - bid.price, (ask.price + bid.price) / 2
    both = bid.quantity + ask.quantity
    micro = (ask.price * bid.quantity + bid.price * ask.quantity) / both if both else mid
    return BookMeasures(
        state,
        spread,
        _bps(spread, mid),
        mid,
        _rounded(micro, _TEN_THOUSANDTH),
        imbalance,
    )


def execution(
    levels: Sequence[Level],
    quantity: int,
    *,
    is_buy: bool,
    worst_price: Decimal | None = None,
    mid: Decimal | None = None,
) -> Execution:
    """Take `quantity` units (at least 1) from `levels`, the side opposite to the taker, best level first.

    Stops at the last level shown, or at the first one beyond `worst_price`, the taker's limit. The VWAP is exact to
    a hundredth of a paisa.
    """
    if quantity < 1:
        raise ValueError("a size is at least one unit")
    sign = 1 if is_buy else -1
    left, notional, reached, last = quantity, Decimal(0), 0, None
    for level in levels:
        if left == 0 or (worst_price is not None and (level.price - worst_price) * sign > 0):
            break
        taken = min(left, level.quantity)
        if taken:
            notional += level.price * taken
            left, reached, last = left - taken, reached + 1, level.price
    shown = quantity - left
    if not shown:
        return Execution(quantity, 0, 0, None, None, notional, None, None, None, None)
    average = notional / shown
    slippage = (average - levels[0].price) * sign
    cost = None if mid is None else (average - mid) * sign
    return Execution(
        quantity,
        shown,
        reached,
        _rounded(average, _TEN_THOUSANDTH),
        last,
        notional,
        _rounded(slippage, _TEN_THOUSANDTH),
        _bps(slippage, levels[0].price),
        None if cost is None else _rounded(cost, _TEN_THOUSANDTH),
        None if cost is None or mid is None else _bps(cost, mid),
    )


def cumulative(levels: Sequence[Level]) -> tuple[CumulativeLevel, ...]:
    """The steps of one side's depth chart, best price first."""
    totals = accumulate(level.quantity for level in levels)
    return tuple(CumulativeLevel(level.price, total) for level, total in zip(levels, totals, strict=True))


def _imbalance(bids: Sequence[Level], asks: Sequence[Level]) -> Imbalance:
    return Imbalance(
        top=_balance(_sum(bids[:1]), _sum(asks[:1])),
        depth=_balance(_sum(bids), _sum(asks)),
        weighted=_balance(_weighted(bids), _weighted(asks)),
    )


def _balance(bid: Decimal, ask: Decimal) -> Decimal | None:
    return _rounded((bid - ask) / (bid + ask), _TEN_THOUSANDTH) if bid + ask else None


def _sum(levels: Sequence[Level]) -> Decimal:
    return Decimal(sum(level.quantity for level in levels))


def _weighted(levels: Sequence[Level]) -> Decimal:
    return sum((Decimal(level.quantity) / rank for rank, level in enumerate(levels, start=1)), Decimal(0))


def _bps(part: Decimal, of: Decimal) -> Decimal | None:
    return _rounded(part / of * _BPS, _HUNDREDTH) if of else None


def _rounded(number: Decimal, places: Decimal) -> Decimal:
    # Adding zero takes the sign off a negative zero.
    return number.quantize(places, rounding=ROUND_HALF_UP) + 0
