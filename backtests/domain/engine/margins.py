"""What futures and options have to set aside: scenario margin over all contracts of an underlying."""

from datetime import datetime
from decimal import Decimal

from trading.orders.domain.intent import OrderIntent

from .market import SymbolMarket


class MarginDesk:
    """Asks the house's SPAN about the account's contracts."""

    def need_paise(
        self, intent: OrderIntent, market: SymbolMarket, pending: int, price: Decimal, exiting: int, now: datetime
    ) -> tuple[int, str]:
        """Margin and premium of an order, and the code of why it cannot be known."""
        raise NotImplementedError
