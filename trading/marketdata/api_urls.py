"""The API of market data, under /api/v1/."""

from django.urls import path

from . import api

urlpatterns = [
    path("quotes", api.QuotesView.as_view(), name="quotes"),
    path("depth/<str:key>", api.DepthView.as_view(), name="depth"),
    path("candles/<str:key>", api.CandlesView.as_view(), name="candles"),
    path("indicators", api.IndicatorsView.as_view(), name="indicators"),
    path("indicators/<str:name>", api.IndicatorView.as_view(), name="indicator"),
    path("chart-layouts", api.ChartLayoutsView.as_view(), name="chart-layouts"),
    path("chart-layouts/<str:key>", api.ChartLayoutView.as_view(), name="chart-layout"),
    path("chart-drawings", api.ChartDrawingsView.as_view(), name="chart-drawings"),
    path("chart-drawings/<uuid:drawing_id>", api.ChartDrawingView.as_view(), name="chart-drawing"),
    path("datafeed-tokens", api.DatafeedTokensView.as_view(), name="datafeed-tokens"),
    path("datafeed-tokens/<uuid:token_id>", api.DatafeedTokenView.as_view(), name="datafeed-token"),
    path("market/feeds", api.FeedsView.as_view(), name="market-feeds"),
]
