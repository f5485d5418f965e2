"""Limits and the decisions taken under them, across tenants."""

from django.contrib import admin

from core.admin import ReadOnly

from .models import RiskDecision, RiskLimit, TradingState, TradingStateChange


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
class RiskDecisionAdmin(ReadOnly, admin.ModelAdmin[RiskDecision]):
    """What the gates decided; history, so nothing here can be changed."""

    list_display = ("at", "organisation", "account", "order", "gate", "allowed", "code", "used", "limit")
    list_filter = ("allowed", "gate", "code", "organisation")
    search_fields = ("order__id", "order__client_order_id", "message")
    date_hierarchy = "at"
    list_select_related = ("organisation", "account", "order")


@admin.register(TradingState)
class TradingStateAdmin(ReadOnly, admin.ModelAdmin[TradingState]):
    """States now in force; changed on the risk desk, so that each change has its history."""

    list_display = ("organisation", "account", "strategy", "source", "state", "reason", "since", "expires_at")
    list_filter = ("state", "source", "organisation")
    list_select_related = ("organisation", "account")


@admin.register(TradingStateChange)
class TradingStateChangeAdmin(ReadOnly, admin.ModelAdmin[TradingStateChange]):
    """Who changed a trading state, when and why."""

    list_display = ("at", "organisation", "account", "strategy", "source", "from_state", "to_state", "by_label")
    list_filter = ("source", "to_state", "organisation")
    date_hierarchy = "at"
    list_select_related = ("organisation", "account")
