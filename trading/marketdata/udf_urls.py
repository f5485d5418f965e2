"""The TradingView datafeed, bare and with a token in the address."""

from django.urls import URLPattern, include, path

from .api import udf

app_name = "udf"

_addresses: list[URLPattern] = [
    path("config", udf.ConfigView.as_view(), name="config"),
    path("symbols", udf.SymbolsView.as_view(), name="symbols"),
    path("search", udf.SearchView.as_view(), name="search"),
    path("history", udf.HistoryView.as_view(), name="history"),
    path("marks", udf.MarksView.as_view(), name="marks"),
    path("timescale_marks", udf.TimescaleMarksView.as_view(), name="timescale_marks"),
    path("time", udf.TimeView.as_view(), name="time"),
    path("quotes", udf.QuotesView.as_view(), name="quotes"),
]
urlpatterns = [*_addresses, path("<str:token>/", include((_addresses, "own"), namespace="own"))]
