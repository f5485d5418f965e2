"""Addresses of the portfolio API, under /api/v1/."""

from django.urls import path

from trading.portfolio import api, lifecycle_api

urlpatterns = [
    path("accounts", api.AccountsView.as_view(), name="accounts"),
    path("accounts/<uuid:account_id>", api.AccountView.as_view(), name="account"),
    path("accounts/<uuid:account_id>/funds", api.FundsView.as_view(), name="account-funds"),
    path("accounts/<uuid:account_id>/margin", api.MarginView.as_view(), name="account-margin"),
    path("accounts/<uuid:account_id>/deposits", api.DepositsView.as_view(), name="account-deposits"),
    path("accounts/<uuid:account_id>/ledger", api.LedgerView.as_view(), name="account-ledger"),
    path("accounts/<uuid:account_id>/square-off", lifecycle_api.SquareOffView.as_view(), name="account-square-off"),
    path("positions/<uuid:position_id>/events", lifecycle_api.PositionEventsView.as_view(), name="position-events"),
    path("positions", api.PositionsView.as_view(), name="positions"),
    path("holdings", api.HoldingsView.as_view(), name="holdings"),
    path("portfolio", api.PortfolioView.as_view(), name="portfolio"),
]
