"""The tear sheet as a file."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from accounts.domain.permissions import Permission
from analytics.api.performance import ScopedView
from analytics.selectors.tear_sheet import tear_sheet_file
from analytics.serializers.files import PDF, pdf_response
from analytics.serializers.scope import ScopeQuery
from core.api.reading import query_of


class TearSheetView(ScopedView):
    """A report on paper."""

    permissions_required = {"GET": Permission.EXPORT}

    @extend_schema(
        operation_id="analytics_tear_sheet",
        parameters=[ScopeQuery],
        responses={(200, PDF): OpenApiResponse(OpenApiTypes.BINARY, description="Two pages of A4.")},
        tags=["analytics"],
    )
    def get(self, request: Request) -> HttpResponse:
        """Figures, growth, drawdowns, months and conventions of a span as a PDF of two pages, drawn as vectors."""
        scope = self.scope(query_of(request, ScopeQuery))
        return pdf_response(tear_sheet_file(scope, organisation_id=self.actor.organisation_id), "tear-sheet")
