from django.contrib import admin
from django.http import HttpRequest

from .models import RiskDecision, RiskLimit


@admin.register(RiskLimit)
class RiskLimitAdmin(admin.ModelAdmin[RiskLimit]):
    """Limits of organisations and accounts."""

    list_display = (
        "organisation",
        "account",
        "max_order_value",
        "max_position_value",
        "max_daily_loss",
        "max_open_orders",
        "updated_at",
    )
    list_filter = ("organisation",)
    search_fields = ("organisation__name", "account__name")
    list_select_related = ("organisation", "account")
    readonly_fields = ("updated_by", "updated_at")


@admin.register(RiskDecision)
class RiskDecisionAdmin(admin.ModelAdmin[RiskDecision]):
    """What the gates decided; history, so nothing here can be changed."""

    list_display = ("at", "organisation", "account", "order", "gate", "allowed", "code", "used", "limit")
    list_filter = ("allowed", "gate", "code", "organisation")
    search_fields = ("order__id", "order__client_order_id", "message")
    date_hierarchy = "at"
    list_select_related = ("organisation", "account", "order")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RiskDecision | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RiskDecision | None = None) -> bool:
        return False
