"""Positions, what happened to them, and the days of the books in the admin."""

from django.contrib import admin

from core.admin import ReadOnly
from core.money import format_inr, from_paise
from trading.portfolio.models import (
    DayRun,
    DeliveryDay,
    MarginBlock,
    Position,
    PositionEvent,
)


@admin.register(Position)
class PositionAdmin(ReadOnly, admin.ModelAdmin[Position]):
    """Positions as folded from fills and events."""

    list_display = ("account", "instrument", "product", "strategy", "quantity", "average_price", "updated_at")
    list_filter = ("product", "organisation")
    search_fields = ("account__name", "instrument__key", "strategy")
    list_select_related = ("account", "instrument")


@admin.register(PositionEvent)
class PositionEventAdmin(ReadOnly, admin.ModelAdmin[PositionEvent]):
    """What happened to positions besides trades."""

    list_display = (
        "at",
        "account",
        "kind",
        "description",
        "quantity_change",
        "realised_pnl_paise",
        "charges_paise",
    )
    list_filter = ("kind", "organisation")
    search_fields = ("source_id", "description", "account__name")
    list_select_related = ("account",)
    date_hierarchy = "at"
    show_full_result_count = False


@admin.register(MarginBlock)
class MarginBlockAdmin(ReadOnly, admin.ModelAdmin[MarginBlock]):
    """What accounts have blocked for futures and options."""

    list_display = ("account", "underlying", "blocked", "underlying_price", "is_estimate", "marked_at")
    list_filter = ("is_estimate", "organisation")
    search_fields = ("account__name", "underlying")
    list_select_related = ("account",)

    @admin.display(ordering="amount_paise")
    def blocked(self, row: MarginBlock) -> str:
        return format_inr(from_paise(row.amount_paise))


@admin.register(DeliveryDay)
class DeliveryDayAdmin(ReadOnly, admin.ModelAdmin[DeliveryDay]):
    """Shares on their way."""

    list_display = ("trade_date", "account", "position", "bought", "sold", "settles_on", "settled_at")
    list_filter = ("organisation", "settles_on")
    search_fields = ("account__name", "position__instrument__key")
    list_select_related = ("account", "position", "position__instrument")
    date_hierarchy = "trade_date"


@admin.register(DayRun)
class DayRunAdmin(ReadOnly, admin.ModelAdmin[DayRun]):
    """Which days have been opened and closed, and what that came to."""

    list_display = ("date", "job", "started_at", "finished_at")
    list_filter = ("job",)
    date_hierarchy = "date"
