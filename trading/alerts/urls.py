"""The watchlist page and its parts."""

from django.urls import path

from . import views

app_name = "alerts"

urlpatterns = [
    path("", views.WatchlistView.as_view(), name="watchlist"),
    path("panel/", views.PanelView.as_view(), name="panel"),
    path("suggest/", views.SuggestView.as_view(), name="suggest"),
    path("create/", views.CreateView.as_view(), name="create"),
    path("<uuid:watchlist_id>/update/", views.UpdateView.as_view(), name="update"),
    path("<uuid:watchlist_id>/delete/", views.DeleteView.as_view(), name="delete"),
    path("<uuid:watchlist_id>/add/", views.ItemAddView.as_view(), name="item_add"),
    path("<uuid:watchlist_id>/remove/", views.ItemRemoveView.as_view(), name="item_remove"),
    path("<uuid:watchlist_id>/move/", views.ItemMoveView.as_view(), name="item_move"),
]
