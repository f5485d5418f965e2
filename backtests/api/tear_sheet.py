"""A backtest's report on paper."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from analytics.pdf import TearSheet, tear_sheet_pdf
from analytics.serializers.files import PDF, pdf_response
from core import clock
from core.templatetags.desk import ist

from ..models import Run
from ..selectors.results import reports_for
from ..selectors.runs import run_get


class BacktestTearSheetView(TenantAPIView):
    """The tear sheet of a backtest."""

    permissions_required: ClassVar = {"GET": Permission.EXPORT}

    @extend_schema(
        operation_id="backtests_tear_sheet",
        tags=["backtests"],
        responses={(200, PDF): OpenApiResponse(OpenApiTypes.BINARY, description="Two pages of A4.")},
    )
    def get(self, request: Request, backtest_id: UUID) -> HttpResponse:
        """Figures, growth, drawdowns, months and conventions as a PDF, drawn as an account's are."""
        run = run_get(self.actor, backtest_id, Run.Kind.BACKTEST)
        sheet = TearSheet(
            title=run.name,
            about=["Backtest"],
            made_at=f"{ist(clock.now())} IST",
            notes=["A backtest: what a strategy would have done on past prices, not what anybody did."],
        )
        return pdf_response(tear_sheet_pdf(reports_for([run])[run.pk], sheet), "backtest")
