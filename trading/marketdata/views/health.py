"""The data health page: feeds, gaps and their filling, partitions, imports."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core import clock
from core.errors import InvalidInput, NotFound, Unavailable
from core.realtime import metrics
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Segment
from trading.instruments.selectors import instrument_get

from .. import selectors, services
from ..domain.feed_status import FeedStatus
from ..forms import SEGMENT_LABELS, GapsForm
from ..history import history_source, history_source_names
from ..models import Backfill
from ..selectors import Coverage, InstrumentCoverage, Storage, StorageState

_ROWS_SHOWN = 40
_BACKFILLS_SHOWN = 8
_IMPORTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed as the page lists it; `silent` is how long ago its last tick came."""

    status: FeedStatus
    state: str
    silent: timedelta | None
    rejected: tuple[tuple[str, int], ...]

    @property
    def rejected_total(self) -> int:
        """All refused ticks."""
        return sum(count for _, count in self.rejected)


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """How a segment's instruments fare."""

    segment: Segment
    instruments: int
    with_gaps: int
    gaps: int

    @property
    def label(self) -> str:
        """The segment's name for people."""
        return SEGMENT_LABELS[self.segment]


@dataclass(frozen=True, slots=True)
class TableRow:
    """A table of minutes as the page lists it."""

    storage: StorageState
    months_ahead: int

    @property
    def is_partitioned(self) -> bool:
        """Whether it has a partition for each month."""
        return self.storage.kind is Storage.PARTITIONED


class HealthView(TenantPageMixin, View):
    """The whole page."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """Everything at once; its parts are fetched again by themselves."""
        context = {
            **_gaps(request, may_fill=self.actor.may(Permission.FILL_MARKET_DATA)),
            **_backfills(),
            "feeds": _feeds(),
            "tables": _tables(),
            "recordings_kept_days": settings.RECORDING_KEEP_DAYS,
            "latency": publish_to_send(),
            "imports": selectors.file_imports()[:_IMPORTS_SHOWN],
        }
        return render(request, "marketdata/health.html", context)


class HealthGapsView(TenantPageMixin, View):
    """The gaps alone, for another span, segment or instrument."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The panel's body."""
        context = _gaps(request, may_fill=self.actor.may(Permission.FILL_MARKET_DATA))
        return render(request, "marketdata/health.html#gaps", context)


class HealthBackfillsView(TenantPageMixin, View):
    """The latest backfills, looked at again while one runs."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The panel's body."""
        context = _backfills() | {"may_fill": self.actor.may(Permission.FILL_MARKET_DATA)}
        return render(request, "marketdata/health.html#backfills", context)


class HealthFillView(TenantPageMixin, View):
    """Filling the gaps that are shown."""

    permission_required: ClassVar[Permission] = Permission.FILL_MARKET_DATA

    def post(self, request: HttpRequest) -> HttpResponse:
        """Plan a backfill of one instrument's gaps, or of all in the filter."""
        form = GapsForm(request.POST)
        if not form.is_valid():
            raise InvalidInput("That is no span to fill.", errors=form.errors.get_json_data())
        found = _coverage(form)
        source = next(iter(history_source_names()), "")
        history_source(source)
        backfill = services.backfill_plan(
            actor=self.actor,
            gaps=((row.instrument.pk, gap.date) for row in found.instruments for gap in row.gaps),
            source=source,
            interval=found.interval,
        )
        messages.success(request, f"Filling {backfill.total} days from {backfill.source}.")
        return redirect("datahealth:page")


class HealthCancelView(TenantPageMixin, View):
    """Ending a backfill."""

    permission_required: ClassVar[Permission] = Permission.FILL_MARKET_DATA

    def post(self, request: HttpRequest, backfill_id: UUID) -> HttpResponse:
        """Cancel it; what it has filled stays."""
        services.backfill_cancel(actor=self.actor, backfill_id=backfill_id)
        messages.success(request, "The backfill is cancelled; what it has filled stays.")
        return redirect("datahealth:page")


def _gaps(request: HttpRequest, *, may_fill: bool) -> dict[str, Any]:
    form = GapsForm({"days": "30", "interval": Backfill.Interval.MINUTE, **request.GET.dict()})
    context: dict[str, Any] = {"form": form, "may_fill": may_fill, "has_source": bool(history_source_names())}
    if not form.is_valid():
        return context | {"trouble": "; ".join(str(line) for lines in form.errors.values() for line in lines)}
    try:
        found = _coverage(form)
    except (CalendarUnknown, NotFound) as error:
        return context | {"trouble": error.detail}
    with_gaps = [row for row in found.instruments if row.gaps]
    shown = with_gaps or (list(found.instruments) if form.cleaned_data["symbol"] else [])
    return context | {
        "coverage": found,
        "segments": _segments(found.instruments),
        "rows": shown[:_ROWS_SHOWN],
        "more": max(0, len(shown) - _ROWS_SHOWN),
    }


def _coverage(form: GapsForm) -> Coverage:
    asked = form.cleaned_data
    last = clock.trading_date() - timedelta(days=1)
    return selectors.coverage(
        Backfill.Interval(asked["interval"]),
        first=last - timedelta(days=int(asked["days"])),
        last=last,
        instruments=[instrument_get(asked["symbol"])] if asked["symbol"] else None,
        segment=Segment(asked["segment"]) if asked["segment"] else None,
    )


def _segments(rows: Sequence[InstrumentCoverage]) -> list[SegmentRow]:
    instruments = Counter(row.segment for row in rows)
    with_gaps = Counter(row.segment for row in rows if row.gaps)
    gaps: Counter[Segment] = Counter()
    for row in rows:
        gaps[row.segment] += len(row.gaps)
    return [
        SegmentRow(segment, instruments[segment], with_gaps[segment], gaps[segment])
        for segment in Segment
        if instruments[segment]
    ]


def _backfills() -> dict[str, Any]:
    latest = list(selectors.backfills().annotate(left=F("total") - F("done"))[:_BACKFILLS_SHOWN])
    return {"backfills": latest, "is_filling": any(each.is_live for each in latest)}


def _tables() -> list[TableRow]:
    now = clock.now()
    states = [selectors.storage_state(table) for table in selectors.MONTHLY_TABLES]
    return [TableRow(state, state.months_ahead(now)) for state in states]


def _feeds() -> list[FeedRow] | None:
    """None when the shared store does not answer."""
    try:
        statuses: Iterable[FeedStatus] = selectors.feed_statuses().values()
    except Unavailable:
        return None
    wall = clock.wall_now()
    return [
        FeedRow(
            status,
            selectors.feed_state(status),
            wall - status.last_tick_at if status.last_tick_at else None,
            tuple(sorted(status.rejected.items(), key=lambda each: -each[1])),
        )
        for status in statuses
    ]


def publish_to_send() -> float | None:
    """Seconds within which 95 of 100 flushes of this process left for their sockets; None where it serves none."""
    buckets = [
        (float(sample.labels["le"]), sample.value)
        for metric in metrics.LATENCY.collect()
        for sample in metric.samples
        if sample.name.endswith("_bucket")
    ]
    total = max((count for _, count in buckets), default=0.0)
    return next((edge for edge, count in sorted(buckets) if count >= total * 0.95), None) if total else None
