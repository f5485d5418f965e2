"""What taking liquidity costs beyond the displayed price: always adverse, never beyond the order's worst price.

Walking the displayed depth is not slippage but the price of the depth; these models stand for what depth does
not show: quotes that fade before the order arrives, and the order's own impact.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

from core.money import round_to_tick
from trading.brokers.domain.terms import Side


class SlippageModel(StrEnum):
    """NONE; TICKS, a fixed number; SPREAD, a share of the spread; IMPACT, the square-root law.

    IMPACT is `value` per cent of the price times the square root of the order's share of the day's volume: the
    empirical law of market impact (Almgren, Thum, Hauptmann, Li, 2005; Tóth et al., 2011).
    """

    NONE = "NONE"
    TICKS = "TICKS"
    SPREAD = "SPREAD"
    IMPACT = "IMPACT"


def slipped(
    price: Decimal,
    *,
    side: Side,
    worst_price: Decimal,
    model: SlippageModel,
    value: Decimal,
    tick_size: Decimal,
    spread: Decimal,
    quantity: int,
    day_volume: int,
) -> Decimal:
    """The price (rupees, on the tick) that a taker pays or gets where the book displays `price`.

    `quantity` is all that the order takes at once, `day_volume` what the market has traded today; a volume
    below the quantity counts as the quantity.
    """
    if model is SlippageModel.NONE or value <= 0:
        return price
    away = _distance(
        price,
        model=model,
        value=value,
        tick_size=tick_size,
        spread=spread,
        quantity=quantity,
        day_volume=day_volume,
    )
    rounding = ROUND_CEILING if side is Side.BUY else ROUND_FLOOR
    moved = round_to_tick(price + away * side.sign, tick_size, rounding)
    if side is Side.BUY:
        return max(price, min(moved, worst_price))
    return min(price, max(moved, worst_price, tick_size))


def _distance(
    price: Decimal,
    *,
    model: SlippageModel,
    value: Decimal,
    tick_size: Decimal,
    spread: Decimal,
    quantity: int,
    day_volume: int,
) -> Decimal:
    match model:
        case SlippageModel.TICKS:
            return value * tick_size
        case SlippageModel.SPREAD:
            return value * max(spread, Decimal(0))
        case SlippageModel.IMPACT:
            share = Decimal(quantity) / max(day_volume, quantity, 1)
            return price * value / 100 * share.sqrt()
        case SlippageModel.NONE:
            return Decimal(0)
