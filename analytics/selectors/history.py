"""Accounts' whole past by day: the one fold that curves, snapshots, breakdowns and reports are read from."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, reduce
from heapq import merge
from uuid import UUID

import numpy as np

from analytics.domain.book import (
    NO_MARKS,
    BookLine,
    DailyResult,
    Int64Array,
    Marks,
    PositionKey,
    Steps,
    no_result,
    result_by_day,
)
from analytics.domain.fold import AccountFold
from analytics.domain.tags import TaggedPosition
from analytics.domain.trades import ClosedTrade, TradeList
from analytics.selectors.book import capital_flows, marks_of
from analytics.selectors.memory import FOLDS
from analytics.selectors.scope import Scope
from core import clock
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.models import Instrument
from trading.instruments.selectors import calendar_for


@dataclass(frozen=True)
class History:
    """Accounts from their first day to today. `days` are trading days and those on which anything happened.

    `paid_in` and `taken_out` (both positive, paise) are of all the accounts together. What is reckoned from the
    books is reckoned when first asked for.
    """

    days: tuple[date, ...]
    folds: tuple[AccountFold, ...]
    marks: Mapping[int, Marks]
    paid_in: Int64Array
    taken_out: Int64Array
    instruments: Mapping[int, Instrument]

    @cached_property
    def lines(self) -> tuple[BookLine, ...]:
        """All lines, account by account."""
        return tuple(line for fold in self.folds for line in fold.lines)

    @cached_property
    def trades(self) -> TradeList:
        """Closed trades in order of closing, and what is open."""
        closed = merge(*(fold.trades.closed for fold in self.folds), key=lambda trade: trade.trip.closed_at)
        return TradeList(tuple(closed), tuple(units for fold in self.folds for units in fold.trades.open))

    @cached_property
    def results(self) -> Mapping[PositionKey, DailyResult]:
        """By position."""
        return {
            position: self._by_day(position, steps) for fold in self.folds for position, steps in fold.steps.items()
        }

    @cached_property
    def tagged(self) -> Mapping[TaggedPosition, DailyResult]:
        """By position and the tag of the order that opened it; those of one position add up to its result."""
        return {key: self._by_day(key[0], steps) for fold in self.folds for key, steps in fold.tagged.items()}

    def _by_day(self, position: PositionKey, steps: Steps) -> DailyResult:
        return result_by_day(steps, self._ordinals, self.marks.get(position.instrument_id, NO_MARKS))

    @cached_property
    def _ordinals(self) -> Int64Array:
        return np.array([day.toordinal() for day in self.days], dtype=np.int64)

    def key_of(self, position: PositionKey) -> str:
        """The symbol of a position."""
        return self.instruments[position.instrument_id].key

    def total(self, wanted: Callable[[PositionKey], bool] = lambda _: True) -> DailyResult:
        """The sum over positions."""
        return self._sum(result for position, result in self.results.items() if wanted(position))

    def of(self, scope: Scope) -> DailyResult:
        """The sum over what a scope looks at, on all days."""
        if not scope.tag:
            return self.total(lambda position: scope.holds(position, self.key_of(position)))
        return self._sum(
            result
            for (position, tag), result in self.tagged.items()
            if tag == scope.tag and scope.holds(position, self.key_of(position))
        )

    def _sum(self, results: Iterable[DailyResult]) -> DailyResult:
        return reduce(lambda one, other: one + other, results, no_result(len(self.days)))

    def closed(self, scope: Scope) -> list[ClosedTrade]:
        """The trades of a scope that were closed in its span, in that order."""
        if scope.is_whole and scope.first is None and scope.last is None:
            return list(self.trades.closed)
        return [trade for trade in self.trades.closed if self._is_of(trade, scope)]

    def _is_of(self, trade: ClosedTrade, scope: Scope) -> bool:
        day = clock.trading_date(trade.trip.closed_at)
        return (
            scope.holds(trade.position, self.key_of(trade.position))
            and (not scope.tag or trade.tag == scope.tag)
            and (scope.first is None or day >= scope.first)
            and (scope.last is None or day <= scope.last)
        )


def history_of(scope: Scope) -> History:
    """The past of a scope's accounts, whole: a span is cut out of it, so that what was open before it counts."""
    return account_history(scope.account_ids)


def account_history(account_ids: Collection[UUID], *, until: date | None = None) -> History:
    """The past of accounts that the caller may see, to `until` (today)."""
    last = until or clock.trading_date()
    folds = [_until(fold, last) for fold in FOLDS.folds(account_ids)]
    flows: dict[date, tuple[int, int]] = {}
    for of_account in capital_flows(account_ids).values():
        for day, (paid_in, taken_out) in of_account.items():
            if day <= last:
                before = flows.get(day, (0, 0))
                flows[day] = (before[0] + paid_in, before[1] + taken_out)
    days = series_days(set(flows).union(*(fold.days for fold in folds)), last)
    ids = frozenset[int]().union(*(fold.instruments for fold in folds))
    instruments = {each.pk: each for each in Instrument.objects.filter(pk__in=ids)}
    carried = [instruments[pk] for pk in sorted(frozenset[int]().union(*(fold.overnight for fold in folds)))]
    return History(
        days=days,
        folds=tuple(folds),
        marks=marks_of(carried, days[0], last) if carried else {},
        paid_in=np.array([flows.get(day, (0, 0))[0] for day in days], dtype=np.int64),
        taken_out=np.array([flows.get(day, (0, 0))[1] for day in days], dtype=np.int64),
        instruments=instruments,
    )


def _until(fold: AccountFold, last: date) -> AccountFold:
    if all(day <= last for day in fold.days):
        return fold
    return AccountFold([line for line in fold.lines if line.day <= last])


def series_days(active: Collection[date], last: date) -> tuple[date, ...]:
    """Trading days from the first active one to `last`, and the active days among them that were none."""
    if not active:
        return ()
    return tuple(sorted(set(trading_days(min(active), last)) | set(active)))


def trading_days(first: date, last: date) -> list[date]:
    """The exchange's trading days, both ends included; weekdays of years whose calendar is not known."""
    try:
        return calendar_for().trading_days(first, last)
    except CalendarUnknown:
        span = (first + timedelta(days=each) for each in range((last - first).days + 1))
        return [day for day in span if day.weekday() < 5]
