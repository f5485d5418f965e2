"""Trades as traders count them: each unit bought is paired with a unit sold, first in, first out.

A fill that turns a position around ends one round trip and begins another. Charges of a fill are spread over its
units so that not a paisa is lost: the round trips and what is still open carry exactly what the fills did. What
happens to units besides trades is no trade: a split or bonus changes how many there are, a conversion carries them
to another product.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

_PAISE = 100


@dataclass(frozen=True, slots=True)
class Dealt:
    """A fill: `quantity` is signed (bought positive), `price` in rupees, `charges_paise` what it cost besides.

    `ref` names it for the round trips that it opens and closes.
    """

    at: datetime
    quantity: int
    price: Decimal
    charges_paise: int = 0
    ref: str = ""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Units that were opened and closed again. `quantity` is signed: a short one is negative."""

    opened_at: datetime
    closed_at: datetime
    quantity: int
    entry_price: Decimal
    exit_price: Decimal
    charges_paise: int
    opened_by: str = ""
    closed_by: str = ""

    @property
    def gross_paise(self) -> Decimal:
        """The difference of the prices over all units; a whole number for prices in whole paise."""
        return (self.exit_price - self.entry_price) * self.quantity * _PAISE

    @property
    def net_paise(self) -> Decimal:
        """Gross less the charges of both ends."""
        return self.gross_paise - self.charges_paise

    @property
    def held(self) -> timedelta:
        """From the fill that opened it to the one that closed it."""
        return self.closed_at - self.opened_at


@dataclass(slots=True)
class Lot:
    """What is left of an opening fill: signed units, what one cost, and the charges that they still carry."""

    at: datetime
    quantity: int
    price: Decimal
    charges_paise: int
    ref: str = ""

    def split(self, units: int) -> int:
        """Take some units (unsigned) off; returns the charges that go with them."""
        share = self.charges_paise * units // abs(self.quantity)
        self.charges_paise -= share
        self.quantity -= units if self.quantity > 0 else -units
        return share


class Lots:
    """The open units of one instrument in one place, oldest first."""

    def __init__(self) -> None:
        self.open: deque[Lot] = deque()

    @property
    def quantity(self) -> int:
        """All open units, signed."""
        return sum(lot.quantity for lot in self.open)

    def deal(self, fill: Dealt) -> list[RoundTrip]:
        """Trade: close what is open the other way round, and open the rest."""
        arriving = Lot(fill.at, fill.quantity, fill.price, fill.charges_paise, fill.ref)
        found = []
        while arriving.quantity and self.open and (self.open[0].quantity > 0) != (arriving.quantity > 0):
            found.append(_close(self.open[0], arriving))
            if not self.open[0].quantity:
                self.open.popleft()
        if arriving.quantity:
            self.open.append(arriving)
        return found

    def adjust(self, at: datetime, ratio: Fraction, cash_paise: int = 0) -> list[RoundTrip]:
        """A split or bonus: `ratio` times the units for the same cost, less the cash (received: positive) for a
        fraction of a unit. Returns trades only where nothing but that fraction was held.
        """
        held = abs(self.quantity)
        sign = 1 if self.quantity > 0 else -1
        exact = held * ratio
        if not exact.numerator // exact.denominator:
            return self._cashed_out(at, cash_paise)
        seen = told = 0
        carried = Decimal(-cash_paise)
        kept: deque[Lot] = deque()
        for lot in self.open:
            seen += abs(lot.quantity)
            # The whole units of all lots so far, less those of the lots before: nothing is rounded twice.
            upto = int(seen * ratio)
            value = lot.price * lot.quantity * _PAISE + carried
            if upto > told:
                units, carried = sign * (upto - told), Decimal(0)
                kept.append(replace(lot, quantity=units, price=value / units / _PAISE))
            else:
                carried = value
            told = upto
        if kept and carried:
            last = kept[-1]
            last.price += carried / last.quantity / _PAISE
        self.open = kept
        return []

    def take(self, units: int) -> list[Lot]:
        """Take the oldest units (unsigned; at most what is open) out as they are."""
        taken = []
        while units and self.open:
            first = self.open[0]
            part = min(units, abs(first.quantity))
            signed = part if first.quantity > 0 else -part
            taken.append(Lot(first.at, signed, first.price, first.split(part), first.ref))
            if not first.quantity:
                self.open.popleft()
            units -= part
        return taken

    def put(self, lots: Iterable[Lot]) -> None:
        """Let units in that were taken out elsewhere; they keep their place in time."""
        self.open = deque(sorted([*self.open, *lots], key=lambda lot: lot.at))

    def _cashed_out(self, at: datetime, cash_paise: int) -> list[RoundTrip]:
        held = self.quantity
        if not held:
            return []
        price = Decimal(cash_paise) / held / _PAISE
        return self.deal(Dealt(at, -held, price))


def round_trips(fills: Iterable[Dealt]) -> list[RoundTrip]:
    """Round trips of one instrument's fills, given in order of time, in the order in which they were closed."""
    lots = Lots()
    return [trip for fill in fills for trip in lots.deal(fill)]


def _close(lot: Lot, by: Lot) -> RoundTrip:
    units = min(abs(lot.quantity), abs(by.quantity))
    signed = units if lot.quantity > 0 else -units
    return RoundTrip(
        opened_at=lot.at,
        closed_at=by.at,
        quantity=signed,
        entry_price=lot.price,
        exit_price=by.price,
        charges_paise=lot.split(units) + by.split(units),
        opened_by=lot.ref,
        closed_by=by.ref,
    )
