"""Watchlists in the admin."""

from django.contrib import admin

from .models import Watchlist, WatchlistItem


class WatchlistItemInline(admin.TabularInline[WatchlistItem, Watchlist]):
    model = WatchlistItem
    fields = ("instrument", "position")
    raw_id_fields = ("instrument",)
    readonly_fields = ("instrument",)
    extra = 0
    max_num = 0


@admin.register(Watchlist)
class WatchlistAdmin(admin.ModelAdmin[Watchlist]):
    list_display = ("name", "organisation", "owner", "is_shared", "created_at")
    list_filter = ("is_shared", "organisation")
    list_select_related = ("organisation", "owner")
    search_fields = ("name", "owner__email", "organisation__slug")
    readonly_fields = ("organisation", "owner")
    inlines = (WatchlistItemInline,)
