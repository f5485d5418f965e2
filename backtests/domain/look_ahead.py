"""Does a strategy look ahead? A run over a past whose future is cut off must have done the same until the cut.

What is compared is all that was decided before the cut: orders as they were sent, and trades. A strategy that reads
tomorrow's prices decides otherwise where there is no tomorrow. Proof it is not: a strategy that peeks only where no
cut was made passes; more cuts find more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from core.clock import IST

from .engine import BacktestResult, BacktestSpec, Ending, FillRow, MarketData, OrderRow, run

CUTS = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing that went otherwise when everything after `cut` (a trading date) was missing."""

    cut: date
    at: datetime
    whole: str
    without_future: str


@dataclass(frozen=True, slots=True)
class LookAhead:
    """What was found; `cuts` are the last days that the shortened runs were given."""

    cuts: tuple[date, ...]
    differences: tuple[Difference, ...]

    @property
    def is_clean(self) -> bool:
        """Whether every shortened run did the same."""
        return not self.differences


def look_ahead(
    spec: BacktestSpec,
    data: MarketData,
    whole: BacktestResult | None = None,
    *,
    cuts: int = CUTS,
    cancelled: Callable[[], bool] | None = None,
) -> LookAhead:
    """Run again with the future cut off at places drawn by the spec's seed, and compare.

    `whole` is the full run's result, made here where it is not given. Data are cut, not only the span: the
    shortened run cannot read what comes after. Raises as `run`.
    """
    result = whole or run(spec, data, cancelled=cancelled)
    days = _days(result)
    chosen = sorted(Random(spec.seed).sample(days[:-1], min(cuts, max(len(days) - 1, 0))))
    found = []
    for cut in chosen:
        if cancelled is not None and cancelled():
            break
        shortened = run(replace(spec, last=cut), CutData(data, cut), cancelled=cancelled)
        if shortened.ending is Ending.CANCELLED:
            break
        difference = _compare(cut, result, shortened)
        if difference is not None:
            found.append(difference)
    return LookAhead(tuple(chosen), tuple(found))


class CutData:
    """Market data that end with a day, whoever asks for more."""

    def __init__(self, data: MarketData, last: date) -> None:
        self._data, self._last = data, last
        until = datetime.combine(last + timedelta(days=1), datetime.min.time(), IST)
        self._until = int(until.timestamp())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._data, name)

    def bars(self, symbol: str, interval: Any, since: int, until: int) -> Any:
        """As the data's own, none that starts after the last day."""
        return self._data.bars(symbol, interval, since, min(until, self._until))

    def actions(self, symbol: str, first: date, last: date) -> Any:
        """As the data's own, none after the last day."""
        return self._data.actions(symbol, first, min(last, self._last))

    def settlement_price(self, symbol: str, day: date) -> Any:
        """As the data's own, none after the last day."""
        return self._data.settlement_price(symbol, day) if day <= self._last else None


def _days(result: BacktestResult) -> list[date]:
    """The trading days of a run."""
    numbers, _ = result.daily()
    return [date(1970, 1, 1) + timedelta(days=int(number)) for number in numbers]


def _compare(cut: date, whole: BacktestResult, shortened: BacktestResult) -> Difference | None:
    """The first decision up to the cut that differs."""
    before, after = _decisions(whole, cut), _decisions(shortened, cut)
    for (at, ours), (other_at, theirs) in zip(before, after, strict=False):
        if (at, ours) != (other_at, theirs):
            return Difference(cut, min(at, other_at), ours, theirs)
    if len(before) == len(after):
        return None
    longer = before if len(before) > len(after) else after
    at, text = longer[min(len(before), len(after))]
    nothing = "nothing"
    return Difference(cut, at, *((text, nothing) if longer is before else (nothing, text)))


def _decisions(result: BacktestResult, cut: date) -> list[tuple[datetime, str]]:
    """What was sent and what traded up to the end of the cut's day, in order of time."""
    orders = [(row.created_at, _order(row)) for row in _until(result.orders, cut, "created_at")]
    fills = [(row.at, _fill(row)) for row in _until(result.fills, cut, "at")]
    found = [*orders, *fills]
    if result.stopped_at is not None and result.stopped_at.astimezone(IST).date() <= cut:
        found.append((result.stopped_at, result.reason))
    return sorted(found, key=_moment)


def _moment(decision: tuple[datetime, str]) -> datetime:
    return decision[0]


def _until(rows: Sequence[Any], cut: date, field: str) -> list[Any]:
    return [row for row in rows if getattr(row, field).astimezone(IST).date() <= cut]


def _order(row: OrderRow) -> str:
    prices = "".join(f" {price}" for price in (row.price, row.trigger_price) if price is not None)
    return f"{row.side} {row.quantity} {row.symbol} {row.order_type}{prices}"


def _fill(row: FillRow) -> str:
    return f"{row.side} {row.quantity} {row.symbol} at {row.price}"
