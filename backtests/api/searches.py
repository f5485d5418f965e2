"""Sweeps and walk-forwards over REST."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.api.reading import names_in, query_of, read

from ..models import Cell, Run
from ..selectors.cells import Wanted, best_cell, cell_shape, cells_of
from ..selectors.runs import run_get, run_shape
from ..selectors.searches import sweep_shape, walk_forward_shape, windows_of
from ..serializers.runs import RunPatch, RunQuery, RunSerializer
from ..serializers.searches import (
    CellsQuery,
    CellsSerializer,
    SweepInput,
    SweepSerializer,
    WalkForwardInput,
    WalkForwardSerializer,
)
from ..services.cells import cell_start
from ..services.searches import sweep_start, walk_forward_start
from . import examples
from .base import READ_AND_CHANGE, READ_AND_RUN, KindView
from .paging import rows_page


class _SweepView(KindView):
    kind = Run.Kind.SWEEP

    def shape(self, run: Run) -> dict[str, Any]:
        return sweep_shape(run, None)

    def whole(self, run: Run) -> dict[str, Any]:
        """With the best combination."""
        return sweep_shape(run, best_cell(run))


class SweepsView(_SweepView):
    """Sweeps."""

    permissions_required: ClassVar = READ_AND_RUN
    pagination_class = CursorPage

    @extend_schema(
        operation_id="sweeps_list",
        tags=["backtests"],
        parameters=[RunQuery],
        responses=SweepSerializer(many=True),
        examples=[examples.one("done", examples.SWEEP | {"best": None})],
    )
    def get(self, request: Request) -> Response:
        """Your organisation's sweeps, newest first; the best combination is told at each one's own address."""
        return self.listed(request)

    @extend_schema(
        operation_id="sweeps_create",
        tags=["backtests"],
        request=SweepInput,
        responses={202: SweepSerializer},
        examples=[
            examples.asked(
                "a grid",
                examples.ASKED | {"axes": {"fast": {"from": 5, "to": 20, "step": 5}, "slow": [30, 50, 100]}},
            ),
            examples.one("queued", examples.SWEEP | {"status": "QUEUED", "progress": 0.0, "best": None}),
        ],
    )
    def post(self, request: Request) -> Response:
        """Queue a sweep over settings of one strategy.

        Refused as a backtest is, and with `sweep_one_strategy`, `sweep_no_axes`, `axis_invalid`, `axis_too_long`,
        `sweep_too_large`, `sweep_no_cells`, `sweep_too_much_work` (400).
        """
        body = SweepInput(data=request.data)
        values = read(body)
        run = sweep_start(actor=self.actor, terms=body.run_terms(values), search=body.search_terms(values))
        return Response(self.whole(run_get(self.actor, run.pk)), status=202)


class SweepView(_SweepView):
    """One sweep."""

    permissions_required: ClassVar = READ_AND_CHANGE

    @extend_schema(
        operation_id="sweeps_retrieve",
        tags=["backtests"],
        responses=SweepSerializer,
        examples=[examples.one("done", examples.SWEEP)],
    )
    def get(self, request: Request, sweep_id: UUID) -> Response:
        """How far it is, the best combination so far, and how much of it is luck."""
        return Response(self.whole(self.run(sweep_id)))

    @extend_schema(operation_id="sweeps_update", tags=["backtests"], request=RunPatch, responses=SweepSerializer)
    def patch(self, request: Request, sweep_id: UUID) -> Response:
        """Rename it, or write a note."""
        return self.changed(request, sweep_id)

    @extend_schema(operation_id="sweeps_delete", tags=["backtests"], responses={204: None})
    def delete(self, request: Request, sweep_id: UUID) -> Response:
        """Delete it with its combinations; `run_live` before it has ended."""
        return self.deleted(sweep_id)


class SweepCancelView(_SweepView):
    """Ending one early."""

    permissions_required: ClassVar = {"POST": Permission.RUN_BACKTESTS}

    @extend_schema(operation_id="sweeps_cancel", tags=["backtests"], request=None, responses=SweepSerializer)
    def post(self, request: Request, sweep_id: UUID) -> Response:
        """Cancel it; what has been tried stays. `run_over` when it has ended already."""
        return self.ended(sweep_id)


class SweepCellsView(_SweepView):
    """Its combinations."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_STRATEGIES}

    @extend_schema(
        operation_id="sweeps_cells",
        tags=["backtests"],
        parameters=[CellsQuery],
        responses=CellsSerializer,
        examples=[
            examples.one("one", {"next": None, "previous": None, "count": 1, "results": [examples.CELL]}),
        ],
    )
    def get(self, request: Request, sweep_id: UUID) -> Response:
        """Combinations, the best first, with their figures where they have been tried; sorted and narrowed by any
        figure or setting. Refused with `order_unknown`, `where_invalid` (400)."""
        asked = query_of(request, CellsQuery)
        cells = cells_of(self.run(sweep_id), asked["window"], Wanted(asked["order"], asked["where"]))
        if statuses := names_in(asked.get("status", ""), Cell.Status.values):
            cells = cells.filter(status__in=statuses)
        return rows_page(
            request, cells.count(), lambda start, stop: [cell_shape(cell) for cell in cells[start:stop]]
        )


class SweepCellRunView(_SweepView):
    """One of its combinations as a backtest of its own."""

    permissions_required: ClassVar = {"POST": Permission.RUN_BACKTESTS}

    @extend_schema(
        operation_id="sweeps_cells_run",
        tags=["backtests"],
        request=None,
        responses={202: RunSerializer},
        examples=[examples.one("queued", examples.QUEUED)],
    )
    def post(self, request: Request, sweep_id: UUID, number: int) -> Response:
        """Queue a backtest with the settings of a combination, on the sweep's own terms and text."""
        run = cell_start(actor=self.actor, run_id=sweep_id, number=number)
        return Response(run_shape(run_get(self.actor, run.pk)), status=202)


class _WalkForwardView(KindView):
    kind = Run.Kind.WALK_FORWARD

    def shape(self, run: Run) -> dict[str, Any]:
        return walk_forward_shape(run, ())

    def whole(self, run: Run) -> dict[str, Any]:
        """With the windows."""
        return walk_forward_shape(run, windows_of(run))


class WalkForwardsView(_WalkForwardView):
    """Walk-forwards."""

    permissions_required: ClassVar = READ_AND_RUN
    pagination_class = CursorPage

    @extend_schema(
        operation_id="walk_forwards_list",
        tags=["backtests"],
        parameters=[RunQuery],
        responses=WalkForwardSerializer(many=True),
        examples=[examples.one("done", examples.WALK_FORWARD | {"windows": []})],
    )
    def get(self, request: Request) -> Response:
        """Your organisation's walk-forwards, newest first; windows are told at each one's own address."""
        return self.listed(request)

    @extend_schema(
        operation_id="walk_forwards_create",
        tags=["backtests"],
        request=WalkForwardInput,
        responses={202: WalkForwardSerializer},
        examples=[
            examples.asked(
                "rolling, three months and one",
                examples.ASKED
                | {
                    "axes": {"fast": [5, 9, 13], "slow": [21, 34]},
                    "mode": "ROLLING",
                    "in_sample_days": 60,
                    "out_of_sample_days": 20,
                },
            ),
            examples.one("queued", examples.WALK_FORWARD | {"status": "QUEUED", "progress": 0.0}),
        ],
    )
    def post(self, request: Request) -> Response:
        """Queue a walk-forward.

        Refused as a sweep is, and with `windows_invalid`, `windows_too_few_days`, `windows_too_many` (400).
        """
        body = WalkForwardInput(data=request.data)
        values = read(body)
        run = walk_forward_start(actor=self.actor, terms=body.run_terms(values), search=body.search_terms(values))
        return Response(self.whole(run_get(self.actor, run.pk)), status=202)


class WalkForwardView(_WalkForwardView):
    """One walk-forward."""

    permissions_required: ClassVar = READ_AND_CHANGE

    @extend_schema(
        operation_id="walk_forwards_retrieve",
        tags=["backtests"],
        responses=WalkForwardSerializer,
        examples=[examples.one("done", examples.WALK_FORWARD)],
    )
    def get(self, request: Request, walk_forward_id: UUID) -> Response:
        """How far it is, its windows, and the figures of all tests in a row."""
        return Response(self.whole(self.run(walk_forward_id)))

    @extend_schema(
        operation_id="walk_forwards_update", tags=["backtests"], request=RunPatch, responses=WalkForwardSerializer
    )
    def patch(self, request: Request, walk_forward_id: UUID) -> Response:
        """Rename it, or write a note."""
        return self.changed(request, walk_forward_id)

    @extend_schema(operation_id="walk_forwards_delete", tags=["backtests"], responses={204: None})
    def delete(self, request: Request, walk_forward_id: UUID) -> Response:
        """Delete it with its windows; `run_live` before it has ended."""
        return self.deleted(walk_forward_id)


class WalkForwardCancelView(_WalkForwardView):
    """Ending one early."""

    permissions_required: ClassVar = {"POST": Permission.RUN_BACKTESTS}

    @extend_schema(
        operation_id="walk_forwards_cancel", tags=["backtests"], request=None, responses=WalkForwardSerializer
    )
    def post(self, request: Request, walk_forward_id: UUID) -> Response:
        """Cancel it; finished windows stay. `run_over` when it has ended already."""
        return self.ended(walk_forward_id)
