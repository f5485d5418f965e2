"""How near an order comes to the limits it is judged by."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from .gate import GateDecision


@dataclass(frozen=True, slots=True)
class Headroom:
    """The use of one limit; `share` is in per cent, 100 being the limit itself."""

    decision: GateDecision
    share: Decimal


def tightest(decisions: Iterable[GateDecision]) -> Headroom | None:
    """The passed limit that the order uses most of; None when no decision names numbers."""
    used = [room for room in map(_headroom, decisions) if room is not None]
    return max(used, key=lambda room: room.share, default=None)


def refusals(decisions: Iterable[GateDecision]) -> list[GateDecision]:
    """The decisions against the order, each reason once, whoever gives it."""
    return list({decision.code: decision for decision in decisions if not decision.allowed}.values())


def _headroom(decision: GateDecision) -> Headroom | None:
    if not decision.allowed:
        return None
    try:
        limit, used = Decimal(decision.limit), Decimal(decision.used)
    except InvalidOperation:
        return None
    return Headroom(decision, used * 100 / limit) if limit > 0 and used >= 0 else None
