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
    path("options/<str:underlying>/expiries", api.ExpiriesView.as_view(), name="option-expiries"),
    path("options/<str:underlying>/chain", api.ChainView.as_view(), name="option-chain"),
    path("options/<str:underlying>/analytics", api.ChainAnalyticsView.as_view(), name="option-analytics"),
    path("options/<str:underlying>/series", api.ChainSeriesView.as_view(), name="option-series"),
    path("option-bars/<str:key>", api.StrikeBarsView.as_view(), name="option-bars"),
    path("futures/<str:underlying>", api.FuturesView.as_view(), name="futures-curve"),
    path("market/daily/<str:key>", api.DailyBarsView.as_view(), name="market-daily"),
    path("market/gaps", api.GapsView.as_view(), name="market-gaps"),
    path("market/backfills", api.BackfillsView.as_view(), name="market-backfills"),
    path("market/backfills/<uuid:backfill_id>", api.BackfillView.as_view(), name="market-backfill"),
    path("market/imports", api.ImportsView.as_view(), name="market-imports"),
    path("market/storage", api.StorageView.as_view(), name="market-storage"),
    path("market/overview", api.OverviewView.as_view(), name="market-overview"),
    path("market/feeds", api.FeedsView.as_view(), name="market-feeds"),
]
