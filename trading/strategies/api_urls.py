"""The API of strategies, under /api/v1/."""

from django.urls import path

from .api import catalogue, code

urlpatterns = [
    path("strategies", catalogue.StrategiesView.as_view(), name="strategies"),
    path("strategies/<str:strategy_key>", catalogue.StrategyView.as_view(), name="strategy"),
    path("strategy-code", code.CodesView.as_view(), name="strategy-codes"),
    path("strategy-code/<uuid:code_id>", code.CodeView.as_view(), name="strategy-code"),
]
