"""Orders, their events and their trades, to look at. History is changed by nobody, not even here."""

from django.contrib import admin

from core.admin import ReadOnly

from .models import AuctionResult, Fill, MatchingRule, Order, OrderEvent, PaperBook


class OrderEventInline(ReadOnly, admin.TabularInline[OrderEvent, Order]):
    model = OrderEvent
    fields = ["seq", "type", "status", "at", "actor", "data"]
    ordering = ["seq"]
    extra = 0


@admin.register(Order)
class OrderAdmin(ReadOnly, admin.ModelAdmin[Order]):
    show_full_result_count = False
    list_display = [
        "created_at",
        "organisation",
        "account",
        "instrument",
        "side",
        "quantity",
        "filled_quantity",
        "order_type",
        "price",
        "average_price",
        "status",
        "status_code",
        "origin",
    ]
    list_filter = ["status", "side", "order_type", "product", "validity", "origin", "created_at"]
    list_select_related = ["organisation", "account", "instrument"]
    search_fields = ["id", "client_order_id", "instrument__key", "broker_order_id", "tag", "account__name"]
    date_hierarchy = "created_at"
    inlines = [OrderEventInline]


@admin.register(OrderEvent)
class OrderEventAdmin(ReadOnly, admin.ModelAdmin[OrderEvent]):
    show_full_result_count = False
    list_display = ["at", "order_id", "seq", "type", "status", "actor"]
    list_filter = ["type", "status", "at"]
    search_fields = ["order__id", "order__client_order_id", "actor"]


@admin.register(Fill)
class FillAdmin(ReadOnly, admin.ModelAdmin[Fill]):
    show_full_result_count = False
    list_display = [
        "traded_at",
        "organisation",
        "account",
        "instrument",
        "side",
        "quantity",
        "price",
        "charges_paise",
        "order_id",
    ]
    list_filter = ["side", "traded_at"]
    list_select_related = ["organisation", "account", "instrument"]
    search_fields = ["id", "order__id", "broker_trade_id", "instrument__key", "account__name"]
    date_hierarchy = "traded_at"


@admin.register(MatchingRule)
class MatchingRuleAdmin(admin.ModelAdmin[MatchingRule]):
    """How the paper exchange matches. A row takes effect within half a minute, and never changes a past fill."""

    list_display = [
        "exchange",
        "segment",
        "valid_from",
        "latency_ms",
        "cancel_latency_ms",
        "slippage_model",
        "slippage_value",
        "participation",
        "note",
    ]
    list_filter = ["exchange", "segment", "slippage_model"]


@admin.register(PaperBook)
class PaperBookAdmin(ReadOnly, admin.ModelAdmin[PaperBook]):
    list_display = ["instrument", "snapshot_us", "sequence", "bid_taken", "ask_taken", "tape_on", "volume"]
    list_select_related = ["instrument"]
    search_fields = ["instrument__key"]
    show_full_result_count = False


@admin.register(AuctionResult)
class AuctionResultAdmin(ReadOnly, admin.ModelAdmin[AuctionResult]):
    list_display = ["day", "instrument", "price", "bought", "sold", "volume", "uncrossed_at"]
    list_select_related = ["instrument"]
    search_fields = ["instrument__key"]
    date_hierarchy = "day"
