"""What a trader may change of a trigger's orders by changing the orders themselves."""

from decimal import Decimal

from trading.orders.domain.modification import IllegalModification, OrderModification
from trading.orders.domain.triggers.crossing import crossed
from trading.orders.domain.triggers.states import Direction, LegRole
from trading.orders.models import Order, TriggerLeg


def illegal_of_trigger(order: Order, modification: OrderModification) -> IllegalModification | None:
    """What the order's trigger has against a modification, None when there is none, or for an order of no trigger.

    An exit is as large as what it guards and stands where its leg says, so it is changed by its trigger. An entry
    may not move beyond one of its own exits.
    """
    if order.trigger_leg_id is None or order.trigger_id is None:
        return None
    legs = {leg.id: leg for leg in TriggerLeg.objects.filter(trigger_id=order.trigger_id)}
    if legs[order.trigger_leg_id].role != LegRole.ENTRY:
        return IllegalModification("exit_of_trigger", "The order is an exit of a trigger: change the trigger.")
    return None if modification.price is None else _beyond_an_exit(modification.price, list(legs.values()))


def _beyond_an_exit(price: Decimal, legs: list[TriggerLeg]) -> IllegalModification | None:
    for leg in legs:
        if leg.role == LegRole.ENTRY or leg.trail is not None or leg.trigger_price is None:
            continue
        if crossed(Direction(leg.direction), leg.trigger_price, price):
            message = f"The {leg.role.lower()} at {leg.trigger_price.normalize():f} would be crossed on entry."
            return IllegalModification("trigger_crossed", message, "price")
    return None
