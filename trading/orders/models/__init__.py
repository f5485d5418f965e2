from .basket import Basket, BasketRow
from .event import OrderEvent, OrderEventType
from .fill import Fill
from .group import OrderGroup, RefusedLeg
from .order import Order

__all__ = [
    "Basket",
    "BasketRow",
    "Fill",
    "Order",
    "OrderEvent",
    "OrderEventType",
    "OrderGroup",
    "RefusedLeg",
]
