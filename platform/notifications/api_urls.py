"""The API of notifications, under /api/v1/."""

from django.urls import path

from . import api

urlpatterns = [
    path("notifications", api.NotificationsView.as_view(), name="notifications"),
    path("notifications/read-all", api.NotificationsReadAllView.as_view(), name="notifications-read-all"),
    path("notifications/<uuid:notification_id>/read", api.NotificationReadView.as_view(), name="notification-read"),
]
