"""Addresses of the portfolio API, under /api/v1/."""

from django.urls import path

from trading.portfolio.api import accounts, lifecycle, positions

urlpatterns = [
    path("accounts", accounts.AccountsView.as_view(), name="accounts"),
    path("accounts/<uuid:account_id>", accounts.AccountView.as_view(), name="account"),
    path("accounts/<uuid:account_id>/funds", accounts.FundsView.as_view(), name="account-funds"),
    path("accounts/<uuid:account_id>/margin", accounts.MarginView.as_view(), name="account-margin"),
    path("accounts/<uuid:account_id>/deposits", accounts.DepositsView.as_view(), name="account-deposits"),
    path("accounts/<uuid:account_id>/ledger", accounts.LedgerView.as_view(), name="account-ledger"),
    path("accounts/<uuid:account_id>/square-off", lifecycle.SquareOffView.as_view(), name="account-square-off"),
    path("positions/<uuid:position_id>/events", lifecycle.PositionEventsView.as_view(), name="position-events"),
    path("positions", positions.PositionsView.as_view(), name="positions"),
    path("holdings", positions.HoldingsView.as_view(), name="holdings"),
    path("portfolio", positions.PortfolioView.as_view(), name="portfolio"),
]
