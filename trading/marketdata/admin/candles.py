"""Imports in the admin, to look at. Candles and daily bars have composite keys, which the admin cannot show."""

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
        "kind",
        "format",
        "finished_at",
        "rows_read",
        "inserted",
        "updated",
        "unchanged",
        "skipped",
        "outside_session",
        "rejected",
    )
    list_filter = ("kind", "format")
    search_fields = ("filename", "sha256")
    date_hierarchy = "finished_at"
    inlines = (RejectedFileRowInline,)
