"""A book parted by the tag of the order that opened each unit.

A tag says why a position was taken, so it owns the units from their opening to their end, whoever closes them:
first in, first out, as trades are paired. What happens to units in between (a split, a dividend, a conversion) is
shared by how many are held. No unit and no paisa is lost: the parts add up to the book.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from trading.portfolio.domain.position_events import PositionEventKind

from .book import BookLine, PositionKey

TaggedPosition = tuple[PositionKey, str]


@dataclass(slots=True)
class _Held:
    """Units (signed) under one tag, and since when."""

    at: datetime
    units: int
    tag: str


@dataclass(frozen=True, slots=True)
class _Part:
    """Units (signed) of a line that belong to a tag; `weight` is its part of the line's money."""

    tag: str
    units: int
    weight: int


def by_tag(lines: Iterable[BookLine]) -> Mapping[TaggedPosition, list[BookLine]]:
    """Lines, parted where several tags are concerned, by position and tag, each list in the given order."""
    found: defaultdict[TaggedPosition, list[BookLine]] = defaultdict(list)
    held: defaultdict[PositionKey, deque[_Held]] = defaultdict(deque)
    under_way: dict[str, list[_Held]] = {}
    for line in lines:
        lots = held[line.position]
        for part in _shared(line, _parts(line, lots, under_way)):
            found[line.position, part.tag].append(part)
    return found


def _parts(line: BookLine, lots: deque[_Held], under_way: dict[str, list[_Held]]) -> list[_Part]:
    if line.kind == PositionEventKind.CONVERSION:
        return _converted(line, lots, under_way)
    if line.ratio is not None:
        return _multiplied(line, lots)
    if line.quantity:
        return _dealt(line, lots)
    return [_Part(lot.tag, 0, abs(lot.units)) for lot in lots] or [_Part(line.tag, 0, 1)]


def _dealt(line: BookLine, lots: deque[_Held]) -> list[_Part]:
    """Close what is open the other way round, under its tags, and open the rest under the line's own."""
    sign = 1 if line.quantity > 0 else -1
    left, parts = abs(line.quantity), []
    while left and lots and lots[0].units * sign < 0:
        closed = _taken(lots, left)
        parts.append(_Part(closed.tag, sign * abs(closed.units), abs(closed.units)))
        left -= abs(closed.units)
    if left:
        lots.append(_Held(line.at, sign * left, line.tag))
        parts.append(_Part(line.tag, sign * left, left))
    return parts


def _multiplied(line: BookLine, lots: deque[_Held]) -> list[_Part]:
    """A split or bonus: the units that came (or went) by what each lot held, whole units of the running sum."""
    held = sum(lot.units for lot in lots)
    if not held:
        return [_Part(line.tag, line.quantity, 1)]
    parts, seen, told = [], 0, 0
    for lot in lots:
        seen += lot.units
        upto = line.quantity * seen // held
        parts.append(_Part(lot.tag, upto - told, abs(lot.units)))
        told, lot.units = upto, lot.units + upto - told
    _without_empty(lots)
    return parts


def _converted(line: BookLine, lots: deque[_Held], under_way: dict[str, list[_Held]]) -> list[_Part]:
    """Units go on in another product under their tags; the side that gives comes first."""
    if line.transfer in under_way:
        moved = under_way.pop(line.transfer)
        ordered = sorted([*lots, *moved], key=lambda lot: lot.at)
        lots.clear()
        lots.extend(ordered)
        return [_Part(lot.tag, lot.units, abs(lot.units)) for lot in moved] or [_Part(line.tag, line.quantity, 1)]
    left, moved = abs(line.quantity), []
    while left and lots:
        moved.append(_taken(lots, left))
        left -= abs(moved[-1].units)
    under_way[line.transfer] = moved
    return [_Part(lot.tag, -lot.units, abs(lot.units)) for lot in moved] or [_Part(line.tag, line.quantity, 1)]


def _taken(lots: deque[_Held], units: int) -> _Held:
    """So many units of the oldest lot, or all that it has."""
    first = lots[0]
    part = min(units, abs(first.units))
    signed = part if first.units > 0 else -part
    first.units -= signed
    _without_empty(lots)
    return _Held(first.at, signed, first.tag)


def _without_empty(lots: deque[_Held]) -> None:
    while lots and not lots[0].units:
        lots.popleft()


def _shared(line: BookLine, parts: Sequence[_Part]) -> list[BookLine]:
    """The line's money by the parts' weights; those of one tag are one line."""
    weights: dict[str, int] = {}
    units: defaultdict[str, int] = defaultdict(int)
    for part in parts:
        weights[part.tag] = weights.get(part.tag, 0) + part.weight
        units[part.tag] += part.units
    if len(weights) == 1:
        (tag,) = weights
        return [line if tag == line.tag else replace(line, tag=tag)]
    whole, seen, found = sum(weights.values()), 0, []
    for tag, weight in weights.items():
        before, seen = seen, seen + weight

        def share(paise: int, before: int = before, upto: int = seen) -> int:
            return paise * upto // whole - paise * before // whole

        found.append(
            replace(
                line,
                tag=tag,
                quantity=units[tag],
                value_paise=share(line.value_paise),
                charges_paise=share(line.charges_paise),
                stt_paise=share(line.stt_paise),
            )
        )
    return found
