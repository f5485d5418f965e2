from django.urls import path

from . import views

app_name = "notifications"

urlpatterns = [
    path("notifications/", views.NotificationsPage.as_view(), name="list"),
    path("notifications/unread/", views.UnreadCount.as_view(), name="unread"),
    path("notifications/<uuid:notification_id>/", views.NotificationOpen.as_view(), name="open"),
]
