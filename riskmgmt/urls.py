from django.urls import path

from . import views

app_name = "riskmgmt"

urlpatterns = [
    path("risk/", views.RiskPage.as_view(), name="risk"),
    path("risk/limits/", views.LimitsEdit.as_view(), name="limits_edit"),
]
