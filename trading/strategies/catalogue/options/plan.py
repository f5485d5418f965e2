"""What a ready-made shape asks for, leg by leg, once its strikes can be set: which legs lead, and which are wings
so many strikes beyond them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trading.brokers.domain.terms import Side
from trading.orders.domain.option_choice import Right
from trading.orders.domain.shapes import Shape, ShapeLeg


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """One leg. A leading leg's strike is chosen by the settings; a wing stands `beyond` strikes further out of the
    money than the leading leg of its right. Without a `right` it is the underlying. `later` legs expire later."""

    side: Side
    right: Right | None
    lots: int
    leads: bool
    beyond: int = 0
    later: bool = False


def plan_of(shape: Shape, width: int | None = None) -> tuple[PlannedLeg, ...]:
    """The shape's legs; with a `width`, wings stand that far from the leading legs instead of as the shape says.

    Of each right the first leg nearest to at the money leads, and of two that are equally near the one that expires
    first.
    """
    leads = {
        right: min(
            (leg for leg in shape.legs if leg.right is right), key=lambda leg: (leg.later, abs(leg.offset.steps))
        )
        for right in Right
        if any(leg.right is right for leg in shape.legs)
    }
    return tuple(_planned(leg, leads, width) for leg in shape.legs)


def strike_beyond(ladder: Sequence[Decimal], strike: Decimal, steps: int, right: Right) -> Decimal | None:
    """The strike so many steps further out of the money on a ladder (negative: further in); None off its ends."""
    try:
        place = ladder.index(strike) + (steps if right is Right.CALL else -steps)
    except ValueError:
        return None
    return ladder[place] if 0 <= place < len(ladder) else None


def _planned(leg: ShapeLeg, leads: dict[Right, ShapeLeg], width: int | None) -> PlannedLeg:
    if leg.right is None:
        return PlannedLeg(leg.side, None, leg.lots, leads=True)
    lead = leads[leg.right]
    beyond = leg.offset.steps - lead.offset.steps
    if width is not None and beyond:
        beyond = width if beyond > 0 else -width
    return PlannedLeg(leg.side, leg.right, leg.lots, leg is lead, beyond, bool(leg.later))
