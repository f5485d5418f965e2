"""Accounts' whole past by day: the one fold that curves, snapshots, breakdowns and reports are read from."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from uuid import UUID

import numpy as np

from analytics.domain.book import (
    NO_MARKS,
    BookLine,
    DailyResult,
    Int64Array,
    PositionKey,
    by_position,
    daily_result,
    no_result,
)
from analytics.domain.trades import ClosedTrade, TradeList, trades_of
from analytics.selectors.book import book_lines, capital_flows, held_overnight, marks_of
from analytics.selectors.scope import Scope
from core import clock
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.models import Instrument
from trading.instruments.selectors import calendar_for


@dataclass(frozen=True, slots=True)
class History:
    """Accounts from their first day to today. `days` are trading days and those on which anything happened.

    `results` are by position; `paid_in` and `taken_out` (both positive, paise) are of all the accounts together.
    """

    days: tuple[date, ...]
    results: Mapping[PositionKey, DailyResult]
    paid_in: Int64Array
    taken_out: Int64Array
    trades: TradeList
    instruments: Mapping[int, Instrument]
    lines: tuple[BookLine, ...]

    def key_of(self, position: PositionKey) -> str:
        """The symbol of a position."""
        return self.instruments[position.instrument_id].key

    def total(self, wanted: Callable[[PositionKey], bool] = lambda _: True) -> DailyResult:
        """The sum over positions."""
        chosen = (result for position, result in self.results.items() if wanted(position))
        return reduce(lambda one, other: one + other, chosen, no_result(len(self.days)))

    def closed(self, scope: Scope) -> list[ClosedTrade]:
        """The trades of a scope that were closed in its span, in that order."""
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
    lines = [line for line in book_lines(account_ids) if line.day <= last]
    flows: dict[date, tuple[int, int]] = {}
    for of_account in capital_flows(account_ids).values():
        for day, (paid_in, taken_out) in of_account.items():
            if day <= last:
                before = flows.get(day, (0, 0))
                flows[day] = (before[0] + paid_in, before[1] + taken_out)
    days = series_days({line.day for line in lines} | set(flows), last)
    ids = {line.position.instrument_id for line in lines}
    instruments = {each.pk: each for each in Instrument.objects.filter(pk__in=ids)}
    carried = [instruments[pk] for pk in sorted(held_overnight(lines))]
    marks = marks_of(carried, days[0], last) if carried else {}
    ordinals = np.array([day.toordinal() for day in days], dtype=np.int64)
    return History(
        days=days,
        results={
            position: daily_result(of_position, ordinals, marks.get(position.instrument_id, NO_MARKS))
            for position, of_position in by_position(lines).items()
        },
        paid_in=np.array([flows.get(day, (0, 0))[0] for day in days], dtype=np.int64),
        taken_out=np.array([flows.get(day, (0, 0))[1] for day in days], dtype=np.int64),
        trades=trades_of(lines),
        instruments=instruments,
        lines=tuple(lines),
    )


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
