"""The API of runs and signals, under /api/v1/."""

from django.urls import path

from .api import runs

urlpatterns = [
    path("strategy-runs", runs.RunListView.as_view(), name="strategy-runs"),
    path("strategy-runs/<uuid:run_id>", runs.RunDetailView.as_view(), name="strategy-run"),
    path("strategy-runs/<uuid:run_id>/journal", runs.RunJournalView.as_view(), name="strategy-run-journal"),
    path("strategy-runs/<uuid:run_id>/start", runs.RunStartView.as_view(), name="strategy-run-start"),
    path("strategy-runs/<uuid:run_id>/pause", runs.RunPauseView.as_view(), name="strategy-run-pause"),
    path("strategy-runs/<uuid:run_id>/stop", runs.RunStopView.as_view(), name="strategy-run-stop"),
    path("strategy-runs/<uuid:run_id>/flatten", runs.RunFlattenView.as_view(), name="strategy-run-flatten"),
    path("signals", runs.SignalListView.as_view(), name="signals"),
    path("signals/<uuid:signal_id>/approve", runs.SignalApproveView.as_view(), name="signal-approve"),
    path("signals/<uuid:signal_id>/decline", runs.SignalDeclineView.as_view(), name="signal-decline"),
]
