"""Order books over REST: every member may see them, no tenant owns them."""

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import query_of
from core.clock import wall_now
from core.errors import InvalidInput, NotFound
from trading.instruments.selectors import instrument_get

from .. import selectors
from ..serializers import DepthQuery, DepthSerializer, DepthShape
from .answer import KEY, answer

_BOOK = {
    "symbol": "NSE:RELIANCE",
    "ltp": "1420.10",
    "bids": [{"price": "1420.00", "quantity": 350, "orders": 4}],
    "asks": [{"price": "1420.10", "quantity": 122, "orders": 2}],
    "total_bid_quantity": 350,
    "total_ask_quantity": 122,
    "timestamp": "2026-11-20T05:10:01.250000Z",
    "stale": False,
    "source": "simulated",
    "state": "TWO_SIDED",
    "spread": "0.10",
    "spread_bps": "0.70",
    "mid": "1420.05",
    "microprice": "1420.0742",
    "imbalance": {"top": "0.4831", "depth": "0.4831", "weighted": "0.4831"},
    "cumulative": {
        "bids": [{"price": "1420.00", "cumulative_quantity": 350}],
        "asks": [{"price": "1420.10", "cumulative_quantity": 122}],
    },
    "execution": None,
}
_SIZE = _BOOK | {
    "execution": {
        "side": "BUY",
        "quantity": 200,
        "shown_quantity": 122,
        "beyond_quantity": 78,
        "levels": 1,
        "average_price": "1420.10",
        "worst_price": "1420.10",
        "notional": "173252.20",
        "slippage": "0.00",
        "slippage_bps": "0.00",
        "cost": "0.05",
        "cost_bps": "0.35",
    }
}


class DepthView(TenantAPIView):
    """The order book of one instrument."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="depth_retrieve",
        tags=["market data"],
        parameters=[KEY, DepthQuery],
        responses=DepthSerializer,
        examples=[
            OpenApiExample("a book", response_only=True, value=_BOOK),
            OpenApiExample("a book, and 200 units bought from it", response_only=True, value=_SIZE),
        ],
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """Up to five levels a side with spread and imbalance; with a size, what taking it would cost."""
        instrument = instrument_get(key)
        asked = query_of(request, DepthQuery)
        if len(asked) == 1:
            missing = "quantity" if "side" in asked else "side"
            raise InvalidInput(
                "A size to try needs a side and a quantity.",
                code="incomplete_size",
                errors={missing: ["is missing"]},
            )
        quote = selectors.quote_latest(instrument.key)
        if quote is None:
            raise NotFound(f"No feed has sent a quote of {instrument.key} yet.", code="no_quote")
        return answer(DepthShape.of(quote, wall_now(), settings.QUOTE_STALE_AFTER, **asked))
