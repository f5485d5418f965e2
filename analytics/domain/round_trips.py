"""Trades as traders count them: each unit bought is paired with a unit sold, first in, first out.

A fill that turns a position around ends one round trip and begins another. Charges of a fill are spread over its
units so that not a paisa is lost: the round trips and what is still open carry exactly what the fills did.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

_PAISE = 100


@dataclass(frozen=True, slots=True)
class Dealt:
    """A fill: `quantity` is signed (bought positive), `price` in rupees, `charges_paise` what it cost besides."""

    at: datetime
    quantity: int
    price: Decimal
    charges_paise: int = 0


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Units that were opened and closed again. `quantity` is signed: a short one is negative."""

    opened_at: datetime
    closed_at: datetime
    quantity: int
    entry_price: Decimal
    exit_price: Decimal
    charges_paise: int

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
class _Lot:
    """What is left of an opening fill: signed units and the charges that they still carry."""

    at: datetime
    quantity: int
    price: Decimal
    charges_paise: int

    def split(self, units: int) -> int:
        """Take some units (unsigned) off; returns the charges that go with them."""
        share = self.charges_paise * units // abs(self.quantity)
        self.charges_paise -= share
        self.quantity -= units if self.quantity > 0 else -units
        return share


def round_trips(fills: Iterable[Dealt]) -> list[RoundTrip]:
    """Round trips of one instrument's fills, given in order of time, in the order in which they were closed."""
    open_lots: deque[_Lot] = deque()
    found: list[RoundTrip] = []
    for fill in fills:
        arriving = _Lot(fill.at, fill.quantity, fill.price, fill.charges_paise)
        while arriving.quantity and open_lots and (open_lots[0].quantity > 0) != (arriving.quantity > 0):
            found.append(_close(open_lots[0], arriving))
            if not open_lots[0].quantity:
                open_lots.popleft()
        if arriving.quantity:
            open_lots.append(arriving)
    return found


def _close(lot: _Lot, by: _Lot) -> RoundTrip:
    units = min(abs(lot.quantity), abs(by.quantity))
    signed = units if lot.quantity > 0 else -units
    return RoundTrip(
        opened_at=lot.at,
        closed_at=by.at,
        quantity=signed,
        entry_price=lot.price,
        exit_price=by.price,
        charges_paise=lot.split(units) + by.split(units),
    )
