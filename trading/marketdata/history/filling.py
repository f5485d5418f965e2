"""Working a backfill through: one day at a time, each in a transaction of its own, so that it may end anywhere."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeAlias
from uuid import UUID

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from core.clock import wall_now
from core.errors import InvalidInput, Unavailable
from core.events import enqueue_on_commit
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.models import Instrument
from trading.instruments.selectors import segment_for
from trading.marketdata.domain.bars import BarSeries, Int64Array
from trading.marketdata.models import Backfill, BackfillDay, DailyBar
from trading.marketdata.selectors import session_spans
from trading.marketdata.services import candles_write, daily_bars_write, months_of, partitions_ensure

from .port import HistorySource
from .registry import history_source

Status: TypeAlias = Backfill.Status
Outcome: TypeAlias = BackfillDay.Outcome
OnDay = Callable[[BackfillDay], None]

SECONDS_A_TURN = 120.0
"""A task ends long before Celery's limit, and rings for the next turn."""
_LEFT_ALONE = timedelta(minutes=3)
"""A running backfill that nobody has touched for so long has lost its worker."""
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def backfill_run(
    backfill_id: UUID,
    *,
    source: HistorySource | None = None,
    seconds: float | None = None,
    on_day: OnDay | None = None,
) -> Backfill:
    """Work on a backfill until it is done or cancelled, or for so many `seconds`; returns it as it then is.

    Does nothing while another one of the same source runs. Raises Unavailable when the source does not answer:
    the backfill stays as it is, to be gone on with.
    """
    backfill = _claim(backfill_id)
    if backfill is None:
        return Backfill.objects.get(pk=backfill_id)
    try:
        asked = source or history_source(backfill.source)
    except InvalidInput as error:
        return _fail(backfill, error.detail)
    partitions_ensure(months_of(backfill.days.values_list("date", flat=True).distinct()))
    ends = time.monotonic() + seconds if seconds is not None else float("inf")
    pause = 1 / asked.requests_per_second if asked.requests_per_second else 0.0
    while time.monotonic() < ends:
        day = _next(backfill)
        if day is None:
            break
        _fill(backfill, day, asked)
        if on_day:
            on_day(day)
        time.sleep(pause)
    return _close(backfill)


def backfills_ring() -> int:
    """Ring for backfills that wait or have lost their worker; returns how many."""
    lost = wall_now() - _LEFT_ALONE
    waiting = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, touched_at__lt=lost)
    ids = list(Backfill.objects.filter(waiting).order_by("requested_at").values_list("pk", flat=True))
    for backfill_id in ids:
        enqueue_on_commit("marketdata.backfill", backfill_id=str(backfill_id))
    return len(ids)


def _claim(backfill_id: UUID) -> Backfill | None:
    """The backfill, running from now on; None when it is over or its source is busy with another."""
    ours = Backfill.objects.filter(pk=backfill_id, status__in=[Status.QUEUED, Status.RUNNING])
    try:
        with transaction.atomic():
            claimed = ours.update(status=Status.RUNNING, touched_at=wall_now())
    except IntegrityError:
        return None
    return Backfill.objects.get(pk=backfill_id) if claimed else None


def _fail(backfill: Backfill, detail: str) -> Backfill:
    backfill.status, backfill.detail, backfill.finished_at = Status.FAILED, detail[:200], wall_now()
    backfill.save(update_fields=["status", "detail", "finished_at"])
    return backfill


def _next(backfill: Backfill) -> BackfillDay | None:
    """The next waiting day of a backfill that has not been cancelled."""
    if not Backfill.objects.filter(pk=backfill.pk, status=Status.RUNNING).exists():
        return None
    waiting = backfill.days.filter(outcome=Outcome.WAITING).select_related("instrument")
    return waiting.order_by("instrument_id", "date").first()


def _fill(backfill: Backfill, day: BackfillDay, source: HistorySource) -> None:
    fill = _fill_minutes if backfill.interval == Backfill.Interval.MINUTE else _fill_day
    try:
        with transaction.atomic():
            outcome, rows, detail = fill(day, source)
    except (IntegrityError, CalendarUnknown) as error:
        outcome, rows, detail = Outcome.REFUSED, 0, str(error).splitlines()[0][:200]
    except Unavailable as error:
        Backfill.objects.filter(pk=backfill.pk).update(detail=error.detail[:200], touched_at=wall_now())
        raise
    with transaction.atomic():
        # Two workers may have filled the same day, which does no harm; it is counted once.
        waiting = BackfillDay.objects.filter(pk=day.pk, outcome=Outcome.WAITING)
        if waiting.update(outcome=outcome, rows_written=rows, detail=detail):
            Backfill.objects.filter(pk=backfill.pk).update(
                done=F("done") + 1, rows_written=F("rows_written") + rows, touched_at=wall_now(), detail=""
            )
    day.outcome, day.rows_written, day.detail = outcome, rows, detail


def _fill_minutes(day: BackfillDay, source: HistorySource) -> tuple[Outcome, int, str]:
    """Store the minutes that are missing; stored ones stay as they are."""
    rows = _inside(day.instrument, day.date, source.minutes(day.instrument, day.date))
    if not len(rows):
        return Outcome.EMPTY, 0, ""
    counts = candles_write(rows, replace=False)
    return Outcome.FILLED, counts.inserted, ""


def _inside(instrument: Instrument, on: date, bars: BarSeries) -> Int64Array:
    """Rows for `candles_write`, without what lies outside the day's sessions; raises CalendarUnknown."""
    starts = bars.start
    inside = np.zeros(len(bars), dtype=bool)
    for opens, closes in session_spans(segment_for(instrument), [on.toordinal() - _EPOCH_ORDINAL]):
        inside |= (starts >= opens) & (starts < closes)
    rows = bars.columns()[inside]
    return np.column_stack((np.full(len(rows), instrument.pk, dtype=np.int64), rows))


def _fill_day(day: BackfillDay, source: HistorySource) -> tuple[Outcome, int, str]:
    values = source.day(day.instrument, day.date)
    if values is None:
        return Outcome.EMPTY, 0, ""
    counts = daily_bars_write([values], source=DailyBar.Source.HISTORY)
    return Outcome.FILLED, counts.inserted + counts.updated, ""


def _close(backfill: Backfill) -> Backfill:
    """Done when nothing waits any more; else its turn is over, and it rings for the next."""
    running = Backfill.objects.filter(pk=backfill.pk, status=Status.RUNNING)
    if not backfill.days.filter(outcome=Outcome.WAITING).exists():
        running.update(status=Status.DONE, finished_at=wall_now(), detail="")
    elif running.exists():
        enqueue_on_commit("marketdata.backfill", backfill_id=str(backfill.pk))
    return Backfill.objects.get(pk=backfill.pk)
