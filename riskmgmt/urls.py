"""The pages of the risk desk."""

from django.urls import path

from . import views

app_name = "riskmgmt"

urlpatterns = [
    path("risk/", views.RiskView.as_view(), name="risk"),
    path("risk/exposure/", views.ExposureView.as_view(), name="exposure"),
    path("risk/limits/", views.LimitsEditView.as_view(), name="limits_edit"),
    path("risk/state/", views.StateSetView.as_view(), name="state_set"),
    path("risk/breaker/", views.BreakerRuleView.as_view(), name="breaker_rule"),
    path("risk/breaker/reset/", views.BreakerResetView.as_view(), name="breaker_reset"),
    path("risk/kill-switch/", views.KillSwitchView.as_view(), name="kill_switch"),
    path(
        "risk/kill-switch/<uuid:kill_switch_id>/release/",
        views.KillSwitchReleaseView.as_view(),
        name="kill_switch_release",
    ),
    path("risk/decisions/", views.DecisionsView.as_view(), name="decisions"),
    path("risk/breaches/", views.BreachesView.as_view(), name="breaches"),
    path("risk/sizing/", views.SizingView.as_view(), name="sizing"),
]
