"""Charts' layouts and drawings and the datafeed's tokens in the admin, to look at: their members change them."""

from django.contrib import admin

from core.admin import ReadOnly

from ..models import ChartDrawing, ChartLayout, DatafeedToken


@admin.register(ChartLayout)
class ChartLayoutAdmin(ReadOnly, admin.ModelAdmin[ChartLayout]):
    list_display = ("owner", "instrument", "interval", "style", "scale", "updated_at", "organisation")
    list_filter = ("organisation", "style")
    search_fields = ("owner__email", "instrument__key")
    list_select_related = ("owner", "instrument", "organisation")


@admin.register(ChartDrawing)
class ChartDrawingAdmin(ReadOnly, admin.ModelAdmin[ChartDrawing]):
    list_display = ("owner", "instrument", "kind", "text", "updated_at", "organisation")
    list_filter = ("organisation", "kind")
    search_fields = ("owner__email", "instrument__key", "text")
    list_select_related = ("owner", "instrument", "organisation")


@admin.register(DatafeedToken)
class DatafeedTokenAdmin(ReadOnly, admin.ModelAdmin[DatafeedToken]):
    list_display = ("name", "prefix", "user", "created_at", "last_used_at", "revoked_at", "organisation")
    list_filter = ("organisation",)
    search_fields = ("name", "prefix", "user__email")
    list_select_related = ("user", "organisation")
