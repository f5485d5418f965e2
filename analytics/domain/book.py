"""All that happened to positions, as one list of lines, and what it comes to by day.

A position's whole result is linear in its lines: cash in and out, plus what is open at the day's price, less
charges. By `trading/portfolio/domain/position.py` that is realised plus unrealised P&L to the paisa, whatever the
average price did in between; so results by day, symbol or strategy add up to the account's exactly.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from trading.portfolio.domain.position_events import PositionEventKind

FILL = "FILL"
# Stored prices are whole ten-thousandths of a rupee: so many to a paisa.
PRICES_PER_PAISA = 100
_RATIOS = (PositionEventKind.SPLIT, PositionEventKind.BONUS)
_CHARGES = (PositionEventKind.INTEREST, PositionEventKind.DP_CHARGE, PositionEventKind.SQUARE_OFF_FEE)

Int64Array = NDArray[np.int64]


class PositionKey(Struct, frozen=True, cache_hash=True):
    """What tells a position from others."""

    account_id: UUID
    instrument_id: int
    product: str
    strategy: str


class BookLine(Struct, frozen=True, kw_only=True, gc=False):
    """A fill (`kind` FILL) or a position event, in the order of recording.

    `quantity` is signed, `value_paise` never negative, as the portfolio's own fold takes them. `price` is rupees a
    unit of a fill, `ref` names the line, `order` the order of a fill, `transfer` both sides of a conversion.
    """

    at: datetime
    day: date
    position: PositionKey
    kind: str
    quantity: int = 0
    value_paise: int = 0
    charges_paise: int = 0
    stt_paise: int = 0
    price: Decimal | None = None
    ratio: Fraction | None = None
    ref: str = ""
    order: str = ""
    tag: str = ""
    transfer: str = ""

    def cash_paise(self, held: int) -> int:
        """Money that the line brought (cost: negative), charges apart, to a position of `held` units."""
        if self.kind == PositionEventKind.M2M or self.kind in _CHARGES:
            return 0
        if self.kind == PositionEventKind.DIVIDEND:
            return self.value_paise
        if self.kind in _RATIOS:
            return self.value_paise if held > 0 else -self.value_paise
        return -self.value_paise if self.quantity > 0 else self.value_paise


@dataclass(frozen=True, slots=True)
class Marks:
    """Closing prices of one instrument: days (ordinals, ascending) and ten-thousandths of a rupee."""

    days: Int64Array
    prices: Int64Array


NO_MARKS = Marks(np.array([], dtype=np.int64), np.array([], dtype=np.int64))


@dataclass(frozen=True, slots=True)
class DailyResult:
    """One position (or a sum of several) over given days, in paise; each array as long as the days.

    `gains` are after charges. `unpriced` counts open positions without a price of the day itself.
    """

    gains: Int64Array
    charges: Int64Array
    traded: Int64Array
    fills: Int64Array
    open: Int64Array
    unpriced: Int64Array

    def __add__(self, other: "DailyResult") -> "DailyResult":
        return DailyResult(*(mine + theirs for mine, theirs in zip(_arrays(self), _arrays(other), strict=True)))


def _arrays(result: DailyResult) -> tuple[Int64Array, ...]:
    return result.gains, result.charges, result.traded, result.fills, result.open, result.unpriced


def no_result(days: int) -> DailyResult:
    """Nothing, over so many days."""
    return DailyResult(*(np.zeros(days, dtype=np.int64) for _ in range(6)))


@dataclass(frozen=True, slots=True)
class Steps:
    """The days of one position on which something happened: sums of the day, units and last price at its end.

    Made of lines alone, before any closing price is asked for. Days are ordinals, ascending; prices
    ten-thousandths of a rupee; money paise.
    """

    day: Int64Array
    quantity: Int64Array
    price: Int64Array
    price_day: Int64Array
    cash: Int64Array
    charges: Int64Array
    traded: Int64Array
    fills: Int64Array


def steps_of(lines: Iterable[BookLine]) -> Steps:
    """One position's lines by day."""
    steps = _steps(lines)
    columns = (
        [getattr(step, name) for step in steps]
        for name in ("day", "quantity", "price", "price_day", "cash", "charges", "traded", "fills")
    )
    return Steps(*(np.array(column, dtype=np.int64) for column in columns))


def daily_result(lines: Iterable[BookLine], days: Int64Array, marks: Marks) -> DailyResult:
    """One position's result on each of `days`; see `result_by_day`."""
    return result_by_day(steps_of(lines), days, marks)


def result_by_day(steps: Steps, days: Int64Array, marks: Marks) -> DailyResult:
    """One position's result on each of `days` (ordinals, ascending, from its first line on).

    What is open is worth the latest close, or the price of its last trade where that is later. A line on a day
    that is not among `days` counts on the next one.
    """
    at = np.searchsorted(days, steps.day)
    inside = at < len(days)
    cash, charges, traded, fills = (
        _on_days(values[inside], at[inside], len(days))
        for values in (steps.cash, steps.charges, steps.traded, steps.fills)
    )
    last = np.searchsorted(steps.day, days, side="right") - 1
    quantity = np.where(last >= 0, steps.quantity[last], 0)
    price, is_of_day = _prices(days, marks, steps, last)
    worth = np.cumsum(cash - charges) + _half_up(quantity * price, PRICES_PER_PAISA)
    held = quantity != 0
    return DailyResult(
        gains=np.diff(worth, prepend=0),
        charges=charges,
        traded=traded,
        fills=fills,
        open=held.astype(np.int64),
        unpriced=(held & ~is_of_day).astype(np.int64),
    )


def _on_days(values: Int64Array, at: Int64Array, days: int) -> Int64Array:
    found = np.zeros(days, dtype=np.int64)
    np.add.at(found, at, values)
    return found


@dataclass(slots=True)
class _Step:
    """A day of `Steps`, while it is added up."""

    day: int
    quantity: int
    price: int
    price_day: int
    cash: int = 0
    charges: int = 0
    traded: int = 0
    fills: int = 0


def _steps(lines: Iterable[BookLine]) -> list[_Step]:
    steps: list[_Step] = []
    held = price = price_day = 0
    # A back-dated line is recorded late; its day is where it belongs.
    for line in sorted(lines, key=lambda each: each.day):
        day = line.day.toordinal()
        if not steps or steps[-1].day != day:
            steps.append(_Step(day, held, price, price_day))
        step = steps[-1]
        step.cash += line.cash_paise(held)
        step.charges += line.charges_paise
        held += line.quantity
        if line.kind == FILL:
            step.traded += line.value_paise
            step.fills += 1
        if line.quantity and line.ratio is None and line.kind != PositionEventKind.CONVERSION:
            price, price_day = _unit_price(line), day
        elif line.ratio is not None and price:
            price, price_day = round(price / line.ratio), day
        elif line.quantity and not price:
            price, price_day = _unit_price(line), day
        step.quantity, step.price, step.price_day = held, price, price_day
    return steps


def _unit_price(line: BookLine) -> int:
    return line.value_paise * PRICES_PER_PAISA // abs(line.quantity)


def _prices(days: Int64Array, marks: Marks, steps: Steps, last: Int64Array) -> tuple[Int64Array, NDArray[np.bool_]]:
    """The price (ten-thousandths) that counts on each day, and whether it is a close of that day."""
    traded, traded_on = steps.price[last], steps.price_day[last]
    if not len(marks.days):
        return traded, np.zeros(len(days), dtype=bool)
    found = np.searchsorted(marks.days, days, side="right") - 1
    known = found >= 0
    marked_on = np.where(known, marks.days[found], -1)
    use = known & (marked_on >= traded_on)
    return np.where(use, marks.prices[found], traded), marked_on == days


def _half_up(values: Int64Array, unit: int) -> Int64Array:
    """Whole units, halves away from zero, as a position's own mark is rounded."""
    return np.asarray(np.sign(values) * ((np.abs(values) * 2 + unit) // (2 * unit)), dtype=np.int64)


def in_prices(price: Decimal) -> int:
    """Rupees in ten-thousandths, half up, as stored closes are."""
    return int((price * 10_000).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def by_position(lines: Iterable[BookLine]) -> Mapping[PositionKey, list[BookLine]]:
    """Lines by their position, each list in the given order."""
    found: defaultdict[PositionKey, list[BookLine]] = defaultdict(list)
    for line in lines:
        found[line.position].append(line)
    return found


def held_overnight(positions: Mapping[PositionKey, Iterable[BookLine]]) -> set[int]:
    """Instruments of which units were open at the end of some day; the others need no closing prices."""
    return {position.instrument_id for position, lines in positions.items() if _is_held_overnight(lines)}


def _is_held_overnight(lines: Iterable[BookLine]) -> bool:
    held, day = 0, None
    for line in lines:
        if held and day != line.day:
            return True
        held += line.quantity
        day = line.day
    return held != 0
