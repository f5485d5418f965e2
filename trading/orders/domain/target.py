"""From the position there is to the position that is wanted: what to send."""

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from trading.brokers.domain.terms import Side

from .intent import OrderIntent, Origin, request_hash


@dataclass(frozen=True, slots=True)
class TargetIntent:
    """A position to reach. `order` says of which instrument, product and strategy, and how to trade; its side
    and quantity are what is to be found out, its name is the request's. `target_quantity` is signed, in units."""

    order: OrderIntent
    target_quantity: int
    cancel_opposite: bool = False
    autoslice: bool = False

    @property
    def account_id(self) -> UUID:
        return self.order.account_id

    @property
    def origin(self) -> Origin:
        return self.order.origin


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What to do: cancel the live orders of these sides, then send `quantity` of `side` (None: send nothing).

    `expected_quantity` is the signed position once all that stays live has filled.
    """

    cancels: frozenset[Side]
    side: Side | None
    quantity: int
    expected_quantity: int


def target_plan(
    *, position_quantity: int, buying_quantity: int, selling_quantity: int, target: int, cancel_opposite: bool
) -> TargetPlan:
    """The way to the target from a signed position and what live orders still buy and sell.

    Live orders count as filled, so that asking twice does not trade twice. With `cancel_opposite`, those against
    the direction that is needed are cancelled instead of being traded against; if the need then turns round,
    those of the other side go too. Through zero it is one order.
    """
    live = {Side.BUY: buying_quantity, Side.SELL: selling_quantity}
    cancels: set[Side] = set()
    while True:
        expected = position_quantity + sum(side.sign * quantity for side, quantity in live.items())
        gap = target - expected
        if gap == 0:
            return TargetPlan(frozenset(cancels), None, 0, expected)
        side = Side.BUY if gap > 0 else Side.SELL
        opposite = Side.SELL if side is Side.BUY else Side.BUY
        if not cancel_opposite or not live[opposite]:
            return TargetPlan(frozenset(cancels), side, abs(gap), expected)
        live[opposite] = 0
        cancels.add(opposite)


def target_hash(intent: TargetIntent) -> str:
    """SHA-256 over what was asked for, before the position was looked at."""
    asked = [request_hash(intent.order), intent.target_quantity, intent.cancel_opposite, intent.autoslice]
    return hashlib.sha256(json.dumps(asked, separators=(",", ":")).encode()).hexdigest()
