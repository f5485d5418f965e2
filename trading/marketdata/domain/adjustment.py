"""Prices of the past in the shares of today, by exact rational factors."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from .bars import BarSeries, Int64Array, ist_days

_ONE = Fraction(1)
_SAFE = 2**62
_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class PriceEvent:
    """What happens to prices and volumes of the days before `day` (days since 1 January 1970, in India)."""

    day: int
    price: Fraction
    volume: Fraction = _ONE


def shares_event(day: int, *, held: int, after: int) -> PriceEvent:
    """A split or bonus by which `held` shares become `after`."""
    return PriceEvent(day, Fraction(held, after), Fraction(after, held))


def dividend_event(day: int, *, amount: Decimal, close: Decimal) -> PriceEvent | None:
    """A dividend of `amount` rupees on a share that closed at `close` before; None when it exceeds the price."""
    if amount >= close:
        return None
    return PriceEvent(day, 1 - Fraction(amount) / Fraction(close))


def adjust(series: BarSeries, events: Iterable[PriceEvent]) -> BarSeries:
    """The bars before each event multiplied by its factors, rounded half up to a ten-thousandth and to whole units.

    Rounding keeps the order of prices, so low and high still bound open and close.
    """
    ordered = sorted(events, key=lambda event: event.day, reverse=True)
    if not ordered or not len(series):
        return series
    days = ist_days(series.start)
    columns = {name: getattr(series, name).copy() for name in ("open", "high", "low", "close", "volume")}
    price, volume = _ONE, _ONE
    end = len(series)
    for position, event in enumerate(ordered):
        end = int(np.searchsorted(days, event.day))
        earlier = ordered[position + 1].day if position + 1 < len(ordered) else None
        start = 0 if earlier is None else int(np.searchsorted(days, earlier))
        price, volume = price * event.price, volume * event.volume
        for name in ("open", "high", "low", "close"):
            columns[name][start:end] = np.maximum(_multiply(columns[name][start:end], price), 1)
        columns["volume"][start:end] = _multiply(columns["volume"][start:end], volume)
    return replace(series, **columns)


def _multiply(values: Int64Array, factor: Fraction) -> Int64Array:
    """Each value times the factor, rounded half up; exact however large the factor's terms are, and what 64 bits do
    not hold is the most that they hold."""
    if factor == 1 or not len(values):
        return values
    over, under = factor.numerator, factor.denominator
    if max(int(values.max()), 1) * over * 2 + under < _SAFE and under * 2 < _SAFE:
        return (values * (2 * over) + under) // (2 * under)
    exact = (values.astype(object) * (2 * over) + under) // (2 * under)
    held: Int64Array = np.minimum(exact, _MOST).astype(np.int64)
    return held
