"""The API of analytics, under /api/v1/."""

from django.urls import path

from . import api

urlpatterns = [
    path("analytics/performance", api.PerformanceView.as_view(), name="analytics-performance"),
    path("analytics/equity-curve", api.EquityCurveView.as_view(), name="analytics-equity-curve"),
    path("analytics/risk-metrics", api.RiskMetricsView.as_view(), name="analytics-risk-metrics"),
    path("analytics/trades", api.ClosedTradesView.as_view(), name="analytics-trades"),
    path("analytics/pnl-breakdown", api.BreakdownView.as_view(), name="analytics-pnl-breakdown"),
    path("analytics/snapshots", api.SnapshotsView.as_view(), name="analytics-snapshots"),
    path("analytics/tax", api.TaxView.as_view(), name="analytics-tax"),
    path("analytics/tear-sheet.pdf", api.TearSheetView.as_view(), name="analytics-tear-sheet"),
    path("analytics/export", api.ExportView.as_view(), name="analytics-export"),
    path("analytics/conventions", api.ConventionsView.as_view(), name="analytics-conventions"),
    path("analytics/journal", api.JournalView.as_view(), name="analytics-journal"),
    path("analytics/journal/<uuid:entry_id>", api.JournalEntryView.as_view(), name="analytics-journal-entry"),
    path(
        "analytics/journal/<uuid:entry_id>/pictures",
        api.JournalPicturesView.as_view(),
        name="analytics-journal-pictures",
    ),
    path(
        "analytics/pictures/<uuid:picture_id>", api.JournalPictureView.as_view(), name="analytics-journal-picture"
    ),
    path("statements", api.StatementsView.as_view(), name="statements"),
    path("statements/preview", api.StatementPreviewView.as_view(), name="statements-preview"),
    path("statements/<uuid:statement_id>", api.StatementView.as_view(), name="statement"),
    path("statements/<uuid:statement_id>/rows", api.StatementRowsView.as_view(), name="statement-rows"),
    path(
        "statements/<uuid:statement_id>/differences",
        api.StatementDifferencesView.as_view(),
        name="statement-differences",
    ),
    path("statement-formats", api.StatementFormatsView.as_view(), name="statement-formats"),
]
