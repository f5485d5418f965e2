"""Positions, holdings and the portfolio over REST."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage, FromTheStart
from core.errors import InvalidInput
from trading.portfolio.api import examples
from trading.portfolio.selectors import (
    holding_rows,
    mark,
    portfolio_summary,
    position_rows,
    position_rows_first,
)
from trading.portfolio.serializers import (
    HoldingSerializer,
    PortfolioSerializer,
    PositionSerializer,
)

ACCOUNT_PARAMETER = OpenApiParameter("account", OpenApiTypes.UUID, description="Only this account.")


class PositionPage(CursorPage):
    """A desk's positions, whole where it can be: they are read together."""

    page_size = 200
    max_page_size = 500


class PositionsView(TenantAPIView):
    """Positions."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}
    pagination_class = PositionPage

    @extend_schema(
        operation_id="positions_list",
        parameters=[
            ACCOUNT_PARAMETER,
            OpenApiParameter("symbol", description="Only this instrument, as NSE:RELIANCE."),
            OpenApiParameter("open", OpenApiTypes.BOOL, description="Leave out what was closed today."),
        ],
        responses=PositionSerializer(many=True),
        examples=[OpenApiExample("position", value=examples.POSITION, response_only=True)],
        tags=["portfolio"],
    )
    def get(self, request: Request) -> Response:
        """Open positions and those closed today, at the latest prices."""
        if FromTheStart.is_asked_for(request):
            first = FromTheStart(lambda most: position_rows_first(self.actor, most))
            return self.paged(request, first, _shapes)
        rows = position_rows(
            self.actor,
            account_id=account_parameter(request),
            symbol=request.query_params.get("symbol"),
            only_open=request.query_params.get("open", "").lower() in {"1", "true"},
        )
        return self.paged(request, rows, _shapes)


class HoldingsView(TenantAPIView):
    """Holdings."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}
    pagination_class = PositionPage

    @extend_schema(
        operation_id="holdings_list",
        parameters=[ACCOUNT_PARAMETER],
        responses=HoldingSerializer(many=True),
        examples=[OpenApiExample("holding", value=examples.HOLDING, response_only=True)],
        tags=["portfolio"],
    )
    def get(self, request: Request) -> Response:
        """Shares held for delivery, at the latest prices."""
        rows = holding_rows(self.actor, account_id=account_parameter(request))
        return self.paged(request, rows, lambda page: [marked.holding_shape() for marked in mark(page)])


class PortfolioView(TenantAPIView):
    """The sum of it."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}

    @extend_schema(
        operation_id="portfolio_summary",
        parameters=[ACCOUNT_PARAMETER],
        responses=PortfolioSerializer,
        examples=[
            OpenApiExample(
                "portfolio",
                value=examples.PORTFOLIO,
            )
        ],
        tags=["portfolio"],
    )
    def get(self, request: Request) -> Response:
        """Equity, funds and P&L over the accounts that the caller may see, or over one."""
        return Response(portfolio_summary(self.actor, account_id=account_parameter(request)).as_strings())


def _shapes(page: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [marked.position_shape() for marked in mark(page)]


def account_parameter(request: Request) -> UUID | None:
    """The `account` of a query string. Raises InvalidInput when it is no id."""
    text = request.query_params.get("account")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("account is not an id.", errors={"account": ["Not a valid UUID."]}) from error
