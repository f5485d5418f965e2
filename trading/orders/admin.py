"""Orders, their events and their trades, to look at. History is changed by nobody, not even here."""

from django.contrib import admin

from core.admin import ReadOnly

from .models import (
    AccountRoute,
    AuctionResult,
    Basket,
    BasketRow,
    Fill,
    MatchingRule,
    OptionStrategy,
    OptionStrategyLeg,
    Order,
    OrderEvent,
    OrderGroup,
    OrderRoute,
    PaperBook,
    ReconciliationRun,
    RefusedLeg,
    RouterEpoch,
    SquareOff,
    Trigger,
    TriggerEvent,
    TriggerLeg,
)


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
        "trigger_price",
        "average_price",
        "status",
        "status_code",
        "valid_on",
        "origin",
    ]
    list_filter = [
        "status",
        "side",
        "order_type",
        "product",
        "validity",
        "is_after_market",
        "origin",
        "created_at",
    ]
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


class RefusedLegInline(ReadOnly, admin.TabularInline[RefusedLeg, OrderGroup]):
    model = RefusedLeg
    fields = ["leg", "symbol", "side", "quantity", "code", "message"]
    ordering = ["leg"]
    extra = 0


@admin.register(OrderGroup)
class OrderGroupAdmin(ReadOnly, admin.ModelAdmin[OrderGroup]):
    show_full_result_count = False
    list_display = ["created_at", "organisation", "account", "kind", "name", "client_order_id", "created_by"]
    list_filter = ["kind", "all_or_nothing", "created_at"]
    list_select_related = ["organisation", "account"]
    search_fields = ["id", "client_order_id", "name", "account__name"]
    date_hierarchy = "created_at"
    inlines = [RefusedLegInline]


class BasketRowInline(ReadOnly, admin.TabularInline[BasketRow, Basket]):
    model = BasketRow
    fields = ["position", "instrument", "side", "quantity", "order_type", "product", "price"]
    ordering = ["position"]
    extra = 0


@admin.register(Basket)
class BasketAdmin(ReadOnly, admin.ModelAdmin[Basket]):
    list_display = ["name", "organisation", "owner", "updated_at"]
    list_select_related = ["organisation", "owner"]
    search_fields = ["name", "owner__email"]
    inlines = [BasketRowInline]


class OptionStrategyLegInline(ReadOnly, admin.TabularInline[OptionStrategyLeg, OptionStrategy]):
    model = OptionStrategyLeg
    fields = ["position", "instrument", "side", "lots", "price", "is_held"]
    ordering = ["position"]
    extra = 0


@admin.register(OptionStrategy)
class OptionStrategyAdmin(ReadOnly, admin.ModelAdmin[OptionStrategy]):
    list_display = ["name", "underlying", "organisation", "owner", "updated_at"]
    list_select_related = ["organisation", "owner"]
    search_fields = ["name", "underlying", "owner__email"]
    inlines = [OptionStrategyLegInline]


class TriggerLegInline(ReadOnly, admin.TabularInline[TriggerLeg, Trigger]):
    model = TriggerLeg
    fields = [
        "role",
        "direction",
        "trigger_price",
        "order_type",
        "price",
        "trail_points",
        "trail_percent",
        "peak_price",
        "status",
        "attempts",
        "next_attempt_at",
    ]
    extra = 0


class TriggerEventInline(ReadOnly, admin.TabularInline[TriggerEvent, Trigger]):
    model = TriggerEvent
    fields = ["seq", "type", "status", "at", "actor", "data"]
    ordering = ["seq"]
    extra = 0


@admin.register(Trigger)
class TriggerAdmin(ReadOnly, admin.ModelAdmin[Trigger]):
    show_full_result_count = False
    list_display = [
        "created_at",
        "organisation",
        "account",
        "instrument",
        "kind",
        "side",
        "quantity",
        "filled_quantity",
        "status",
        "status_code",
        "expires_on",
        "alarm_since",
    ]
    list_filter = ["status", "kind", "side", "product", "origin", "created_at"]
    list_select_related = ["organisation", "account", "instrument"]
    search_fields = ["id", "client_order_id", "instrument__key", "account__name", "note"]
    date_hierarchy = "created_at"
    inlines = [TriggerLegInline, TriggerEventInline]


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


@admin.register(SquareOff)
class SquareOffAdmin(ReadOnly, admin.ModelAdmin[SquareOff]):
    list_display = ["date", "segment", "account", "attempts", "orders", "left", "reason", "finished_at"]
    list_filter = ["segment", "organisation"]
    list_select_related = ["account"]
    search_fields = ["account__name", "reason"]
    date_hierarchy = "date"


@admin.register(OrderRoute)
class OrderRouteAdmin(ReadOnly, admin.ModelAdmin[OrderRoute]):
    list_display = [
        "requested_at",
        "account",
        "order_id",
        "epoch",
        "claimed_at",
        "unknown_since",
        "absent_reads",
        "cancel_requested_at",
        "modify_requested_at",
    ]
    list_select_related = ["account"]
    search_fields = ["order__id", "order__broker_order_id", "account__name"]
    show_full_result_count = False


@admin.register(AccountRoute)
class AccountRouteAdmin(ReadOnly, admin.ModelAdmin[AccountRoute]):
    list_display = ["account", "is_reconciled", "epoch", "reconciled_at", "read_at", "failures", "last_error"]
    list_filter = ["is_reconciled", "organisation"]
    list_select_related = ["account"]
    search_fields = ["account__name"]


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnly, admin.ModelAdmin[ReconciliationRun]):
    list_display = [
        "started_at",
        "account",
        "reason",
        "orders_read",
        "orders_updated",
        "orders_adopted",
        "fills_added",
        "findings",
    ]
    list_filter = ["reason", "organisation"]
    list_select_related = ["account"]
    search_fields = ["account__name"]
    date_hierarchy = "started_at"


@admin.register(RouterEpoch)
class RouterEpochAdmin(ReadOnly, admin.ModelAdmin[RouterEpoch]):
    list_display = ["number", "began_at", "reason", "fingerprint"]
