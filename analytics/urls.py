"""The home dashboard at the root, and the pages of analytics."""

from django.urls import path

from . import views

app_name = "analytics"

urlpatterns = [
    path("", views.DashboardView.as_view(), name="dashboard"),
    path("analytics/", views.PerformancePage.as_view(), name="performance"),
    path("analytics/trades/", views.TradesPage.as_view(), name="trades"),
]
