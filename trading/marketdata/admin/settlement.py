"""Settlement prices in the admin."""

from django.contrib import admin

from ..models import SettlementPrice


@admin.register(SettlementPrice)
class SettlementPriceAdmin(admin.ModelAdmin[SettlementPrice]):
    """Official prices that futures and expiring contracts are settled at; without one, the candles tell."""

    list_display = ("date", "instrument", "price", "source")
    search_fields = ("instrument__key",)
    list_select_related = ("instrument",)
    raw_id_fields = ("instrument",)
    date_hierarchy = "date"
