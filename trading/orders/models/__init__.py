from .event import OrderEvent, OrderEventType
from .fill import Fill
from .order import Order

__all__ = ["Fill", "Order", "OrderEvent", "OrderEventType"]
