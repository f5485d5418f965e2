"""The risk page and the form of its limits."""

from django.urls import path

from . import views

app_name = "riskmgmt"

urlpatterns = [
    path("risk/", views.RiskView.as_view(), name="risk"),
    path("risk/limits/", views.LimitsEditView.as_view(), name="limits_edit"),
]
