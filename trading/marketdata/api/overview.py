"""The market overview over REST."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import query_of

from ..domain import overview
from ..selectors.overview import overview_indices, overview_shares
from ..serializers.overview import (
    IndexShape,
    OverviewQuery,
    OverviewSerializer,
    OverviewShape,
    SectorShape,
    ShareShape,
)
from .answer import answer

_YEAR = {"low": "1101.00", "high": "1480.20", "days": 248, "position": "83.2"}
_SHARE = {
    "symbol": "NSE:RELIANCE",
    "name": "Reliance Industries",
    "sector": "Oil, Gas and Consumable Fuels",
    "ltp": "1420.10",
    "change": "12.10",
    "change_pct": "0.86",
    "volume": 4210533,
    "value": "5979377913.30",
    "year": _YEAR,
}
_EXAMPLE = {
    "indices": [
        {
            "symbol": "NSE:NIFTY",
            "name": "NIFTY 50",
            "ltp": "24310.50",
            "change": "88.20",
            "change_pct": "0.36",
            "spark": ["24222.30", "24260.10", "24310.50"],
            "year": None,
        }
    ],
    "gainers": [_SHARE],
    "losers": [],
    "active": [_SHARE],
    "breadth": {
        "advances": 31,
        "declines": 18,
        "unchanged": 1,
        "above_open": 28,
        "below_open": 22,
        "at_year_high": 2,
        "at_year_low": 0,
    },
    "sectors": [
        {
            "name": "Oil, Gas and Consumable Fuels",
            "change_pct": "0.71",
            "value": "9120377913.30",
            "advances": 3,
            "declines": 0,
            "symbols": ["NSE:RELIANCE", "NSE:ONGC", "NSE:COALINDIA"],
        }
    ],
}


class OverviewView(TenantAPIView):
    """The market at a glance."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="market_overview_retrieve",
        tags=["market data"],
        parameters=[OverviewQuery],
        responses=OverviewSerializer,
        examples=[OpenApiExample("a day", response_only=True, value=_EXAMPLE)],
    )
    def get(self, request: Request) -> HttpResponse:
        """Indices, movers, breadth and sectors of NSE's quoted shares, from the latest quotes."""
        count = query_of(request, OverviewQuery)["movers"]
        shares = overview_shares()
        return answer(
            OverviewShape(
                indices=[IndexShape.of(index) for index in overview_indices()],
                gainers=[ShareShape.of(share) for share in overview.gainers(shares, count)],
                losers=[ShareShape.of(share) for share in overview.losers(shares, count)],
                active=[ShareShape.of(share) for share in overview.most_active(shares, count)],
                breadth=overview.breadth(shares),
                sectors=[SectorShape.of(sector) for sector in overview.by_sector(shares)],
            )
        )
