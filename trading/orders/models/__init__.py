from .basket import Basket, BasketRow
from .event import OrderEvent, OrderEventType
from .fill import Fill
from .group import OrderGroup, RefusedLeg
from .order import Order
from .trigger import Trigger, TriggerEvent, TriggerEventType, TriggerLeg

__all__ = [
    "Basket",
    "BasketRow",
    "Fill",
    "Order",
    "OrderEvent",
    "OrderEventType",
    "OrderGroup",
    "RefusedLeg",
    "Trigger",
    "TriggerEvent",
    "TriggerEventType",
    "TriggerLeg",
]
