from .basket import Basket, BasketRow
from .event import OrderEvent, OrderEventType
from .fill import Fill
from .group import OrderGroup, RefusedLeg
from .option_strategy import OptionStrategy, OptionStrategyLeg
from .order import Order
from .paper import AuctionResult, MatchingRule, PaperBook
from .route import AccountRoute, OrderRoute, ReconciliationRun, RouterEpoch
from .square_off import SquareOff
from .trigger import Trigger, TriggerEvent, TriggerEventType, TriggerLeg

__all__ = [
    "AccountRoute",
    "AuctionResult",
    "Basket",
    "BasketRow",
    "Fill",
    "MatchingRule",
    "OptionStrategy",
    "OptionStrategyLeg",
    "Order",
    "OrderEvent",
    "OrderEventType",
    "OrderGroup",
    "OrderRoute",
    "PaperBook",
    "ReconciliationRun",
    "RefusedLeg",
    "RouterEpoch",
    "SquareOff",
    "Trigger",
    "TriggerEvent",
    "TriggerEventType",
    "TriggerLeg",
]
