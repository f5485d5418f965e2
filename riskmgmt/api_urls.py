"""The API of risk, under /api/v1/."""

from django.urls import path

from . import api

urlpatterns = [
    path("risk/limits", api.LimitsView.as_view(), name="risk-limits"),
    path("risk/decisions", api.DecisionsView.as_view(), name="risk-decisions"),
    path("risk/breaches", api.BreachesView.as_view(), name="risk-breaches"),
    path("risk/validate-order", api.ValidateOrderView.as_view(), name="risk-validate-order"),
    path("risk/states", api.StatesView.as_view(), name="risk-states"),
    path("risk/kill-switch", api.KillSwitchView.as_view(), name="risk-kill-switch"),
    path("risk/circuit-breaker", api.BreakersView.as_view(), name="risk-circuit-breaker"),
    path("risk/circuit-breaker/reset", api.BreakerResetView.as_view(), name="risk-circuit-breaker-reset"),
    path("risk/position-size", api.PositionSizeView.as_view(), name="risk-position-size"),
    path("risk/exposure", api.ExposureView.as_view(), name="risk-exposure"),
    path("risk/greeks", api.GreeksView.as_view(), name="risk-greeks"),
    path("risk/var", api.ValueAtRiskView.as_view(), name="risk-var"),
    path("risk/stress", api.StressView.as_view(), name="risk-stress"),
    path("risk/marks", api.MarksView.as_view(), name="risk-marks"),
]
