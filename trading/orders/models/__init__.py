from .basket import Basket, BasketRow
from .event import OrderEvent, OrderEventType
from .fill import Fill
from .group import OrderGroup, RefusedLeg
from .order import Order
from .route import AccountRoute, OrderRoute, ReconciliationRun, RouterEpoch
from .trigger import Trigger, TriggerEvent, TriggerEventType, TriggerLeg

__all__ = [
    "AccountRoute",
    "Basket",
    "BasketRow",
    "Fill",
    "Order",
    "OrderEvent",
    "OrderEventType",
    "OrderGroup",
    "OrderRoute",
    "ReconciliationRun",
    "RefusedLeg",
    "RouterEpoch",
    "Trigger",
    "TriggerEvent",
    "TriggerEventType",
    "TriggerLeg",
]
