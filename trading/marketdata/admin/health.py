"""Backfills in the admin, to look at: one asks for them on the data health page, by API or on the command line."""

from django.contrib import admin

from core.admin import ReadOnly

from ..models import Backfill, BackfillDay


@admin.register(Backfill)
class BackfillAdmin(ReadOnly, admin.ModelAdmin[Backfill]):
    list_display = (
        "requested_at",
        "source",
        "interval",
        "status",
        "first",
        "last",
        "done",
        "total",
        "rows_written",
    )
    list_filter = ("status", "source", "interval")
    search_fields = ("detail",)
    date_hierarchy = "requested_at"


@admin.register(BackfillDay)
class BackfillDayAdmin(ReadOnly, admin.ModelAdmin[BackfillDay]):
    """One instrument's day, and what became of it."""

    list_display = ("date", "instrument", "outcome", "rows_written", "detail", "backfill")
    list_filter = ("outcome", "backfill")
    search_fields = ("instrument__key", "detail")
    list_select_related = ("instrument", "backfill")
    show_full_result_count = False
