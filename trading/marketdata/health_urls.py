"""The data health page."""

from django.urls import path

from . import views

app_name = "datahealth"

urlpatterns = [
    path("", views.HealthView.as_view(), name="page"),
    path("gaps/", views.HealthGapsView.as_view(), name="gaps"),
    path("fill/", views.HealthFillView.as_view(), name="fill"),
    path("backfills/", views.HealthBackfillsView.as_view(), name="backfills"),
    path("backfills/<uuid:backfill_id>/cancel/", views.HealthCancelView.as_view(), name="cancel"),
]
