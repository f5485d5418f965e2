"""How much to trade: fixed fraction, volatility, Kelly, and risk per trade. Pure arithmetic in Decimal.

Every method gives a wanted quantity, which is then cut down to whole lots and told in orders that the exchange's
freeze quantity lets through. Nonsense is a `SizingRefusal` with its own code; a sensible question whose answer is
"nothing" is a size of zero with a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from itertools import pairwise

HUNDRED = Decimal(100)
# Beyond this share of the capital Kelly is not followed, whatever the edge seems to be.
KELLY_CAP_PERCENT = Decimal(25)
MAX_QUANTITY = 10_000_000


class Method(StrEnum):
    """FIXED_FRACTION puts a share of the capital into the trade, VOLATILITY risks one over a multiple of the ATR,
    KELLY follows the edge, RISK_PER_TRADE risks one down to the stop."""

    FIXED_FRACTION = "FIXED_FRACTION"
    VOLATILITY = "VOLATILITY"
    KELLY = "KELLY"
    RISK_PER_TRADE = "RISK_PER_TRADE"


class SizingRefusal(Exception):
    """A question without an answer: `code`, the `field` it is about, and a message."""

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Ground:
    """What every method stands on: capital and price in rupees, the exchange's lot and freeze quantity."""

    capital: Decimal
    price: Decimal
    lot_size: int = 1
    freeze_quantity: int | None = None


@dataclass(frozen=True, slots=True)
class PositionSize:
    """A size in units and whole lots. `orders` are the quantities that the freeze quantity lets through;
    `risk` is what is lost at the stop (rupees, None where no stop is known); `reason` says why less, or nothing."""

    quantity: int
    lots: int
    orders: tuple[int, ...]
    value: Decimal
    risk: Decimal | None
    percent: Decimal
    reason: str = ""


def fixed_fraction(ground: Ground, *, percent: Decimal) -> PositionSize:
    """Put `percent` of the capital into the trade."""
    _check(ground)
    _check_percent("percent", percent)
    return _size(ground, ground.capital * percent / HUNDRED / ground.price, percent=percent)


def risk_per_trade(ground: Ground, *, percent: Decimal, stop: Decimal) -> PositionSize:
    """Lose `percent` of the capital if the stop is hit; below the price for a purchase, above it for a sale."""
    _check(ground)
    _check_percent("percent", percent)
    _check_positive("stop_price", stop, "invalid_stop")
    distance = abs(ground.price - stop)
    if distance == 0:
        raise SizingRefusal("stop_at_entry", "stop_price", "A stop at the entry price risks nothing.")
    return _size(ground, ground.capital * percent / HUNDRED / distance, percent=percent, distance=distance)


def volatility(ground: Ground, *, percent: Decimal, atr: Decimal, multiple: Decimal) -> PositionSize:
    """Lose `percent` of the capital if the price moves `multiple` average true ranges against the trade."""
    _check(ground)
    _check_percent("percent", percent)
    _check_positive("atr", atr, "invalid_atr")
    _check_positive("atr_multiple", multiple, "invalid_atr_multiple")
    distance = atr * multiple
    return _size(ground, ground.capital * percent / HUNDRED / distance, percent=percent, distance=distance)


def kelly(
    ground: Ground, *, win_rate: Decimal, payoff: Decimal, fraction: Decimal, cap: Decimal = KELLY_CAP_PERCENT
) -> PositionSize:
    """Put Kelly's share W − (1 − W)/R of the capital into the trade, times `fraction`, at most `cap` per cent.

    `win_rate` is W in per cent, `payoff` R the average gain over the average loss. Without an edge: nothing.
    """
    _check(ground)
    if not win_rate.is_finite() or not 0 < win_rate < HUNDRED:
        raise SizingRefusal("invalid_win_rate", "win_rate", "The win rate lies between 0 and 100 per cent.")
    _check_positive("payoff_ratio", payoff, "invalid_payoff")
    if not fraction.is_finite() or not 0 < fraction <= 1:
        raise SizingRefusal("invalid_kelly_fraction", "kelly_fraction", "Between 0 and 1 of Kelly's share.")
    _check_percent("cap_percent", cap)
    full = win_rate - (HUNDRED - win_rate) / payoff
    if full <= 0:
        return PositionSize(0, 0, (), Decimal(0), None, Decimal(0), "no_edge")
    wanted = full * fraction
    percent = min(wanted, cap)
    return _size(
        ground,
        ground.capital * percent / HUNDRED / ground.price,
        percent=percent,
        reason="kelly_capped" if wanted > cap else "",
    )


@dataclass(frozen=True, slots=True)
class Range:
    """One bar's high, low and close, in rupees."""

    high: Decimal
    low: Decimal
    close: Decimal


def average_true_range(bars: Sequence[Range], *, period: int) -> Decimal:
    """Wilder's ATR over bars in ascending order: the mean of the first `period` true ranges, smoothed since.

    Raises `SizingRefusal` (`invalid_atr_period`, `not_enough_candles`).
    """
    if not 1 <= period <= 200:
        raise SizingRefusal("invalid_atr_period", "atr_period", "A period has 1 to 200 bars.")
    if len(bars) < period + 1:
        message = f"An ATR of {period} bars needs {period + 1} candles; there are {len(bars)}."
        raise SizingRefusal("not_enough_candles", "atr_period", message)
    ranges = [
        max(bar.high - bar.low, abs(bar.high - before.close), abs(bar.low - before.close))
        for before, bar in pairwise(bars)
    ]
    atr = sum(ranges[:period], Decimal(0)) / period
    for true_range in ranges[period:]:
        atr = (atr * (period - 1) + true_range) / period
    return atr


def orders_of(quantity: int, *, lot_size: int, freeze_quantity: int | None) -> tuple[int, ...]:
    """The quantity in orders of whole lots, none above the freeze quantity."""
    most = quantity if freeze_quantity is None else freeze_quantity // lot_size * lot_size
    if quantity <= 0 or most <= 0:
        return ()
    full, rest = divmod(quantity, most)
    return (most,) * full + ((rest,) if rest else ())


def _size(
    ground: Ground, wanted: Decimal, *, percent: Decimal, distance: Decimal | None = None, reason: str = ""
) -> PositionSize:
    lots = int((wanted / ground.lot_size).to_integral_value(ROUND_DOWN))
    most = MAX_QUANTITY // ground.lot_size
    if lots > most:
        lots, reason = most, "quantity_capped"
    quantity = lots * ground.lot_size
    orders = orders_of(quantity, lot_size=ground.lot_size, freeze_quantity=ground.freeze_quantity)
    value = quantity * ground.price
    if quantity == 0:
        reason = "below_one_lot"
    elif value > ground.capital:
        reason = reason or "above_capital"
    risk = None if distance is None else quantity * distance
    return PositionSize(quantity, lots, orders, value, risk, percent, reason)


def _check(ground: Ground) -> None:
    _check_positive("capital", ground.capital, "invalid_capital")
    _check_positive("price", ground.price, "invalid_price")


def _check_positive(field: str, value: Decimal, code: str) -> None:
    if not value.is_finite() or value <= 0 or value > Decimal(10) ** 13:
        raise SizingRefusal(code, field, "must be above zero")


def _check_percent(field: str, value: Decimal) -> None:
    if not value.is_finite() or not 0 < value <= HUNDRED:
        raise SizingRefusal("invalid_percent", field, "must be above 0 and at most 100 per cent")
