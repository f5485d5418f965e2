"""Pages of positions, holdings and funds."""

from django.urls import path

from trading.portfolio import views

app_name = "portfolio"

urlpatterns = [
    path("positions/", views.PositionsView.as_view(), name="positions"),
    path("positions/day-pnl/", views.DayPnlView.as_view(), name="day_pnl"),
    path("positions/square-off/", views.SquareOffView.as_view(), name="square_off"),
    path("positions/<uuid:position_id>/", views.PositionView.as_view(), name="position"),
    path("holdings/", views.HoldingsView.as_view(), name="holdings"),
    path("funds/", views.FundsView.as_view(), name="funds"),
    path("funds/accounts/", views.AccountOpenView.as_view(), name="account_open"),
    path("account/", views.AccountSelectView.as_view(), name="account_select"),
]
