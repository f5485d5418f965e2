"""The API of analytics, under /api/v1/."""

from django.urls import path

from . import api

urlpatterns = [
    path("analytics/performance", api.PerformanceView.as_view(), name="analytics-performance"),
    path("analytics/equity-curve", api.EquityCurveView.as_view(), name="analytics-equity-curve"),
    path("analytics/risk-metrics", api.RiskMetricsView.as_view(), name="analytics-risk-metrics"),
    path("analytics/pnl-breakdown", api.BreakdownView.as_view(), name="analytics-pnl-breakdown"),
    path("analytics/snapshots", api.SnapshotsView.as_view(), name="analytics-snapshots"),
]
