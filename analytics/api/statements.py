"""Brokers' statements over REST."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from analytics.selectors.statements import comparison_of, statement_get, statement_rows, statements_for
from analytics.serializers.statements import (
    ComparisonSerializer,
    PreviewSerializer,
    StatementDetailSerializer,
    StatementFormatsSerializer,
    StatementInput,
    StatementRowSerializer,
    StatementSerializer,
    StatementsQuery,
    WayInput,
    comparison_shape,
    formats_shape,
    row_shape,
)
from analytics.services.statements import statement_delete, statement_import, statement_preview
from core.api.pagination import CursorPage
from core.api.reading import query_of, read

_TAGS = ["statements"]
# A body in JSON is understood too, and told that it brings no file.
_PARSERS: list[Any] = [MultiPartParser, *api_settings.DEFAULT_PARSER_CLASSES]
_STATEMENT = {
    "id": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d5e",
    "account": "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10",
    "kind": "TRADES",
    "format": "zerodha-tradebook",
    "file_name": "tradebook-AB1234-EQ.csv",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "first_day": "2026-11-02",
    "last_day": "2026-11-20",
    "rows": 118,
    "repeated": 0,
    "skipped": 2,
    "imported_by": "trader@alpha.demo",
    "imported_at": "2026-11-20T16:10:00+05:30",
}
_DETAIL = {**_STATEMENT, "faults": []}
_PREVIEW: dict[str, Any] = {
    "sheets": [""],
    "sheet": "",
    "format": "",
    "kind": "TRADES",
    "columns": ["When", "What", "Dir", "Units", "Rs each"],
    "samples": [["02/11/2026", "INFY", "S", "7", "1500.25"]],
    "mapping": {},
    "day": None,
}
_ROW = {
    "id": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d5f",
    "row": 2,
    "day": "2026-11-02",
    "symbol": "INFY",
    "instrument": "NSE:INFY",
    "quantity": 10,
    "side": "BUY",
    "price": "1500.25",
    "trade_id": "7001",
    "order_id": "1100000000000001",
}
_COMPARISON = {
    "agrees": False,
    "matched": 117,
    "differences": [
        {
            "kind": "NOT_HERE",
            "day": "2026-11-04",
            "symbol": "NSE:INFY",
            "side": "BUY",
            "quantity_gap": 10,
            "value_gap": "15002.50",
            "told": [{"id": _ROW["id"], "quantity": 10, "price": "1500.25", "trade_id": "7002"}],
            "ours": [],
        }
    ],
    "charges": [],
    "holdings": None,
    "ledger": None,
}


class StatementsView(TenantAPIView):
    """Imported files."""

    permissions_required = {"GET": Permission.VIEW_ANALYTICS, "POST": Permission.IMPORT_STATEMENTS}
    pagination_class = CursorPage
    parser_classes = _PARSERS

    @extend_schema(
        operation_id="statements_list",
        tags=_TAGS,
        parameters=[StatementsQuery],
        responses=StatementSerializer(many=True),
        examples=[OpenApiExample("statement", value=_STATEMENT, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Statements of the accounts that the caller may see, the newest first."""
        query = query_of(request, StatementsQuery)
        found = statements_for(self.actor, account_id=query.get("account"), kind=query.get("kind"))
        return self.paged(request, found, _statements)

    @extend_schema(
        operation_id="statements_import",
        tags=_TAGS,
        request={"multipart/form-data": StatementInput},
        responses={201: StatementDetailSerializer, 200: StatementDetailSerializer},
        examples=[OpenApiExample("statement", value=_DETAIL, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Keep a file: 201, or 200 with the statement that has it already."""
        data = read(StatementInput(data=request.data))
        found = statement_import(
            actor=self.actor,
            account_id=data["account"],
            file_name=data["file"].name,
            content=data["file"].read(),
            way=StatementInput.way(data),
            leave_out_faults=data["leave_out_faults"],
        )
        answer = StatementDetailSerializer(statement_get(self.actor, found.statement.id)).data
        return Response(answer, status=status.HTTP_201_CREATED if found.is_new else status.HTTP_200_OK)


class StatementPreviewView(TenantAPIView):
    """A look into a file."""

    permissions_required = {"POST": Permission.IMPORT_STATEMENTS}
    parser_classes = _PARSERS

    @extend_schema(
        operation_id="statements_preview",
        tags=_TAGS,
        request={"multipart/form-data": WayInput},
        responses=PreviewSerializer,
        examples=[OpenApiExample("preview", value=_PREVIEW, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Its columns, some rows, and a guess of what they mean; nothing is kept."""
        data = read(WayInput(data=request.data))
        preview = statement_preview(data["file"].read(), WayInput.way(data))
        return Response(PreviewSerializer(preview).data)


class StatementFormatsView(TenantAPIView):
    """What is understood."""

    permissions_required = {"GET": Permission.VIEW_ANALYTICS}

    @extend_schema(
        operation_id="statement_formats",
        tags=_TAGS,
        responses=StatementFormatsSerializer,
        examples=[
            OpenApiExample(
                "formats",
                response_only=True,
                value={
                    "formats": [
                        {
                            "key": "zerodha-tradebook",
                            "broker": "zerodha",
                            "kind": "TRADES",
                            "title": "Zerodha Console: tradebook",
                        }
                    ],
                    "fields": [{"kind": "TRADES", "name": "date", "title": "Trade date", "required": True}],
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Files that are known by their header, and the fields of a mapping."""
        return Response(StatementFormatsSerializer(formats_shape()).data)


class StatementView(TenantAPIView):
    """One file."""

    permissions_required = {"GET": Permission.VIEW_ANALYTICS, "DELETE": Permission.IMPORT_STATEMENTS}

    @extend_schema(
        operation_id="statements_retrieve",
        tags=_TAGS,
        responses=StatementDetailSerializer,
        examples=[OpenApiExample("statement", value=_DETAIL, response_only=True)],
    )
    def get(self, request: Request, statement_id: UUID) -> Response:
        """The file with the rows that were left out."""
        return Response(StatementDetailSerializer(statement_get(self.actor, statement_id)).data)

    @extend_schema(operation_id="statements_delete", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, statement_id: UUID) -> Response:
        """Take it out with all of its rows; our own book is not touched."""
        statement_delete(actor=self.actor, statement_id=statement_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class StatementRowsView(TenantAPIView):
    """What a file told."""

    permissions_required = {"GET": Permission.VIEW_ANALYTICS}
    pagination_class = CursorPage

    @extend_schema(
        operation_id="statements_rows",
        tags=_TAGS,
        responses=StatementRowSerializer(many=True),
        examples=[OpenApiExample("row", value=_ROW, response_only=True)],
    )
    def get(self, request: Request, statement_id: UUID) -> Response:
        """The rows that this file told first, the last of the file first."""
        rows = statement_rows(statement_get(self.actor, statement_id))
        return self.paged(request, rows, _rows)


class StatementDifferencesView(TenantAPIView):
    """A file against our own book."""

    permissions_required = {"GET": Permission.VIEW_ANALYTICS}

    @extend_schema(
        operation_id="statements_differences",
        tags=_TAGS,
        responses=ComparisonSerializer,
        examples=[OpenApiExample("differences", value=_COMPARISON, response_only=True)],
    )
    def get(self, request: Request, statement_id: UUID) -> Response:
        """What does not agree: trades and charges of its days, holdings, or the balance."""
        comparison = comparison_of(statement_get(self.actor, statement_id))
        return Response(ComparisonSerializer(comparison_shape(comparison)).data)


def _statements(page: Sequence[Any]) -> Any:
    return StatementSerializer(list(page), many=True).data  # type: ignore[arg-type]


def _rows(page: Sequence[Any]) -> Any:
    return StatementRowSerializer([row_shape(row) for row in page], many=True).data
