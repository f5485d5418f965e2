"""The API of backtests, sweeps and walk-forwards, under /api/v1/."""

from django.urls import path

from .api import analysis, backtests, divergence, exports, searches, tear_sheet

urlpatterns = [
    path("backtests", backtests.BacktestsView.as_view(), name="backtests"),
    path("backtests/<uuid:backtest_id>", backtests.BacktestView.as_view(), name="backtest"),
    path("backtests/compare", analysis.CompareView.as_view(), name="backtests-compare"),
    path(
        "backtests/<uuid:backtest_id>/monte-carlo", analysis.MonteCarloView.as_view(), name="backtest-monte-carlo"
    ),
    path("backtests/<uuid:backtest_id>/cancel", backtests.BacktestCancelView.as_view(), name="backtest-cancel"),
    path("backtests/<uuid:backtest_id>/trades", backtests.BacktestTradesView.as_view(), name="backtest-trades"),
    path("backtests/<uuid:backtest_id>/orders", backtests.BacktestOrdersView.as_view(), name="backtest-orders"),
    path("backtests/<uuid:backtest_id>/log", backtests.BacktestLogView.as_view(), name="backtest-log"),
    path("backtests/<uuid:backtest_id>/equity", backtests.BacktestEquityView.as_view(), name="backtest-equity"),
    path(
        "strategy-runs/<uuid:run_id>/divergence",
        divergence.DivergenceView.as_view(),
        name="strategy-run-divergence",
    ),
    path("sweeps", searches.SweepsView.as_view(), name="sweeps"),
    path("sweeps/<uuid:sweep_id>", searches.SweepView.as_view(), name="sweep"),
    path("sweeps/<uuid:sweep_id>/cancel", searches.SweepCancelView.as_view(), name="sweep-cancel"),
    path("sweeps/<uuid:sweep_id>/cells", searches.SweepCellsView.as_view(), name="sweep-cells"),
    path(
        "sweeps/<uuid:sweep_id>/cells/<int:number>/run", searches.SweepCellRunView.as_view(), name="sweep-cell-run"
    ),
    path("walk-forwards", searches.WalkForwardsView.as_view(), name="walk-forwards"),
    path("walk-forwards/<uuid:walk_forward_id>", searches.WalkForwardView.as_view(), name="walk-forward"),
    path(
        "walk-forwards/<uuid:walk_forward_id>/cancel",
        searches.WalkForwardCancelView.as_view(),
        name="walk-forward-cancel",
    ),
    path("sweeps/<uuid:sweep_id>/export", exports.SweepExportView.as_view(), name="sweep-export"),
    path(
        "walk-forwards/<uuid:walk_forward_id>/export",
        exports.WalkForwardExportView.as_view(),
        name="walk-forward-export",
    ),
    path(
        "backtests/<uuid:backtest_id>/tear-sheet.pdf",
        tear_sheet.BacktestTearSheetView.as_view(),
        name="backtest-tear-sheet",
    ),
    path("backtests/<uuid:backtest_id>/export", exports.BacktestExportView.as_view(), name="backtest-export"),
]
