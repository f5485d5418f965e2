"""What an order must set aside before it may stand in the market."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol, TypeVar
from uuid import UUID

from msgspec import Struct

from trading.brokers.domain.terms import Side
from trading.portfolio.domain.position import share, split_quantity


def opening_quantity(*, side: Side, pending_quantity: int, position_quantity: int, claimed_quantity: int) -> int:
    """The units of an order that open a position instead of closing one.

    `position_quantity` is signed; `claimed_quantity` is what other live orders of the same side will take
    of that position first, so that two orders cannot close the same units without funds.
    """
    free = max(abs(position_quantity) - claimed_quantity, 0)
    return split_quantity(free if position_quantity > 0 else -free, side, pending_quantity)[1]


class Claim(Protocol):
    """A live order of one side on a position, as its funding sees it."""

    @property
    def id(self) -> UUID: ...
    @property
    def pending_quantity(self) -> int: ...
    @property
    def hold_paise(self) -> int: ...


Claims = TypeVar("Claims", bound=Claim)


def in_order_of_closing(claims: Iterable[Claims]) -> list[Claims]:
    """Claims on one position in the order in which they close it: those that hold least a unit first (the older of
    equals), because the others are funded already: so no hold has to move while the position stands still."""
    return sorted(claims, key=lambda claim: (Fraction(claim.hold_paise, claim.pending_quantity), claim.id))


def opening_quantities(*, side: Side, position_quantity: int, claims: Iterable[Claim]) -> dict[UUID, int]:
    """By order id, the units of each live order of `side` that open a position instead of closing one."""
    closable, _ = split_quantity(position_quantity, side, abs(position_quantity))
    opening = {}
    for claim in in_order_of_closing(claims):
        closes = min(closable, claim.pending_quantity)
        closable -= closes
        opening[claim.id] = claim.pending_quantity - closes
    return opening


class FundsNeed(Struct, frozen=True):
    """Paise to hold for the units that open a position, the last of the order to fill.

    Closing holds nothing: its charges come out of the proceeds, and an account without free funds must
    always be able to get out.
    """

    opening_quantity: int
    cost_paise: int

    @property
    def paise(self) -> int:
        return self.cost_paise if self.opening_quantity else 0

    def for_remainder(self, pending_quantity: int) -> int:
        """What is still needed once all but `pending_quantity` has filled."""
        if self.opening_quantity == 0:
            return 0
        return share(self.cost_paise, min(pending_quantity, self.opening_quantity), self.opening_quantity)
