"""Trigger pages."""

from django.urls import path

from .views import triggers

app_name = "triggers"

urlpatterns = [
    path("", triggers.TriggerListView.as_view(), name="list"),
    path("new/", triggers.TriggerNewView.as_view(), name="new"),
    path("alarms/", triggers.TriggerAlarmsView.as_view(), name="alarms"),
    path("cancel-all/", triggers.TriggerCancelAllView.as_view(), name="cancel_all"),
    path("<uuid:trigger_id>/", triggers.TriggerDetailView.as_view(), name="detail"),
    path("<uuid:trigger_id>/modify/", triggers.TriggerModifyView.as_view(), name="modify"),
    path("<uuid:trigger_id>/cancel/", triggers.TriggerCancelView.as_view(), name="cancel"),
]
