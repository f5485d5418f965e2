from .event import OrderEvent, OrderEventType
from .fill import Fill
from .order import Order
from .route import AccountRoute, OrderRoute, ReconciliationRun, RouterEpoch

__all__ = [
    "AccountRoute",
    "Fill",
    "Order",
    "OrderEvent",
    "OrderEventType",
    "OrderRoute",
    "ReconciliationRun",
    "RouterEpoch",
]
