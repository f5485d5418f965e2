"""Candle imports in the admin, to look at. Candles have a composite key, which Django's admin cannot show."""

from django.contrib import admin

from core.admin import ReadOnly

from ..models import FileImport, RejectedFileRow


class RejectedFileRowInline(ReadOnly, admin.TabularInline[RejectedFileRow, FileImport]):
    model = RejectedFileRow
    fields = ("row_number", "reason", "detail")
    extra = 0


@admin.register(FileImport)
class FileImportAdmin(ReadOnly, admin.ModelAdmin[FileImport]):
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
    inlines = (RejectedFileRowInline,)
