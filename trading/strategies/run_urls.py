"""Pages of runs."""

from django.urls import path

from .views import runs

app_name = "runs"

urlpatterns = [
    path("", runs.RunListView.as_view(), name="list"),
    path("new/", runs.RunNewView.as_view(), name="new"),
    path("<uuid:run_id>/", runs.RunDetailView.as_view(), name="detail"),
    path("<uuid:run_id>/limits/", runs.RunLimitsView.as_view(), name="limits"),
    path("<uuid:run_id>/start/", runs.RunStartView.as_view(), name="start"),
    path("<uuid:run_id>/pause/", runs.RunPauseView.as_view(), name="pause"),
    path("<uuid:run_id>/stop/", runs.RunStopView.as_view(), name="stop"),
    path("<uuid:run_id>/flatten/", runs.RunFlattenView.as_view(), name="flatten"),
    path("signals/<uuid:signal_id>/approve/", runs.SignalApproveView.as_view(), name="approve"),
    path("signals/<uuid:signal_id>/decline/", runs.SignalDeclineView.as_view(), name="decline"),
]
