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
from ..selectors.exports import CONTENT_TYPES, Form, What, export, filename
from ..selectors.runs import run_get


class ExportQuery(serializers.Serializer[Any]):
    """Which rows, and how the file is written."""

    rows = serializers.ChoiceField(choices=[each.value for each in What], default=What.TRADES.value)
    to = serializers.ChoiceField(choices=[each.value for each in Form], default=Form.CSV.value)


class BacktestExportView(TenantAPIView):
    """A result as a file."""

    permissions_required: ClassVar = {"GET": Permission.EXPORT}

    @extend_schema(
        operation_id="backtests_export",
        tags=["backtests"],
        parameters=[ExportQuery],
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR),
            (200, "application/json"): OpenApiResponse(OpenApiTypes.OBJECT),
            (200, "application/vnd.apache.parquet"): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def get(self, request: Request, backtest_id: UUID) -> HttpResponse:
        """CSV for spreadsheets, Parquet with exact decimals and times, or JSON; times in India's zone."""
        asked = query_of(request, ExportQuery)
        run = run_get(self.actor, backtest_id, Run.Kind.BACKTEST)
        what, form = What(asked["rows"]), Form(asked["to"])
        return HttpResponse(
            export(run, what, form),
            content_type=CONTENT_TYPES[form],
            headers={"Content-Disposition": f'attachment; filename="{filename(run, what, form)}"'},
        )
