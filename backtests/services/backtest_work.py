"""One backtest: run it, fold it, store it."""

import time

from django.conf import settings
from django.db import transaction

from backtests.domain.engine import BacktestResult, Ending, run
from backtests.domain.figures import figure_columns, report_of
from backtests.domain.look_ahead import LookAhead, look_ahead
from backtests.domain.option_market import OptionMarket
from backtests.models import Run
from backtests.selectors.specs import market_of, spec_of
from core.clock import IST
from trading.marketdata.domain.bars import Interval

from .leases import Hold, Superseded
from .results import caveats_text, index_closes, outcome_of, refusals_told, series_of, series_write

_LOOK_SECONDS = 1.0
_CODES = {Ending.STRATEGY_FAILED: "strategy_failed", Ending.DATA_FAILED: "data_failed"}


class Watch:
    """Tells the engine when to stop: the run was cancelled or taken over, or takes too long."""

    def __init__(self, hold: Hold, seconds: float) -> None:
        self._hold = hold
        self._ends = time.monotonic() + seconds
        self._looks_at = 0.0
        self._progress = 0.0
        self.message = "Running"
        self.is_superseded = False
        self.is_late = False

    def progress(self, share: float) -> None:
        """How far the engine is."""
        self._progress = share

    def cancelled(self) -> bool:
        """Asked by the engine at each bar, so the database only once a second."""
        now = time.monotonic()
        if now < self._looks_at:
            return self.is_superseded or self.is_late
        self._looks_at = now + _LOOK_SECONDS
        self.is_late = self.is_late or now > self._ends
        try:
            # The last hundredths are for storing the result.
            self._hold.beat(self._progress * 0.98, self.message)
        except Superseded:
            self.is_superseded = True
        return self.is_superseded or self.is_late


def backtest_work(hold: Hold) -> None:
    """Run it from the beginning: it is deterministic, so a second try after a lost worker gives what the first
    would have given. Raises Superseded, and SaudaError for what cannot be begun."""
    spec, data = spec_of(hold.run), market_of(hold.run)
    watch = Watch(hold, settings.BACKTEST_TIME_LIMIT.total_seconds())
    result = run(spec, data, progress=watch.progress, cancelled=watch.cancelled)
    if watch.is_superseded:
        raise Superseded
    found = None
    if hold.run.wants_look_ahead and result.ending is Ending.FINISHED:
        watch.message = "Looking for look-ahead"
        found = look_ahead(spec, data, result, cancelled=watch.cancelled)
        if watch.is_superseded:
            raise Superseded
    _store(hold, result, data, found, is_late=watch.is_late)


def _store(
    hold: Hold, result: BacktestResult, data: OptionMarket, checked: LookAhead | None, *, is_late: bool
) -> None:
    row = hold.run
    days, _ = result.daily()
    index = index_closes(data, row.benchmark, days)
    report = report_of(outcome_of(result, row.benchmark, index))
    values = figure_columns(report, orders=len(result.orders), bars=result.bars)
    series = series_of(result, data, Interval(row.base), index)
    status, code, message = _verdict(result, is_late=is_late)
    with transaction.atomic():
        hold.lock()
        series_write(row, series)
        hold.end(
            status,
            code=code,
            message=message,
            progress=1.0 if status == Run.Status.DONE else row.progress,
            caveats=caveats_text([*refusals_told(result.orders), *result.notes]),
            stopped_at=result.stopped_at,
            modelled_share=data.modelled_share({fill.symbol for fill in result.fills}),
            **_told(checked),
            **values,
        )


def _told(checked: LookAhead | None) -> dict[str, str]:
    """What the check found, as columns of the run."""
    if checked is None or not checked.cuts:
        return {}
    if checked.is_clean:
        return {"look_ahead": Run.LookAhead.CLEAN, "look_ahead_detail": f"{len(checked.cuts)} cuts"}
    first = checked.differences[0]
    detail = (
        f"With nothing known after {first.cut:%d %b %Y}, at {first.at.astimezone(IST):%d %b %H:%M} it did"
        f" “{first.without_future}” instead of “{first.whole}”."
    )
    return {"look_ahead": Run.LookAhead.FOUND, "look_ahead_detail": detail[:300]}


def _verdict(result: BacktestResult, *, is_late: bool) -> tuple[Run.Status, str, str]:
    if is_late:
        limit = int(settings.BACKTEST_TIME_LIMIT.total_seconds() // 60)
        return Run.Status.FAILED, "time_limit", f"It took longer than {limit} minutes: shorten the span."
    if result.ending is Ending.FINISHED:
        return Run.Status.DONE, "", ""
    return Run.Status.FAILED, _CODES.get(result.ending, "stopped"), result.reason
