"""The API of a day's charges, under /api/v1/."""

from datetime import date
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core import clock
from core.api.fields import PriceField
from core.errors import InvalidInput
from trading.orders.selectors.charges import day_charges
from trading.portfolio.models.position_event import EVENT_KINDS

_LINES = {
    "total": "95.60",
    "brokerage": "20.00",
    "stt": "60.00",
    "exchange": "9.22",
    "sebi": "0.30",
    "stamp": "0.75",
    "gst": "5.33",
}
EXAMPLE = {
    "date": "2026-11-16",
    "plan": "zerodha",
    "trades": 2,
    "posted": _LINES,
    "contract_note": _LINES,
    "fees": {"DP_CHARGE": "15.34"},
}


class ChargeLinesSerializer(serializers.Serializer[dict[str, object]]):
    """Rupees by line."""

    total = PriceField()
    brokerage = PriceField()
    stt = PriceField()
    exchange = PriceField(help_text="With the investor-protection levy.")
    sebi = PriceField()
    stamp = PriceField()
    gst = PriceField()


class DayChargesSerializer(serializers.Serializer[dict[str, object]]):
    """A day's charges. `posted` is what the ledger took, each fill to the paisa; `contract_note` the same trades
    rounded as a contract note rounds them."""

    date = serializers.DateField()
    plan = serializers.CharField()
    trades = serializers.IntegerField()
    posted = ChargeLinesSerializer()
    contract_note = ChargeLinesSerializer()
    fees = serializers.DictField(
        child=PriceField(),
        help_text=f"Besides trades, by event: {', '.join(kind for kind, _ in EVENT_KINDS)}.",
    )


class DayChargesView(TenantAPIView):
    """What a day cost."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}

    @extend_schema(
        operation_id="accounts_charges",
        parameters=[OpenApiParameter("date", OpenApiTypes.DATE, description="Indian date; today unless given.")],
        responses=DayChargesSerializer,
        examples=[OpenApiExample("charges", value=EXAMPLE)],
        tags=["accounts"],
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        """Charges of one day line by line, as posted and as a contract note rounds them."""
        return Response(day_charges(self.actor, account_id, date_parameter(request)).as_strings())


def date_parameter(request: Request) -> date:
    """The `date` of a query string, today without one. Raises InvalidInput when it is none."""
    text = request.query_params.get("date")
    if not text:
        return clock.trading_date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("date is no date.", code="invalid_date", errors={"date": ["Use YYYY-MM-DD."]}) from error
