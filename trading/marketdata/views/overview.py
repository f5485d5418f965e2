"""The market overview page."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission

from ..domain import overview
from ..selectors.overview import Index, overview_indices, overview_shares

_MOVERS = 8
_SPARK = (120, 32)
_LIVE_PART = "market-live"


class OverviewPageView(TenantPageMixin, View):
    """Indices, breadth, movers and sectors; cells are live, and the order is asked for anew now and then."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its live part alone for HTMX."""
        shares = overview_shares()
        context: dict[str, Any] = {
            "indices": [(index, spark_points(index)) for index in overview_indices()],
            "movers": (
                ("Gainers", "gainers", overview.gainers(shares, _MOVERS)),
                ("Losers", "losers", overview.losers(shares, _MOVERS)),
                ("Most active by value", "active", overview.most_active(shares, _MOVERS)),
            ),
            "breadth": overview.breadth(shares),
            "sectors": overview.by_sector(shares),
            "count": len(shares),
            "market_tab": "overview",
        }
        is_part = request.headers.get("HX-Target") == _LIVE_PART
        return render(request, "marketdata/_overview.html" if is_part else "marketdata/overview.html", context)


def spark_points(index: Index) -> str:
    """The day's course as points of an SVG polyline, the last one at the present price; '' with fewer than two."""
    prices: Sequence[Decimal] = (*index.spark[:-1], index.quote.ltp) if index.spark else ()
    if len(prices) < 2:
        return ""
    width, height = _SPARK
    low, high = min(prices), max(prices)
    span = (high - low) or Decimal(1)
    return " ".join(
        f"{place * width / (len(prices) - 1):.1f},{height - 2 - (price - low) * (height - 4) / span:.1f}"
        for place, price in enumerate(prices)
    )
