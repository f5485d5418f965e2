"""The API of instruments and market hours, under /api/v1/."""

from django.urls import path

from . import api

urlpatterns = [
    path("instruments", api.InstrumentsView.as_view(), name="instruments"),
    path("instruments/<str:key>", api.InstrumentView.as_view(), name="instrument"),
    path("market/status", api.MarketStatusView.as_view(), name="market-status"),
]
