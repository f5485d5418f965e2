"""The API of watchlists, under /api/v1/."""

from django.urls import path

from . import api

urlpatterns = [
    path("watchlists", api.WatchlistsView.as_view(), name="watchlists"),
    path("watchlists/<uuid:watchlist_id>", api.WatchlistView.as_view(), name="watchlist"),
    path("watchlists/<uuid:watchlist_id>/items", api.WatchlistItemsView.as_view(), name="watchlist-items"),
]
