"""Which trade is taxed how: intraday in shares, derivatives, and shares that were delivered.

- *Speculative*: shares bought and sold on one day, whatever product they were ordered under: the day nets out and
  nothing is delivered (Income-tax Act, 1961, s. 43(5)). What was sold of a day's purchases comes before what was
  held from earlier days.
- *Non-speculative*: futures and options on a recognised exchange (s. 43(5), proviso (d)).
- *Capital gains*: shares that were delivered, first in, first out in the demat account (s. 45(2A)), across products
  and strategies. Whether somebody's deliveries are a business instead is theirs to decide.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec.structs import replace

from analytics.domain.book import FILL, BookLine, PositionKey
from analytics.domain.round_trips import RoundTrip
from analytics.domain.trades import OpenUnits, trades_of

_INTRADAY = "INTRADAY"
_DEMAT = "DEMAT"
_DERIVATIVES = "DERIVATIVES"


class Head(StrEnum):
    """Under what a result is declared."""

    SPECULATIVE = "SPECULATIVE"
    BUSINESS = "BUSINESS"
    GAINS = "GAINS"


@dataclass(frozen=True, slots=True)
class TaxTrade:
    """A trade under its head. `stt_paise` is part of the trip's charges, and no cost of a capital gain."""

    head: Head
    trip: RoundTrip
    account_id: UUID
    instrument_id: int
    stt_paise: int

    @property
    def result_paise(self) -> int:
        """Net of all charges; of a capital gain without the STT, which s. 48 does not allow."""
        net = self.trip.net_paise
        return round(net + self.stt_paise if self.head is Head.GAINS else net)


@dataclass(frozen=True, slots=True)
class Declared:
    """Trades in order of closing, and shares that are still held."""

    trades: tuple[TaxTrade, ...]
    held: tuple[OpenUnits, ...]


def declared(lines: Iterable[BookLine], derivatives: frozenset[int]) -> Declared:
    """All trades of accounts by head. `derivatives` names the instruments that are futures or options."""
    ordered = _intraday_apart(lines, derivatives)
    found = []
    stt = _stt_of(ordered)
    pairs = trades_of(ordered)
    for each in pairs.closed:
        product = each.position.product
        head = {_INTRADAY: Head.SPECULATIVE, _DERIVATIVES: Head.BUSINESS}.get(product, Head.GAINS)
        trip, units = each.trip, abs(each.trip.quantity)
        paid = sum(
            stt[ref][0] * units // stt[ref][1]
            for ref in (trip.opened_by, trip.closed_by)
            if ref in stt and stt[ref][1]
        )
        found.append(TaxTrade(head, trip, each.position.account_id, each.position.instrument_id, paid))
    held = tuple(units for units in pairs.open if units.position.product == _DEMAT)
    return Declared(tuple(found), held)


def _stt_of(lines: Iterable[BookLine]) -> dict[str, tuple[int, int]]:
    """STT and units of the fills by what names them in trades: those of one order are joined under the first's."""
    found: dict[str, tuple[int, int]] = {}
    first: dict[tuple[PositionKey, str], str] = {}
    for line in lines:
        if line.kind != FILL:
            continue
        ref = first.setdefault((line.position, line.order or line.ref), line.ref)
        stt, units = found.get(ref, (0, 0))
        found[ref] = (stt + line.stt_paise, units + abs(line.quantity))
    return found


def _intraday_apart(lines: Iterable[BookLine], derivatives: frozenset[int]) -> list[BookLine]:
    """Lines put where their units are counted: of shares, what a day bought and sold is taken out of the demat."""
    given = list(lines)
    left = _matched(given, derivatives)
    placed: list[BookLine] = []
    for line in given:
        account, instrument = line.position.account_id, line.position.instrument_id
        if instrument in derivatives:
            placed.append(_at(line, PositionKey(account, instrument, _DERIVATIVES, "")))
        elif line.kind == FILL:
            placed += _split(line, left)
        elif line.kind != "CONVERSION":
            # A conversion changes the product, not whose shares they are.
            placed.append(_at(line, PositionKey(account, instrument, _DEMAT, "")))
    return placed


def _matched(lines: Iterable[BookLine], derivatives: frozenset[int]) -> dict[tuple[UUID, int, date, bool], int]:
    """Units by account, share, day and side that the other side of the day takes up."""
    sums: defaultdict[tuple[UUID, int, date], list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        if line.kind == FILL and line.position.instrument_id not in derivatives:
            units = sums[line.position.account_id, line.position.instrument_id, line.day]
            units[line.quantity > 0] += abs(line.quantity)
    return {(*key, is_buy): min(units) for key, units in sums.items() for is_buy in (False, True)}


def _split(line: BookLine, left: dict[tuple[UUID, int, date, bool], int]) -> list[BookLine]:
    account, instrument = line.position.account_id, line.position.instrument_id
    key = (account, instrument, line.day, line.quantity > 0)
    units = abs(line.quantity)
    intraday = min(units, left[key])
    left[key] -= intraday
    day = PositionKey(account, instrument, _INTRADAY, line.day.isoformat())
    demat = PositionKey(account, instrument, _DEMAT, "")
    if intraday == units:
        return [_at(line, day)]
    if not intraday:
        return [_at(line, demat)]
    return [_at(_part(line, intraday, units), day), _at(_rest(line, intraday, units), demat)]


def _part(line: BookLine, units: int, whole: int) -> BookLine:
    sign = 1 if line.quantity > 0 else -1
    return replace(
        line,
        quantity=sign * units,
        value_paise=round(Decimal(line.value_paise) * units / whole),
        charges_paise=line.charges_paise * units // whole,
        stt_paise=line.stt_paise * units // whole,
    )


def _rest(line: BookLine, taken: int, whole: int) -> BookLine:
    part = _part(line, taken, whole)
    return replace(
        line,
        quantity=line.quantity - part.quantity,
        value_paise=line.value_paise - part.value_paise,
        charges_paise=line.charges_paise - part.charges_paise,
        stt_paise=line.stt_paise - part.stt_paise,
        ref=f"{line.ref}+",
    )


def _at(line: BookLine, place: PositionKey) -> BookLine:
    """The line where its units are counted together: a demat account, a day's trading, a contract."""
    return replace(line, position=place)
