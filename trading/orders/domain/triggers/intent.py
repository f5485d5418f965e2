"""What a trader asks to be watched, before anything is decided about it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.intent import Origin

from .crossing import Trail
from .states import Direction, LegRole, TriggerKind


@dataclass(frozen=True, slots=True)
class LegIntent:
    """One leg. `trigger_price` is None for an entry and for a trailing stop, which starts at its gap from the
    market; `price` is the limit of a LIMIT order; a target without one is limited at its trigger price.
    `direction` is for SINGLE alone, and follows from the market where it is None."""

    role: LegRole
    order_type: OrderType
    trigger_price: Decimal | None = None
    price: Decimal | None = None
    trail_points: Decimal | None = None
    trail_percent: Decimal | None = None
    direction: Direction | None = None

    @property
    def trail(self) -> Trail | None:
        """The gap that the leg keeps, None when it stands still."""
        if self.trail_points is None and self.trail_percent is None:
            return None
        return Trail(self.trail_points, self.trail_percent)


@dataclass(frozen=True, slots=True)
class TriggerIntent:
    """`side` is that of the order asked for: of a bracket or cover its entry, of any other kind the one that fires.

    `protects` ties a SINGLE to the position that it would close, so that it never opens one and goes when the
    position goes; None lets the position at hand decide. The other kinds always protect. `expires_on` is the last
    trading date, None for the longest that the product and the contract allow. `decision_price` is the entry's.
    """

    account_id: UUID
    key: str
    kind: TriggerKind
    side: Side
    quantity: int
    product: Product
    legs: tuple[LegIntent, ...]
    client_order_id: str
    strategy: str = ""
    expires_on: date | None = None
    protects: bool | None = None
    note: str = ""
    origin: Origin = Origin.MANUAL
    decision_price: Decimal | None = None

    @property
    def exit_side(self) -> Side:
        """The side of the orders that fire."""
        if not self.kind.has_entry:
            return self.side
        return Side.SELL if self.side is Side.BUY else Side.BUY

    def leg(self, role: LegRole) -> LegIntent | None:
        """The leg of that role, if it was asked for."""
        return next((leg for leg in self.legs if leg.role is role), None)


def trigger_hash(intent: TriggerIntent) -> str:
    """SHA-256 over what was asked for: a reused `client_order_id` with another body is noticed by it."""
    asked = [
        str(intent.account_id),
        intent.key,
        intent.kind,
        intent.side,
        intent.quantity,
        intent.product,
        intent.strategy,
        None if intent.expires_on is None else intent.expires_on.isoformat(),
        intent.protects,
        intent.note,
        sorted(_leg_facts(leg) for leg in intent.legs),
    ]
    return hashlib.sha256(json.dumps(asked, separators=(",", ":")).encode()).hexdigest()


def _leg_facts(leg: LegIntent) -> list[str]:
    amounts = (leg.trigger_price, leg.price, leg.trail_points, leg.trail_percent)
    shown = ["" if amount is None else format(amount.normalize(), "f") for amount in amounts]
    return [leg.role, leg.order_type, leg.direction or "", *shown]
