"""Results as files."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import query_of

from ..models import Run
from ..selectors.exports import CONTENT_TYPES, OFFERED, Form, What, export, filename
from ..selectors.runs import run_get


class ExportQuery(serializers.Serializer[Any]):
    """Which rows, and how the file is written."""

    rows = serializers.ChoiceField(
        choices=[each.value for each in OFFERED[Run.Kind.BACKTEST]], default=What.TRADES.value
    )
    to = serializers.ChoiceField(choices=[each.value for each in Form], default=Form.CSV.value)


class SweepExportQuery(serializers.Serializer[Any]):
    """How the file is written."""

    to = serializers.ChoiceField(choices=[each.value for each in Form], default=Form.CSV.value)


class WalkForwardExportQuery(SweepExportQuery):
    """Which rows: windows, the days out of sample in a row, their trades, or all combinations of all windows."""

    rows = serializers.ChoiceField(
        choices=[each.value for each in OFFERED[Run.Kind.WALK_FORWARD]], default=What.WINDOWS.value
    )


_FILES = {
    (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR),
    (200, "application/json"): OpenApiResponse(OpenApiTypes.OBJECT),
    (200, "application/vnd.apache.parquet"): OpenApiResponse(OpenApiTypes.BINARY),
}


class BacktestExportView(TenantAPIView):
    """A result as a file."""

    permissions_required: ClassVar = {"GET": Permission.EXPORT}

    @extend_schema(operation_id="backtests_export", tags=["backtests"], parameters=[ExportQuery], responses=_FILES)
    def get(self, request: Request, backtest_id: UUID) -> HttpResponse:
        """CSV for spreadsheets, Parquet with exact decimals and times, or JSON; times in India's zone."""
        asked = query_of(request, ExportQuery)
        return _file(run_get(self.actor, backtest_id, Run.Kind.BACKTEST), What(asked["rows"]), Form(asked["to"]))


class SweepExportView(TenantAPIView):
    """The combinations of a sweep as a file."""

    permissions_required: ClassVar = {"GET": Permission.EXPORT}

    @extend_schema(
        operation_id="sweeps_export", tags=["backtests"], parameters=[SweepExportQuery], responses=_FILES
    )
    def get(self, request: Request, sweep_id: UUID) -> HttpResponse:
        """Every combination with its settings and all figures, as CSV, Parquet or JSON."""
        asked = query_of(request, SweepExportQuery)
        return _file(run_get(self.actor, sweep_id, Run.Kind.SWEEP), What.CELLS, Form(asked["to"]))


class WalkForwardExportView(TenantAPIView):
    """A walk-forward as a file."""

    permissions_required: ClassVar = {"GET": Permission.EXPORT}

    @extend_schema(
        operation_id="walk_forwards_export",
        tags=["backtests"],
        parameters=[WalkForwardExportQuery],
        responses=_FILES,
    )
    def get(self, request: Request, walk_forward_id: UUID) -> HttpResponse:
        """Windows with their figures in sample and out, the equity of all tests in a row (`daily`), trades, or
        combinations; as CSV, Parquet or JSON."""
        asked = query_of(request, WalkForwardExportQuery)
        run = run_get(self.actor, walk_forward_id, Run.Kind.WALK_FORWARD)
        return _file(run, What(asked["rows"]), Form(asked["to"]))


def _file(run: Run, what: What, form: Form) -> HttpResponse:
    return HttpResponse(
        export(run, what, form),
        content_type=CONTENT_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{filename(run, what, form)}"'},
    )
