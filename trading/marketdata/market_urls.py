"""The market as a whole: overview, and how complete its data are."""

from django.urls import path

from .views import OverviewPageView

app_name = "market"

urlpatterns = [
    path("", OverviewPageView.as_view(), name="overview"),
]
