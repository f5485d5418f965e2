"""Watchlists over REST."""

from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import read

from . import selectors, services
from .models import Watchlist
from .serializers import (
    ItemQuery,
    ItemsInput,
    WatchlistChange,
    WatchlistInput,
    WatchlistPageSerializer,
    WatchlistSerializer,
)

_EXAMPLE = {
    "id": "01999f3a-5c1e-7d3a-9c55-2f3f6a1b0c11",
    "name": "Banks",
    "owner": "01999f3a-5c1e-7d3a-9c55-2f3f6a1b0c12",
    "is_shared": False,
    "symbols": ["NSE:HDFCBANK", "NSE:SBIN"],
    "created_at": "2026-11-20T10:40:00+05:30",
}
_ANSWER = OpenApiExample("a list", response_only=True, value=_EXAMPLE)
_TAGS = ["watchlists"]


class _WatchlistAPIView(TenantAPIView):
    def answer(self, watchlist: Watchlist, code: int = status.HTTP_200_OK) -> Response:
        """The list as it now is."""
        return Response(WatchlistSerializer(selectors.watchlist_get(self.actor, watchlist.pk)).data, status=code)


class WatchlistsView(_WatchlistAPIView):
    """The caller's own lists and those shared with them."""

    permissions_required = {"GET": Permission.VIEW_MARKET, "POST": Permission.MANAGE_WATCHLISTS}

    @extend_schema(
        operation_id="watchlists_list",
        tags=_TAGS,
        responses=WatchlistPageSerializer,
        examples=[
            OpenApiExample(
                "lists", response_only=True, value={"next": None, "previous": None, "results": [_EXAMPLE]}
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Every list the caller may read, own ones first."""
        owned: Any = selectors.watchlists_by_ownership(self.actor)
        lists = WatchlistSerializer(owned, many=True).data
        return Response({"next": None, "previous": None, "results": lists})

    @extend_schema(
        operation_id="watchlists_create",
        tags=_TAGS,
        request=WatchlistInput,
        responses={201: WatchlistSerializer},
        examples=[_ANSWER, OpenApiExample("new", request_only=True, value={"name": "Banks"})],
    )
    def post(self, request: Request) -> Response:
        """A new, empty list."""
        data = read(WatchlistInput(data=request.data))
        return self.answer(services.watchlist_create(actor=self.actor, **data), status.HTTP_201_CREATED)


class WatchlistView(_WatchlistAPIView):
    """One list."""

    permissions_required = {
        "GET": Permission.VIEW_MARKET,
        "PATCH": Permission.MANAGE_WATCHLISTS,
        "DELETE": Permission.MANAGE_WATCHLISTS,
    }

    @extend_schema(
        operation_id="watchlists_retrieve", tags=_TAGS, responses=WatchlistSerializer, examples=[_ANSWER]
    )
    def get(self, request: Request, watchlist_id: UUID) -> Response:
        """The list with its instruments."""
        return Response(WatchlistSerializer(selectors.watchlist_get(self.actor, watchlist_id)).data)

    @extend_schema(
        operation_id="watchlists_update",
        tags=_TAGS,
        request=WatchlistChange,
        responses=WatchlistSerializer,
        examples=[
            _ANSWER,
            OpenApiExample("new order", request_only=True, value={"symbols": ["NSE:SBIN", "NSE:HDFCBANK"]}),
        ],
    )
    def patch(self, request: Request, watchlist_id: UUID) -> Response:
        """Rename, share or reorder, all or nothing."""
        data = read(WatchlistChange(data=request.data))
        symbols = data.pop("symbols", None)
        with transaction.atomic():
            watchlist = services.watchlist_update(actor=self.actor, watchlist_id=watchlist_id, **data)
            if symbols is not None:
                services.watchlist_reorder(actor=self.actor, watchlist_id=watchlist_id, keys=symbols)
        return self.answer(watchlist)

    @extend_schema(operation_id="watchlists_delete", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, watchlist_id: UUID) -> Response:
        """Delete the list."""
        services.watchlist_delete(actor=self.actor, watchlist_id=watchlist_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class WatchlistItemsView(_WatchlistAPIView):
    """The instruments of a list."""

    permissions_required = {"POST": Permission.MANAGE_WATCHLISTS, "DELETE": Permission.MANAGE_WATCHLISTS}

    @extend_schema(
        operation_id="watchlists_items_add",
        tags=_TAGS,
        request=ItemsInput,
        responses=WatchlistSerializer,
        examples=[_ANSWER, OpenApiExample("two", request_only=True, value={"symbols": ["NSE:SBIN", "NSE:TCS"]})],
    )
    def post(self, request: Request, watchlist_id: UUID) -> Response:
        """Put instruments at the end; those already on the list stay where they are."""
        data = read(ItemsInput(data=request.data))
        return self.answer(
            services.watchlist_items_add(actor=self.actor, watchlist_id=watchlist_id, keys=data["symbols"])
        )

    @extend_schema(
        operation_id="watchlists_items_remove",
        tags=_TAGS,
        parameters=[ItemQuery],
        responses=WatchlistSerializer,
        examples=[_ANSWER],
    )
    def delete(self, request: Request, watchlist_id: UUID) -> Response:
        """Take one instrument off the list."""
        data = read(ItemQuery(data=request.query_params))
        return self.answer(
            services.watchlist_item_remove(actor=self.actor, watchlist_id=watchlist_id, key=data["symbol"])
        )
