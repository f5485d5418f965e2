from .event import OrderEvent, OrderEventType
from .fill import Fill
from .order import Order
from .paper import AuctionResult, MatchingRule, PaperBook

__all__ = ["AuctionResult", "Fill", "MatchingRule", "Order", "OrderEvent", "OrderEventType", "PaperBook"]
