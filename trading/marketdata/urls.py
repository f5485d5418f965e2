"""The chart page."""

from django.urls import path

from . import views

app_name = "marketdata"

urlpatterns = [
    path("", views.ChartHomeView.as_view(), name="chart_home"),
    path("<str:key>/", views.ChartView.as_view(), name="chart"),
]
