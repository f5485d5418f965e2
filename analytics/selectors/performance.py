"""The performance report of a scope."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import numpy as np

from analytics.domain.activity import exposure_time
from analytics.domain.equity import EquitySeries
from analytics.domain.report import Activity, Index, PerformanceReport, performance_report
from analytics.selectors.book import marks_of
from analytics.selectors.conventions import reckoning_of
from analytics.selectors.history import History, history_of
from analytics.selectors.scope import Scope
from core import clock
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Segment
from trading.instruments.models import Instrument
from trading.marketdata.selectors.hours import session_spans

_EPOCH = date(1970, 1, 1).toordinal()
# The index' close before the first day makes that day's return.
_LONGEST_BREAK = 15


def performance_of(scope: Scope, *, organisation_id: UUID, history: History | None = None) -> PerformanceReport:
    """The report of a scope, of accounts that the caller may see.

    A part of an account (a strategy, a symbol, a product, a tag) is told as if the account's money had been there
    for it alone: its gains on the capital that was paid in.
    """
    past = history or history_of(scope)
    trades = past.closed(scope)
    cut = span_of(past.days, scope)
    days = past.days[cut]
    result = past.of(scope)
    flows = past.paid_in - past.taken_out
    worth = np.cumsum(flows + result.gains)
    start = cut.start
    series = EquitySeries(days, worth[cut], flows[cut], int(worth[start - 1]) if start else 0)
    reckoning = reckoning_of(organisation_id)
    return performance_report(
        series,
        [trade.trip for trade in trades],
        activity=Activity(
            charges_paise=int(result.charges[cut].sum()),
            traded_paise=int(result.traded[cut].sum()),
            exposure=_exposure(past, scope, days),
        ),
        conventions=reckoning.conventions,
        index=index_over(reckoning.index_key, days),
    )


def index_over(key: str, days: Sequence[date]) -> Index | None:
    """An index' daily returns on given days from stored closes; None where fewer than two are known."""
    instrument = Instrument.objects.filter(key=key).first() if days else None
    if instrument is None:
        return None
    first = date.fromordinal(days[0].toordinal() - _LONGEST_BREAK)
    marks = marks_of([instrument], first, days[-1]).get(instrument.pk)
    if marks is None or len(marks.days) < 2:
        return None
    wanted = np.array([days[0].toordinal() - 1, *(day.toordinal() for day in days)], dtype=np.int64)
    found = np.searchsorted(marks.days, wanted, side="right") - 1
    # Before its first close an index has not moved.
    closes = marks.prices[np.maximum(found, 0)].astype(np.float64)
    return Index(instrument.symbol, closes[1:] / closes[:-1] - 1.0)


def span_of(days: Sequence[date], scope: Scope) -> slice:
    """The part of a history's days that a scope looks at."""
    first = next((at for at, day in enumerate(days) if scope.first is None or day >= scope.first), len(days))
    after = next((at for at, day in enumerate(days) if scope.last is not None and day > scope.last), len(days))
    return slice(first, max(first, after))


def _exposure(past: History, scope: Scope, days: Sequence[date]) -> float:
    """The part of the cash market's sessions with anything of the scope open."""
    try:
        found = session_spans(Segment.EQUITY, (day.toordinal() - _EPOCH for day in days))
    except CalendarUnknown:
        return float("nan")
    now = clock.now()
    sessions = [(datetime.fromtimestamp(a, UTC), min(datetime.fromtimestamp(b, UTC), now)) for a, b in found]
    held = [
        (trade.trip.opened_at, trade.trip.closed_at)
        for trade in past.trades.closed
        if scope.holds(trade.position, past.key_of(trade.position)) and scope.tag in ("", trade.tag)
    ]
    held += [
        (units.at, now)
        for units in past.trades.open
        if scope.holds(units.position, past.key_of(units.position)) and scope.tag in ("", units.tag)
    ]
    return exposure_time(held, sessions)
