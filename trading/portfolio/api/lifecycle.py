"""What happens to positions besides trades, and when they are squared off, over REST."""

from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.fields import InstantField, PriceField
from core.api.pagination import CursorPage
from trading.portfolio.models.lifecycle import SEGMENTS
from trading.portfolio.models.position_event import EVENT_KINDS
from trading.portfolio.selectors import account_get
from trading.portfolio.selectors.history import position_event_shape, position_events, square_off_due

EVENT = {
    "id": "01999f3a-5c1e-7d3a-9c55-2f3f6a1b0c31",
    "position": "01999f3a-5c1e-7d3a-9c55-2f3f6a1b0c11",
    "kind": "EXERCISE",
    "quantity_change": -65,
    "price": "123.4500",
    "value": "8024.25",
    "realised_pnl": "2824.25",
    "charges": "12.04",
    "description": "NFO:NIFTY26NOV24000CE exercised: NSE:NIFTY settled at ₹24,123.45; ₹123.45 a unit in cash",
    "at": "2026-11-24T15:40:00+05:30",
}


DUE = {
    "segment": "EQUITY_FNO",
    "symbols": ["NSE:RELIANCE"],
    "warn_at": "2026-11-16T15:00:00+05:30",
    "square_off_at": "2026-11-16T15:10:00+05:30",
    "fee": "50.00",
    "is_near": False,
}


class PositionEventSerializer(serializers.Serializer[dict[str, object]]):
    """What happened to a position besides trades; amounts in rupees."""

    id = serializers.UUIDField()
    position = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=EVENT_KINDS)
    quantity_change = serializers.IntegerField(help_text="Signed.")
    price = PriceField(allow_null=True)
    value = PriceField(help_text="What the units were worth that came or went, or the cash that was paid.")
    realised_pnl = PriceField()
    charges = PriceField()
    description = serializers.CharField()
    at = InstantField()


class SquareOffSerializer(serializers.Serializer[dict[str, object]]):
    """Open intraday positions of a segment, and when they are closed for their owner."""

    segment = serializers.ChoiceField(choices=SEGMENTS)
    symbols = serializers.ListField(child=serializers.CharField())
    warn_at = InstantField()
    square_off_at = InstantField(help_text="From then on no new INTRADAY order is taken (`intraday_cutoff`).")
    fee = PriceField(help_text="Rupees for each closing order, before GST.")
    is_near = serializers.BooleanField(help_text="The warning has been given.")


class SquareOffListSerializer(serializers.Serializer[dict[str, object]]):
    """The square-offs of today that concern open positions, soonest first."""

    due = SquareOffSerializer(many=True)


class PositionEventPage(CursorPage):
    """Newest first."""

    ordering = ("-recorded_at", "-id")  # type: ignore[assignment]


class PositionEventsView(TenantAPIView):
    """A position's history besides its trades."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}
    pagination_class = PositionEventPage

    @extend_schema(
        operation_id="positions_events",
        responses=PositionEventSerializer(many=True),
        examples=[OpenApiExample("exercise", value=EVENT, response_only=True)],
        tags=["portfolio"],
    )
    def get(self, request: Request, position_id: UUID) -> Response:
        """Conversions, settlements, corporate actions, interest and fees, newest first."""
        rows = position_events(self.actor, position_id)
        return self.paged(request, rows, lambda page: [position_event_shape(row) for row in page])


class SquareOffView(TenantAPIView):
    """When an account's intraday positions are closed."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}

    @extend_schema(
        operation_id="accounts_square_off",
        responses=SquareOffListSerializer,
        examples=[OpenApiExample("due", value={"due": [DUE]})],
        tags=["accounts"],
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        """The square-offs of today that concern open positions, soonest first; empty when there are none."""
        account = account_get(self.actor, account_id)
        return Response({"due": [due.as_strings() for due in square_off_due(account)]})
