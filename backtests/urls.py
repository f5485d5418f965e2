"""Pages of backtests."""

from django.urls import path

from .views import asking, comparing, divergence, listing, result, searching

app_name = "backtests"

urlpatterns = [
    path("", listing.RunsView.as_view(), name="list"),
    path("new/", asking.NewRunView.as_view(), name="new"),
    path("new/settings/", asking.SettingsView.as_view(), name="settings"),
    path("new/strategies/", asking.StrategyAddView.as_view(), name="strategies"),
    path("new/check/", asking.CheckView.as_view(), name="check"),
    path("compare/", comparing.CompareView.as_view(), name="compare"),
    path("divergence/<uuid:run_id>/", divergence.DivergenceView.as_view(), name="divergence"),
    path("<uuid:run_id>/", result.RunView.as_view(), name="run"),
    path("<uuid:run_id>/panel/", result.RunPanelView.as_view(), name="panel"),
    path("<uuid:run_id>/chart/", result.RunChartView.as_view(), name="chart"),
    path("<uuid:run_id>/export/<str:rows>/<str:form>/", result.RunExportView.as_view(), name="export"),
    path("<uuid:run_id>/cancel/", listing.RunCancelView.as_view(), name="cancel"),
    path("<uuid:run_id>/delete/", listing.RunDeleteView.as_view(), name="delete"),
    path("<uuid:run_id>/cells/", searching.CellsView.as_view(), name="cells"),
    path("<uuid:run_id>/cells/<int:number>/run/", searching.CellRunView.as_view(), name="cell_run"),
    path("<uuid:run_id>/note/", listing.RunNoteView.as_view(), name="note"),
]
