"""Snapshots, journals, conventions and tax rates, across tenants."""

from django.contrib import admin

from core.admin import ReadOnly

from .models import (
    CapitalGainsRate,
    JournalEntry,
    JournalPicture,
    JournalTag,
    PerformanceSnapshot,
    ReportingConventions,
    Statement,
    StatementFault,
)


@admin.register(PerformanceSnapshot)
class PerformanceSnapshotAdmin(ReadOnly, admin.ModelAdmin[PerformanceSnapshot]):
    """What accounts were worth by day; written by `take_snapshots` alone."""

    list_display = ("day", "organisation", "account", "equity_paise", "gain_paise", "charges_paise", "unpriced")
    list_filter = ("organisation",)
    search_fields = ("account__name",)
    date_hierarchy = "day"
    list_select_related = ("organisation", "account")


class JournalTagInline(ReadOnly, admin.TabularInline[JournalTag, JournalEntry]):
    """An entry's tags."""

    model = JournalTag
    fields = ("name",)
    extra = 0


class JournalPictureInline(ReadOnly, admin.TabularInline[JournalPicture, JournalEntry]):
    """An entry's pictures, by what they are; the admin shows none of them."""

    model = JournalPicture
    fields = ("content_type", "size", "width", "height", "caption", "created_at")
    extra = 0


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnly, admin.ModelAdmin[JournalEntry]):
    """What members wrote; theirs to change, not the installation's."""

    list_display = ("day", "organisation", "account", "author", "title", "rating")
    list_filter = ("organisation", "rating")
    search_fields = ("title", "account__name")
    date_hierarchy = "day"
    list_select_related = ("organisation", "account", "author")
    inlines = (JournalTagInline, JournalPictureInline)


@admin.register(ReportingConventions)
class ReportingConventionsAdmin(admin.ModelAdmin[ReportingConventions]):
    """How organisations reckon."""

    list_display = ("organisation", "periods_per_year", "risk_free", "confidence", "index_key", "updated_at")
    list_select_related = ("organisation",)


@admin.register(CapitalGainsRate)
class CapitalGainsRateAdmin(admin.ModelAdmin[CapitalGainsRate]):
    """Dated rates; add a row when a Finance Act changes one."""

    list_display = ("term", "valid_from", "rate", "exemption", "held_months", "source")
    list_filter = ("term",)


class StatementFaultInline(ReadOnly, admin.TabularInline[StatementFault, Statement]):
    """Rows that were left out."""

    model = StatementFault
    fields = ("row", "code", "detail")
    extra = 0


@admin.register(Statement)
class StatementAdmin(ReadOnly, admin.ModelAdmin[Statement]):
    """Files of brokers that members brought in; their rows are shown on the desk."""

    list_display = ("imported_at", "organisation", "account", "kind", "format", "file_name", "rows", "repeated")
    list_filter = ("organisation", "kind", "format")
    search_fields = ("file_name", "account__name")
    date_hierarchy = "imported_at"
    list_select_related = ("organisation", "account")
    inlines = (StatementFaultInline,)
