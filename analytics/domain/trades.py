"""Closed trades and open units from the lines of a book, across splits, conversions and settlements."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from trading.portfolio.domain.position_events import PositionEventKind

from .book import FILL, BookLine, PositionKey
from .round_trips import Dealt, Lot, Lots, RoundTrip


@dataclass(frozen=True, slots=True)
class ClosedTrade:
    """A round trip with where it was made. `tag` is that of the order that opened it."""

    trip: RoundTrip
    position: PositionKey
    tag: str = ""


@dataclass(frozen=True, slots=True)
class OpenUnits:
    """Units that nothing has closed yet. `tag` is that of the order that opened them."""

    position: PositionKey
    at: datetime
    quantity: int
    tag: str = ""


@dataclass(frozen=True, slots=True)
class TradeList:
    """Closed trades in order of closing, and what is open."""

    closed: tuple[ClosedTrade, ...]
    open: tuple[OpenUnits, ...]


@dataclass(slots=True)
class _Pairing:
    lots: defaultdict[PositionKey, Lots] = field(default_factory=lambda: defaultdict(Lots))
    under_way: dict[str, list[Lot]] = field(default_factory=dict)


def trades_of(
    lines: Iterable[BookLine], *, place: Callable[[PositionKey], PositionKey] = lambda key: key
) -> TradeList:
    """Trades first in, first out, of each position; the fills of one order that follow each other are one fill.

    `place` may put several positions together, as a tax officer does. Interest and depository charges belong to no
    trade; they are in the results by day. Marking to market is none either: a future's trade runs from its entry.
    """
    pairing = _Pairing()
    tags: dict[str, str] = {}
    found: list[ClosedTrade] = []
    for line in _joined(lines):
        key = place(line.position)
        tags[line.ref] = line.tag
        found += [
            ClosedTrade(trip, line.position, tags.get(trip.opened_by, "")) for trip in _happen(pairing, key, line)
        ]
    found.sort(key=lambda trade: trade.trip.closed_at)
    still = [
        OpenUnits(key, lot.at, lot.quantity, tags.get(lot.ref, ""))
        for key, lots in pairing.lots.items()
        for lot in lots.open
    ]
    return TradeList(tuple(found), tuple(still))


def _happen(pairing: _Pairing, key: PositionKey, line: BookLine) -> list[RoundTrip]:
    lots = pairing.lots[key]
    if line.kind == PositionEventKind.CONVERSION:
        # Units go on with their entry, their day and their charges: the side that gives comes first.
        if line.transfer in pairing.under_way:
            lots.put(pairing.under_way.pop(line.transfer))
        else:
            pairing.under_way[line.transfer] = lots.take(abs(line.quantity))
        return []
    if line.ratio is not None:
        return lots.adjust(line.at, line.ratio, line.cash_paise(lots.quantity))
    if not line.quantity:
        return []
    price = line.price
    if line.kind != FILL or price is None:
        price = Decimal(line.value_paise) / abs(line.quantity) / 100
    return lots.deal(Dealt(line.at, line.quantity, price, line.charges_paise, line.ref))


def _joined(lines: Iterable[BookLine]) -> Iterable[BookLine]:
    """Lines in their order, those of one order that nothing came between in its position as one.

    The joined fill is named by its first part; its price is the mean, exact to 28 digits.
    """
    ahead: dict[PositionKey, BookLine] = {}
    for line in lines:
        waiting = ahead.get(line.position)
        if waiting and line.kind == FILL == waiting.kind and line.order and line.order == waiting.order:
            ahead[line.position] = _with(waiting, line)
            continue
        if line.kind == PositionEventKind.CONVERSION:
            # Both sides of it must find what came before.
            yield from ahead.values()
            ahead.clear()
        elif waiting:
            yield ahead.pop(line.position)
        if line.kind == FILL:
            ahead[line.position] = line
        else:
            yield line
    yield from sorted(ahead.values(), key=lambda line: line.at)


def _with(first: BookLine, more: BookLine) -> BookLine:
    quantity = first.quantity + more.quantity
    value = (first.price or Decimal(0)) * first.quantity + (more.price or Decimal(0)) * more.quantity
    return BookLine(
        at=first.at,
        day=first.day,
        position=first.position,
        kind=FILL,
        quantity=quantity,
        value_paise=first.value_paise + more.value_paise,
        charges_paise=first.charges_paise + more.charges_paise,
        stt_paise=first.stt_paise + more.stt_paise,
        price=value / quantity,
        ref=first.ref,
        order=first.order,
        tag=first.tag,
    )
