"""The API of market data, under /api/v1/."""

from django.urls import path

from . import api

urlpatterns = [
    path("quotes", api.QuotesView.as_view(), name="quotes"),
    path("depth/<str:key>", api.DepthView.as_view(), name="depth"),
    path("candles/<str:key>", api.CandlesView.as_view(), name="candles"),
    path("indicators", api.IndicatorsView.as_view(), name="indicators"),
    path("indicators/<str:name>", api.IndicatorView.as_view(), name="indicator"),
    path("market/feeds", api.FeedsView.as_view(), name="market-feeds"),
]
