"""The page of notifications and the count on the bell."""

from django.urls import path

from . import views

app_name = "notifications"

urlpatterns = [
    path("notifications/", views.NotificationsView.as_view(), name="list"),
    path("notifications/unread/", views.UnreadCountView.as_view(), name="unread"),
    path("notifications/<uuid:notification_id>/", views.NotificationOpenView.as_view(), name="open"),
]
