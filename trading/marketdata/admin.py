"""Candle imports in the admin, to look at. Candles have a composite key, which Django's admin cannot show."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import CandleImport, RejectedCandleRow


class ReadOnly:
    """History must not change by hand."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


class RejectedCandleRowInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = RejectedCandleRow
    fields = ("row_number", "reason", "detail")
    extra = 0


@admin.register(CandleImport)
class CandleImportAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        "filename",
        "format",
        "finished_at",
        "rows_read",
        "inserted",
        "updated",
        "unchanged",
        "outside_session",
        "rejected",
    )
    list_filter = ("format",)
    search_fields = ("filename", "sha256")
    date_hierarchy = "finished_at"
    inlines = (RejectedCandleRowInline,)
