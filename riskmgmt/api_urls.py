"""The API of limits and decisions, under /api/v1/."""

from django.urls import path

from . import api

urlpatterns = [
    path("risk/limits", api.LimitsView.as_view(), name="risk-limits"),
    path("risk/decisions", api.DecisionsView.as_view(), name="risk-decisions"),
    path("risk/validate-order", api.ValidateOrderView.as_view(), name="risk-validate-order"),
]
