"""What a clearing corporation fixes for an underlying: the size of the moves that a margin has to survive."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpanParameters:
    """Fractions unless said otherwise; volatilities are annual (0.15 is 15 %).

    `price_scan_range` of the underlying's price and `volatility_scan_range` (points of volatility) span the
    scenarios; the two extreme ones move the price `extreme_move` times as far and count with `extreme_cover`.
    `exposure_rate` is charged on the notional of futures and short options, `short_option_minimum` is the least
    scan risk per notional of short options, `calendar_spread_rate` is charged on the far leg of a spread,
    `expiry_day_rate` on short options on their last day. Without `spreads_on_expiry_day` contracts on their last
    day offset none that live longer. `default_volatility` stands in where a price implies none.
    """

    price_scan_range: float
    volatility_scan_range: float
    extreme_move: float
    extreme_cover: float
    exposure_rate: float
    short_option_minimum: float
    calendar_spread_rate: float
    expiry_day_rate: float
    spreads_on_expiry_day: bool
    default_volatility: float
    risk_free_rate: float
