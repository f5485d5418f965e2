"""At what price an order is valued before it trades: for its hold, and for every limit on its value."""

from decimal import Decimal

from msgspec import Struct

from trading.brokers.domain.terms import Side

from .intent import OrderIntent
from .matching import protection_price


class ProtectionBand(Struct, frozen=True):
    """How far from a price (per cent, on the instrument's tick) an order without a limit may fill."""

    percent: Decimal
    tick_size: Decimal

    def edge(self, side: Side, reference: Decimal) -> Decimal:
        """The worst price (rupees) when the band is measured from `reference`."""
        return protection_price(side=side, reference=reference, percent=self.percent, tick_size=self.tick_size)


def worst_price(
    intent: OrderIntent,
    *,
    fixed: Decimal | None,
    ltp: Decimal | None,
    band: ProtectionBand,
) -> Decimal | None:
    """The price (rupees) beyond which the order never fills: its limit, or the edge of a MARKET order's band.

    The band is `fixed` once the order is in the market; a new one is measured from `ltp`, the last price. None
    where no price is known, and for an SL_M, whose band is measured when it triggers.
    """
    if intent.order_type.is_stop or intent.price is not None:
        return intent.price
    if fixed is not None or ltp is None or ltp <= 0:
        return fixed
    return band.edge(intent.side, ltp)


def valuation_price(
    intent: OrderIntent,
    *,
    worst: Decimal | None,
    ltp: Decimal | None,
    band: ProtectionBand,
) -> Decimal | None:
    """What a unit (rupees) may come to. A sale can fill above its limit, and margin follows the price of the fill.

    A stop trades around its trigger, not around today's price: an SL_M within the band that it would get if the
    market reached the trigger exactly. Should it jump beyond, the hold is set anew when the stop triggers.
    """
    trigger = intent.trigger_price
    if intent.order_type.is_stop and trigger is not None:
        if intent.side is Side.SELL:
            return trigger
        if worst is None:
            return band.edge(intent.side, trigger)
        return worst
    if worst is None or ltp is None or intent.side is Side.BUY:
        return worst
    return max(worst, ltp)
