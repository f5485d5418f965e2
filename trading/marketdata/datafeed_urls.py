"""The settings page of tokens for charting clients."""

from django.urls import path

from .views import DatafeedTokenRevokeView, DatafeedTokensView

app_name = "datafeed"

urlpatterns = [
    path("", DatafeedTokensView.as_view(), name="tokens"),
    path("<uuid:token_id>/revoke/", DatafeedTokenRevokeView.as_view(), name="revoke"),
]
