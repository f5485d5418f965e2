"""Limits and the decisions taken under them, across tenants."""

from django.contrib import admin

from core.admin import ReadOnly

from .models import (
    AccountMark,
    BreakerRule,
    BreakerTransition,
    CircuitBreaker,
    KillSwitch,
    LimitWarning,
    RiskDecision,
    RiskLimit,
    RiskPeak,
    TradingState,
    TradingStateChange,
    UnderlyingSector,
)


@admin.register(RiskLimit)
class RiskLimitAdmin(admin.ModelAdmin[RiskLimit]):
    """Limits of organisations, accounts, users and strategies."""

    list_display = (
        "organisation",
        "account",
        "user",
        "strategy",
        "max_order_value",
        "max_position_value",
        "max_daily_loss",
        "max_open_orders",
        "updated_at",
    )
    list_filter = ("organisation",)
    search_fields = ("organisation__name", "account__name", "user__email", "strategy")
    list_select_related = ("organisation", "account", "user")
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


@admin.register(BreakerRule)
class BreakerRuleAdmin(admin.ModelAdmin[BreakerRule]):
    """When circuit breakers trip, from a day on."""

    list_display = (
        "organisation",
        "account",
        "valid_from",
        "is_enabled",
        "max_loss",
        "max_drawdown",
        "reject_count",
        "broker_error_count",
        "open_state",
    )
    list_filter = ("is_enabled", "organisation")
    date_hierarchy = "valid_from"
    list_select_related = ("organisation", "account")


@admin.register(CircuitBreaker)
class CircuitBreakerAdmin(ReadOnly, admin.ModelAdmin[CircuitBreaker]):
    """Where each breaker stands; it is closed by hand on the risk desk."""

    list_display = ("account", "organisation", "state", "cause", "reason", "since")
    list_filter = ("state", "cause", "organisation")
    list_select_related = ("organisation", "account")


@admin.register(BreakerTransition)
class BreakerTransitionAdmin(ReadOnly, admin.ModelAdmin[BreakerTransition]):
    """Every move of a breaker."""

    list_display = ("at", "account", "from_state", "to_state", "cause", "reason", "by_label")
    list_filter = ("to_state", "cause", "organisation")
    date_hierarchy = "at"
    list_select_related = ("organisation", "account")


@admin.register(KillSwitch)
class KillSwitchAdmin(ReadOnly, admin.ModelAdmin[KillSwitch]):
    """Every press; released on the risk desk, in two steps."""

    list_display = (
        "pressed_at",
        "organisation",
        "account",
        "strategy",
        "pressed_by_label",
        "reason",
        "orders_cancelled",
        "released_at",
        "released_by_label",
    )
    list_filter = ("flatten", "organisation")
    date_hierarchy = "pressed_at"
    list_select_related = ("organisation", "account")


@admin.register(RiskPeak)
class RiskPeakAdmin(ReadOnly, admin.ModelAdmin[RiskPeak]):
    """Peaks that drawdowns are measured from."""

    list_display = (
        "account",
        "user",
        "strategy",
        "day",
        "day_peak_paise",
        "profit_peak_paise",
        "locked_on",
        "updated_at",
    )
    list_filter = ("organisation",)
    list_select_related = ("account", "user")


@admin.register(UnderlyingSector)
class UnderlyingSectorAdmin(admin.ModelAdmin[UnderlyingSector]):
    """Sectors of shares and indices, from a day on."""

    list_display = ("symbol", "sector", "valid_from", "source")
    list_filter = ("sector",)
    search_fields = ("symbol", "sector")


@admin.register(AccountMark)
class AccountMarkAdmin(ReadOnly, admin.ModelAdmin[AccountMark]):
    """What accounts and their strategies were worth, minute by minute; history, so nothing here can be changed."""

    list_display = (
        "minute",
        "account",
        "strategy",
        "day_pnl_paise",
        "drawdown_paise",
        "gross_exposure_paise",
        "net_exposure_paise",
        "is_stale",
    )
    list_filter = ("is_stale", "organisation")
    search_fields = ("account__name", "strategy")
    date_hierarchy = "minute"
    list_select_related = ("account",)


@admin.register(LimitWarning)
class LimitWarningAdmin(ReadOnly, admin.ModelAdmin[LimitWarning]):
    """How far each loss limit is used, as it was last told."""

    list_display = ("account", "user", "strategy", "limit", "percent", "day", "changed_at")
    list_filter = ("limit", "percent", "organisation")
    list_select_related = ("account", "user")
