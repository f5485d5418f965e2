"""What is wrong with a trigger as asked for: on its face, and against the instrument and the market.

Every fault has a stable code of its own, and names the field that the trader has to mend.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from trading.brokers.domain.terms import OrderType, Side
from trading.instruments.domain.instrument_rules import (
    Violation,
    expiry_violation,
    price_violation,
    quantity_violation,
)
from trading.orders.domain.intent import MAX_PRICE, MAX_QUANTITY, MAX_TEXT

from .crossing import crossed, direction_of
from .intent import LegIntent, TriggerIntent
from .states import Direction, LegRole, TriggerKind

LONGEST = timedelta(days=365)
MAX_NOTE = 200
MAX_PERCENT = Decimal(50)

R = LegRole
LEGS = {
    TriggerKind.SINGLE: (R.SINGLE,),
    TriggerKind.OCO: (R.STOP, R.TARGET),
    TriggerKind.BRACKET: (R.ENTRY, R.STOP, R.TARGET),
    TriggerKind.COVER: (R.ENTRY, R.STOP),
    TriggerKind.TRAILING: (R.STOP,),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`field` as the API names it ("legs.STOP.price"); `code` is stable; `message` is for the trader."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The instrument and the moment that a trigger is held against. `reference` is the last price, or a bracket's
    entry price (rupees); `band_percent` how far from it a trigger price may lie."""

    tick_size: Decimal
    lot_size: int
    freeze_quantity: int | None
    expiry: date | None
    today: date
    reference: Decimal
    band_percent: Decimal


def shape_faults(intent: TriggerIntent) -> list[Fault]:
    """What is wrong on its face; empty when it is well formed."""
    faults = []
    if not 0 < intent.quantity <= MAX_QUANTITY:
        faults.append(Fault("quantity", "invalid_quantity", f"must be between 1 and {MAX_QUANTITY}"))
    for name, text, most in (("strategy", intent.strategy, MAX_TEXT), ("note", intent.note, MAX_NOTE)):
        if len(text) > most or not text.isprintable():
            faults.append(Fault(name, f"invalid_{name}", f"must have at most {most} printable characters"))
    name = intent.client_order_id
    if not name.strip() or len(name) > MAX_TEXT or not name.isprintable():
        message = f"must have 1 to {MAX_TEXT} printable characters"
        faults.append(Fault("client_order_id", "invalid_client_order_id", message))
    roles = [leg.role for leg in intent.legs]
    if sorted(roles) != sorted(LEGS[intent.kind]):
        wanted = ", ".join(LEGS[intent.kind])
        return [
            *faults,
            Fault("legs", "trigger_legs_wrong", f"{intent.kind} takes these legs, each once: {wanted}"),
        ]
    for leg in intent.legs:
        faults.extend(_leg_shape(intent, leg))
    return faults


def _leg_shape(intent: TriggerIntent, leg: LegIntent) -> Iterator[Fault]:
    at = f"legs.{leg.role}"
    if leg.order_type not in (OrderType.MARKET, OrderType.LIMIT):
        yield Fault(f"{at}.order_type", "unsupported_order_type", "a leg is a MARKET or a LIMIT order")
    if leg.order_type is OrderType.MARKET and leg.price is not None:
        yield Fault(f"{at}.price", "price_not_allowed", "a MARKET order takes no price")
    if leg.order_type is OrderType.LIMIT and leg.price is None and leg.role is not R.TARGET:
        yield Fault(f"{at}.price", "price_required", "a LIMIT order needs a price")
    if leg.direction is not None and leg.role is not R.SINGLE:
        yield Fault(f"{at}.direction", "direction_not_allowed", "only a SINGLE trigger takes a direction")
    yield from _gap_shape(intent, leg)
    waits_for_price = leg.role is not R.ENTRY and leg.trail is None
    if waits_for_price and leg.trigger_price is None and not _needs_gap(intent, leg):
        yield Fault(f"{at}.trigger_price", "trigger_price_required", "which price should it wait for?")
    if not waits_for_price and leg.trigger_price is not None:
        reason = (
            "an entry goes to the market at once" if leg.role is R.ENTRY else "a trailing stop starts at its gap"
        )
        yield Fault(f"{at}.trigger_price", "trigger_price_not_allowed", reason)
    for name, price in (("price", leg.price), ("trigger_price", leg.trigger_price)):
        if price is not None and not (price.is_finite() and 0 < price <= MAX_PRICE):
            yield Fault(f"{at}.{name}", f"invalid_{name}", f"must be above 0 and at most {MAX_PRICE}")


def _needs_gap(intent: TriggerIntent, leg: LegIntent) -> bool:
    return intent.kind is TriggerKind.TRAILING and leg.trail is None


def _gap_shape(intent: TriggerIntent, leg: LegIntent) -> Iterator[Fault]:
    at = f"legs.{leg.role}"
    if _needs_gap(intent, leg):
        yield Fault(f"{at}.trail_points", "trail_gap_required", "how far behind should it follow?")
    if leg.trail is None:
        return
    if leg.role is not R.STOP:
        yield Fault(f"{at}.trail_points", "trail_not_allowed", "only a stop can trail")
    if leg.order_type is not OrderType.MARKET:
        yield Fault(f"{at}.order_type", "trail_needs_market", "a trailing stop fires a MARKET order")
    if leg.trail_points is not None and leg.trail_percent is not None:
        yield Fault(f"{at}.trail_percent", "trail_gap_twice", "give the gap in points or in per cent, not both")
    for name, gap, most in (
        ("trail_points", leg.trail_points, MAX_PRICE),
        ("trail_percent", leg.trail_percent, MAX_PERCENT),
    ):
        if gap is None:
            continue
        if not gap.is_finite() or gap <= 0:
            yield Fault(f"{at}.{name}", "trail_gap_zero", "the gap must be more than nothing")
        elif gap > most:
            yield Fault(f"{at}.{name}", "trail_gap_too_wide", f"must be at most {most:f}")


def market_faults(intent: TriggerIntent, terms: Terms) -> list[Fault]:
    """What is wrong with a well-formed trigger against its instrument and the market."""
    faults = [
        *_violated("quantity", _quantity(intent, terms)),
        *_violated("symbol", expiry_violation(terms.expiry, on=terms.today)),
        *_expiry(intent, terms),
    ]
    for leg in intent.legs:
        faults.extend(_leg_market(intent, leg, terms))
    return faults or _order_of_legs(intent, terms)


def _quantity(intent: TriggerIntent, terms: Terms) -> Violation | None:
    return quantity_violation(intent.quantity, lot_size=terms.lot_size, freeze_quantity=terms.freeze_quantity)


def _violated(field: str, violation: Violation | None) -> list[Fault]:
    return [] if violation is None else [Fault(field, violation.rule, violation.message)]


def _expiry(intent: TriggerIntent, terms: Terms) -> Iterator[Fault]:
    last = intent.expires_on
    if last is None:
        return
    if last < terms.today:
        yield Fault("expires_on", "expiry_in_past", "that day is over")
    elif last > terms.today + LONGEST:
        yield Fault("expires_on", "expiry_too_far", "a trigger lasts a year at most")
    elif terms.expiry is not None and last > terms.expiry:
        yield Fault("expires_on", "expiry_after_contract", f"the contract expires on {terms.expiry:%d %b %Y}")


def _leg_market(intent: TriggerIntent, leg: LegIntent, terms: Terms) -> Iterator[Fault]:
    at = f"legs.{leg.role}"
    for name, price in (
        ("price", leg.price),
        ("trigger_price", leg.trigger_price),
        ("trail_points", leg.trail_points),
    ):
        if price is not None:
            yield from _violated(f"{at}.{name}", price_violation(price, tick_size=terms.tick_size))
    if leg.trail is not None and leg.trail.gap(terms.reference) >= terms.reference:
        yield Fault(f"{at}.trail_points", "trail_gap_too_wide", "the gap reaches down to nothing")
    if leg.trigger_price is None:
        return
    width = terms.reference * terms.band_percent / 100
    if abs(leg.trigger_price - terms.reference) > width:
        low, high = max(terms.reference - width, Decimal(0)), terms.reference + width
        message = f"must lie between {low:.2f} and {high:.2f}, {terms.band_percent:f} % around {terms.reference:f}"
        yield Fault(f"{at}.trigger_price", "trigger_beyond_band", message)
    if leg.role is R.STOP and _limit_inverted(intent.exit_side, leg.trigger_price, leg.price):
        message = "a stop's limit must leave room beyond its trigger, or it may never fill"
        yield Fault(f"{at}.price", "stop_limit_inverted", message)


def _limit_inverted(side: Side, trigger_price: Decimal, price: Decimal | None) -> bool:
    return price is not None and (price > trigger_price if side is Side.SELL else price < trigger_price)


def _order_of_legs(intent: TriggerIntent, terms: Terms) -> list[Fault]:
    stop, target = intent.leg(R.STOP), intent.leg(R.TARGET)
    if stop is not None and target is not None and _inverted(intent.exit_side, stop, target):
        where = "below" if intent.exit_side is Side.SELL else "above"
        return [Fault("legs", "oco_legs_inverted", f"the stop must lie {where} the target")]
    faults = []
    for leg in intent.legs:
        direction = leg.direction or _exit_direction(intent, leg, terms)
        if direction is not None and leg.trigger_price and crossed(direction, leg.trigger_price, terms.reference):
            message = f"the price of {terms.reference:f} has crossed it already"
            faults.append(Fault(f"legs.{leg.role}.trigger_price", "trigger_crossed", message))
    return faults


def _exit_direction(intent: TriggerIntent, leg: LegIntent, terms: Terms) -> Direction | None:
    if leg.role in (R.STOP, R.TARGET):
        return direction_of(leg.role, intent.exit_side)
    if leg.role is R.SINGLE and leg.trigger_price == terms.reference:
        return Direction.ABOVE
    return None


def _inverted(exit_side: Side, stop: LegIntent, target: LegIntent) -> bool:
    if stop.trigger_price is None or target.trigger_price is None:
        # A trailing stop has no price of its own; a target on the wrong side of the market is found as crossed.
        return False
    if exit_side is Side.SELL:
        return stop.trigger_price >= target.trigger_price
    return stop.trigger_price <= target.trigger_price
