"""What a resident declares, exports, and the conventions."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from analytics.api.examples import CONVENTIONS
from analytics.api.performance import ScopedView
from analytics.domain.tax.rates import financial_year
from analytics.selectors import Scope, history_of, reckoning_of, scope_for
from analytics.selectors.exports import CONTENT_TYPES, Format, Table, export
from analytics.selectors.tax import tax_of
from analytics.serializers.files import file_response
from analytics.serializers.scope import ConventionsSerializer
from analytics.serializers.tax import (
    DISCLAIMER,
    ConventionsInput,
    ExportQuery,
    TaxQuery,
    TaxSerializer,
    reckoning_shape,
    tax_shape,
)
from analytics.services import conventions_set
from core import clock
from core.api.reading import body_of, query_of

_BUSINESS = {
    "trades": 120,
    "profit": "184200.00",
    "loss": "131400.00",
    "charges": "21870.44",
    "result": "30929.56",
    "turnover": "315600.00",
}
_GAINS = {
    "trades": 4,
    "sales": "412000.00",
    "net": "23811.20",
    "exemption": "0.00",
    "taxable": "23811.20",
    "tax": "4762.24",
}
_EXAMPLE = {
    "year": "2026-27",
    "speculative": _BUSINESS,
    "non_speculative": _BUSINESS,
    "short_term": _GAINS,
    "long_term": _GAINS | {"exemption": "125000.00", "taxable": "0.00", "tax": "0.00"},
    "dividends": "1240.00",
    "turnover": "631200.00",
    "gains": [
        {
            "term": "SHORT",
            "symbol": "NSE:ITC",
            "quantity": 100,
            "bought": "2026-06-02",
            "sold": "2026-09-14",
            "gain": "2210.40",
            "rate": "0.2000",
        }
    ],
    "disclaimer": DISCLAIMER,
}
_INDEX = CONVENTIONS | {"index": "NSE:NIFTY"}


class TaxView(TenantAPIView):
    """A financial year."""

    permissions_required = {"GET": Permission.VIEW_ANALYTICS}

    @extend_schema(
        operation_id="analytics_tax",
        parameters=[TaxQuery],
        responses=TaxSerializer,
        examples=[OpenApiExample("year", value=_EXAMPLE, response_only=True)],
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Speculative and non-speculative business, capital gains and turnover of a resident's year. No advice."""
        query = query_of(request, TaxQuery)
        history = history_of(scope_for(self.actor, account_id=query.get("account")))
        year = query.get("year") or financial_year(clock.trading_date())
        return Response(tax_shape(tax_of(history, year), history))


class ExportView(ScopedView):
    """Tables to take away."""

    permissions_required = {"GET": Permission.EXPORT}

    @extend_schema(
        operation_id="analytics_export",
        parameters=[ExportQuery],
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY, description="A CSV or XLSX file."),
            (200, CONTENT_TYPES[Format.XLSX]): OpenApiResponse(OpenApiTypes.BINARY),
        },
        tags=["analytics"],
    )
    def get(self, request: Request) -> HttpResponse:
        """Trades, days, symbols, strategies or taxed sales as CSV or XLSX; at most 50,000 rows."""
        query = query_of(request, ExportQuery)
        scope: Scope = self.scope(query)
        table, form = Table(query["table"]), Format(query["file"])
        content = export(
            history_of(scope),
            scope,
            table,
            form,
            organisation_id=self.actor.organisation_id,
            year=query.get("year") or financial_year(clock.trading_date()),
        )
        return file_response(content, table, form)


class ConventionsView(TenantAPIView):
    """How figures are reckoned."""

    permissions_required = {"GET": Permission.VIEW_ANALYTICS, "PUT": Permission.MANAGE_ORGANISATION}

    @extend_schema(
        operation_id="analytics_conventions",
        responses=ConventionsSerializer,
        examples=[OpenApiExample("conventions", value=_INDEX, response_only=True)],
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """The organisation's conventions."""
        return Response(reckoning_shape(reckoning_of(self.actor.organisation_id)))

    @extend_schema(
        operation_id="analytics_conventions_set",
        request=ConventionsInput,
        responses=ConventionsSerializer,
        examples=[
            OpenApiExample("conventions", value=_INDEX, response_only=True),
            OpenApiExample(
                "stricter",
                value={"periods_per_year": 252, "risk_free": "0.07", "confidence": "0.99", "index": "NSE:NIFTY"},
                request_only=True,
            ),
        ],
        tags=["analytics"],
    )
    def put(self, request: Request) -> Response:
        """Reckon so from now on, the past too."""
        body = body_of(request, ConventionsInput)
        row = conventions_set(
            actor=self.actor,
            periods_per_year=body["periods_per_year"],
            risk_free=body["risk_free"],
            confidence=body["confidence"],
            index_key=body["index"],
        )
        return Response(reckoning_shape(row))
