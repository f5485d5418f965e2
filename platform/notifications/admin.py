from django.contrib import admin
from django.http import HttpRequest

from .models import Notification


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin[Notification]):
    """What users were told; history, so nothing here can be changed."""

    list_display = ("created_at", "user", "organisation", "kind", "title", "read_at")
    list_filter = ("kind", "organisation", ("read_at", admin.EmptyFieldListFilter))
    search_fields = ("title", "body", "user__email")
    date_hierarchy = "created_at"
    list_select_related = ("user", "organisation")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        return False
