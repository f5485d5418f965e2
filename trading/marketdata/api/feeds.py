"""The state of feeds over REST."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission

from .. import selectors
from ..serializers import (
    FeedShape,
    FeedsSerializer,
)
from .answer import answer


class FeedsView(TenantAPIView):
    """How the feeds are doing."""

    permissions_required = {"GET": Permission.VIEW_MARKET}

    @extend_schema(
        operation_id="feeds_list",
        tags=["market data"],
        responses=FeedsSerializer,
        examples=[
            OpenApiExample(
                "one feed",
                response_only=True,
                value={
                    "next": None,
                    "previous": None,
                    "results": [
                        {
                            "source": "simulated",
                            "state": "LIVE",
                            "detail": "",
                            "priority": 0,
                            "instruments": 50,
                            "leads": 50,
                            "takeovers": 0,
                            "started_at": "2026-11-20T03:45:00Z",
                            "reported_at": "2026-11-20T05:10:01Z",
                            "last_tick_at": "2026-11-20T05:10:00.900000Z",
                            "lag_seconds": 0.012,
                            "resubscriptions": 0,
                            "reconnections": 0,
                            "attempts": 0,
                            "next_attempt_at": None,
                            "ticks": 91022,
                            "rejected": {"out_of_order": 3},
                            "recorded": 91022,
                            "recorder_fault": "",
                        }
                    ],
                },
            )
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        """Each feed's state, age and counters of refused ticks by reason."""
        shapes = [
            FeedShape.of(status, selectors.feed_state(status)) for status in selectors.feed_statuses().values()
        ]
        return answer({"next": None, "previous": None, "results": shapes})
