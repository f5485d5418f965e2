"""What users were told, across tenants."""

from django.contrib import admin

from core.admin import ReadOnly

from .models import Notification


@admin.register(Notification)
class NotificationAdmin(ReadOnly, admin.ModelAdmin[Notification]):
    """What users were told; history, so nothing here can be changed."""

    list_display = ("created_at", "user", "organisation", "kind", "title", "read_at")
    list_filter = ("kind", "organisation", ("read_at", admin.EmptyFieldListFilter))
    search_fields = ("title", "body", "user__email")
    date_hierarchy = "created_at"
    list_select_related = ("user", "organisation")
