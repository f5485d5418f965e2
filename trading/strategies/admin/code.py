"""The organisations' own strategies, to look at: who may write them is decided on the page and in the API."""

from django.contrib import admin

from core.admin import ReadOnly
from trading.strategies.models import StrategyCode, StrategyVersion


@admin.register(StrategyCode)
class StrategyCodeAdmin(ReadOnly, admin.ModelAdmin[StrategyCode]):
    """Own strategies by organisation."""

    list_display = ("key", "title", "organisation", "kind", "version", "updated_by", "updated_at")
    list_filter = ("kind", "organisation")
    list_select_related = ("organisation", "updated_by")
    search_fields = ("key", "title", "organisation__slug")


@admin.register(StrategyVersion)
class StrategyVersionAdmin(ReadOnly, admin.ModelAdmin[StrategyVersion]):
    """Every text that was saved."""

    list_display = ("code", "number", "organisation", "saved_by", "saved_at", "note")
    list_filter = ("organisation",)
    list_select_related = ("code", "organisation", "saved_by")
    search_fields = ("code__key", "digest", "organisation__slug")
    readonly_fields = ("source",)
