"""The API of backtests, sweeps and walk-forwards, under /api/v1/."""

from django.urls import path

from .api import backtests, exports

urlpatterns = [
    path("backtests", backtests.BacktestsView.as_view(), name="backtests"),
    path("backtests/<uuid:backtest_id>", backtests.BacktestView.as_view(), name="backtest"),
    path("backtests/<uuid:backtest_id>/cancel", backtests.BacktestCancelView.as_view(), name="backtest-cancel"),
    path("backtests/<uuid:backtest_id>/trades", backtests.BacktestTradesView.as_view(), name="backtest-trades"),
    path("backtests/<uuid:backtest_id>/orders", backtests.BacktestOrdersView.as_view(), name="backtest-orders"),
    path("backtests/<uuid:backtest_id>/log", backtests.BacktestLogView.as_view(), name="backtest-log"),
    path("backtests/<uuid:backtest_id>/equity", backtests.BacktestEquityView.as_view(), name="backtest-equity"),
    path("backtests/<uuid:backtest_id>/export", exports.BacktestExportView.as_view(), name="backtest-export"),
]
