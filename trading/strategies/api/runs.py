"""Runs and signals over REST."""

from typing import Any, ClassVar, cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.api.reading import body_of, query_of
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.orders.services import CloseReport
from trading.strategies.api import run_examples as examples
from trading.strategies.domain.runs.limits import RunLimits
from trading.strategies.domain.runs.schedule import Schedule, Weekday, mask_of
from trading.strategies.domain.runs.states import Mode
from trading.strategies.selectors.runs import (
    note_shape,
    notes_of,
    run_get,
    run_shape,
    runs_filtered,
    signal_shape,
    signals_filtered,
)
from trading.strategies.serializers import runs as serializers
from trading.strategies.services.runs import (
    RunChanges,
    RunDraft,
    run_create,
    run_flatten,
    run_limits_change,
    run_pause,
    run_start,
    run_stop,
    signal_approve,
    signal_decline,
)


class RunListView(TenantAPIView):
    """Runs of strategies."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_STRATEGIES, "POST": Permission.RUN_STRATEGIES}
    pagination_class = CursorPage

    @extend_schema(
        tags=["strategy runs"],
        operation_id="strategy_runs_list",
        parameters=[serializers.StrategyRunQuery],
        responses=serializers.StrategyRunSerializer(many=True),
        examples=[examples.RUN],
    )
    def get(self, request: Request) -> Response:
        """Runs on the accounts you may see, newest first, paged by cursor."""
        query = query_of(request, serializers.StrategyRunQuery)
        runs = runs_filtered(
            self.actor,
            states=query.get("state", ()),
            account_id=query.get("account"),
            strategy=query.get("strategy", ""),
        )
        return self.paged(request, runs, lambda page: [run_shape(run) for run in page])

    @extend_schema(
        tags=["strategy runs"],
        operation_id="strategy_runs_create",
        request=serializers.StrategyRunInput,
        responses={201: serializers.StrategyRunSerializer},
        examples=[examples.CREATE, examples.RUN],
    )
    def post(self, request: Request) -> Response:
        """A run in DRAFT; nothing trades until it is started. Its name is for good: its orders carry it."""
        run = run_create(actor=self.actor, draft=_draft(body_of(request, serializers.StrategyRunInput)))
        return Response(run_shape(run), status=201)


class RunDetailView(TenantAPIView):
    """One run."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_STRATEGIES, "PATCH": Permission.RUN_STRATEGIES}

    @extend_schema(
        tags=["strategy runs"],
        operation_id="strategy_runs_retrieve",
        responses=serializers.StrategyRunSerializer,
        examples=[examples.RUN],
    )
    def get(self, request: Request, run_id: UUID) -> Response:
        """How it stands."""
        return Response(run_shape(run_get(self.actor, run_id)))

    @extend_schema(
        tags=["strategy runs"],
        operation_id="strategy_runs_change",
        request=serializers.StrategyRunChange,
        responses=serializers.StrategyRunSerializer,
        examples=[examples.CHANGE, examples.RUN],
    )
    def patch(self, request: Request, run_id: UUID) -> Response:
        """Hold it to another capital or other limits from its next decision on; what allows more needs `loosen`."""
        run_get(self.actor, run_id)
        asked = body_of(request, serializers.StrategyRunChange)
        may_loosen = asked.pop("loosen")
        limits = asked.pop("limits", {})
        changes = cast(RunChanges, {**asked, **limits})
        run = run_limits_change(actor=self.actor, run_id=run_id, changes=changes, may_loosen=may_loosen)
        return Response(run_shape(run))


class RunJournalView(TenantAPIView):
    """What happened to a run."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_STRATEGIES}
    pagination_class = CursorPage

    @extend_schema(
        tags=["strategy runs"],
        operation_id="strategy_runs_journal",
        responses=serializers.RunNoteSerializer(many=True),
        examples=[examples.NOTE],
    )
    def get(self, request: Request, run_id: UUID) -> Response:
        """Its journal, newest first, paged by cursor."""
        notes = notes_of(run_get(self.actor, run_id))
        return self.paged(request, notes, lambda page: [note_shape(note) for note in page])


class RunStartView(TenantAPIView):
    """Starting a run."""

    permissions_required: ClassVar = {"POST": Permission.RUN_STRATEGIES}

    @extend_schema(
        tags=["strategy runs"],
        operation_id="strategy_runs_start",
        request=None,
        responses=serializers.StrategyRunSerializer,
        examples=[examples.RUN],
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """Start it, or go on with one that is paused, stopped or failed; it trades in your name from now on."""
        return Response(run_shape(run_start(actor=self.actor, run_id=run_id)))


class RunPauseView(TenantAPIView):
    """Pausing a run."""

    permissions_required: ClassVar = {"POST": Permission.RUN_STRATEGIES}

    @extend_schema(
        tags=["strategy runs"],
        operation_id="strategy_runs_pause",
        request=None,
        responses=serializers.StrategyRunSerializer,
        examples=[examples.RUN],
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """Let it hear the market and send nothing. Its orders and guards stay in the market."""
        return Response(run_shape(run_pause(actor=self.actor, run_id=run_id)))


class RunStopView(TenantAPIView):
    """Stopping a run."""

    permissions_required: ClassVar = {"POST": Permission.RUN_STRATEGIES}

    @extend_schema(
        tags=["strategy runs"],
        operation_id="strategy_runs_stop",
        request=serializers.RunStopInput,
        responses=serializers.StrategyRunSerializer,
        examples=[examples.STOP, examples.STOPPED],
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """Stop it: its orders and guards leave the market; with `flatten` its positions are closed too."""
        flatten = body_of(request, serializers.RunStopInput)["flatten"]
        return Response(run_shape(run_stop(actor=self.actor, run_id=run_id, flatten=flatten)))


class RunFlattenView(TenantAPIView):
    """Closing what a run holds."""

    permissions_required: ClassVar = {"POST": Permission.RUN_STRATEGIES}

    @extend_schema(
        tags=["strategy runs"],
        operation_id="strategy_runs_flatten",
        request=None,
        responses=serializers.RunFlattenedSerializer,
        examples=[examples.FLATTENED],
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """Close everything that it holds, at market. A running one is paused first."""
        reports = run_flatten(actor=self.actor, run_id=run_id)
        closed = [_closed_shape(report) for report in reports]
        return Response({"run": run_shape(run_get(self.actor, run_id)), "closed": closed})


class SignalListView(TenantAPIView):
    """What strategies wanted, whether or not it was traded."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_STRATEGIES}
    pagination_class = CursorPage

    @extend_schema(
        tags=["strategy runs"],
        operation_id="signals_list",
        parameters=[serializers.SignalQuery],
        responses=serializers.SignalSerializer(many=True),
        examples=[examples.SIGNAL],
    )
    def get(self, request: Request) -> Response:
        """Signals of the accounts you may see, newest first, paged by cursor."""
        query = query_of(request, serializers.SignalQuery)
        signals = signals_filtered(
            self.actor,
            strategy=query.get("strategy", ""),
            run_id=query.get("run"),
            states=query.get("state", ()),
            key=query.get("symbol", ""),
        )
        return self.paged(request, signals, lambda page: [signal_shape(signal) for signal in page])


class SignalApproveView(TenantAPIView):
    """Approving a signal."""

    permissions_required: ClassVar = {"POST": Permission.RUN_STRATEGIES}
    throttle_scope = "orders"

    @extend_schema(
        tags=["strategy runs"],
        operation_id="signals_approve",
        request=None,
        responses=serializers.SignalSerializer,
        examples=[examples.APPROVED],
    )
    def post(self, request: Request, signal_id: UUID) -> Response:
        """Have it sent in your name, with the legs that stand or fall with it: ORDERED, or REFUSED and why."""
        return Response(signal_shape(signal_approve(actor=self.actor, signal_id=signal_id)))


class SignalDeclineView(TenantAPIView):
    """Declining a signal."""

    permissions_required: ClassVar = {"POST": Permission.RUN_STRATEGIES}

    @extend_schema(
        tags=["strategy runs"],
        operation_id="signals_decline",
        request=None,
        responses=serializers.SignalSerializer,
        examples=[examples.DECLINED],
    )
    def post(self, request: Request, signal_id: UUID) -> Response:
        """Turn it down, with the legs that stand or fall with it."""
        return Response(signal_shape(signal_decline(actor=self.actor, signal_id=signal_id)))


def _draft(data: dict[str, Any]) -> RunDraft:
    limits, schedule = data.get("limits") or {}, data.get("schedule") or {}
    return RunDraft(
        account_id=data["account"],
        name=data["name"],
        strategy=data["strategy"],
        symbols=tuple(data["symbols"]),
        interval=Interval(data["interval"]),
        product=Product(data["product"]),
        capital=data["capital"],
        parameters=data["parameters"],
        mode=Mode(data["mode"]),
        signal_seconds=data["signal_seconds"],
        limits=RunLimits(**limits),
        schedule=_schedule(schedule),
    )


def _schedule(data: dict[str, Any]) -> Schedule:
    if not data:
        return Schedule()
    days = mask_of(Weekday[name] for name in data["weekdays"])
    return Schedule(days, data["start"], data["stop"], data["special_sessions"], data["flatten"])


def _closed_shape(report: CloseReport) -> dict[str, Any]:
    reason = {"code": report.code, "message": report.message} if report.code else None
    return {
        "symbol": report.position.instrument.key,
        "quantity": report.position.quantity,
        "order": None if report.order is None else str(report.order.id),
        "reason": reason,
    }
