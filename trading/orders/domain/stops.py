"""When the market reaches a stop order's trigger."""

from decimal import Decimal

from trading.brokers.domain.terms import Side


def is_reached(side: Side, trigger_price: Decimal, ltp: Decimal) -> bool:
    """Whether the last traded price (rupees) is at or beyond the trigger, against the order.

    A BUY stop waits for the market to rise to its trigger, a SELL stop for it to fall there.
    """
    return ltp >= trigger_price if side is Side.BUY else ltp <= trigger_price
