"""Accounts, ledger and funds in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from core.admin import ReadOnly
from core.money import format_inr, from_paise
from trading.portfolio.models import (
    FundsHold,
    LedgerBalance,
    LedgerEntry,
    LedgerTransaction,
    TradingAccount,
)
from trading.portfolio.selectors.rates import brokerage_plans


@admin.register(TradingAccount)
class TradingAccountAdmin(admin.ModelAdmin[TradingAccount]):
    """Accounts are opened on the funds page; here they are renamed or switched off."""

    list_display = ("name", "organisation", "owner", "broker", "mode", "brokerage_plan", "is_active", "created_at")
    list_filter = ("mode", "broker", "is_active", "organisation")
    search_fields = ("name", "owner__email", "organisation__name")
    list_select_related = ("organisation", "owner")
    readonly_fields = ("organisation", "owner", "broker", "mode", "created_at")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "brokerage_plan":
            return forms.ChoiceField(choices=[(plan, plan) for plan in brokerage_plans()])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: TradingAccount | None = None) -> bool:
        return False


class LedgerEntryInline(ReadOnly, admin.TabularInline[LedgerEntry, LedgerTransaction]):
    """The lines of a transaction."""

    model = LedgerEntry
    fields = ("kind", "amount_paise")


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(ReadOnly, admin.ModelAdmin[LedgerTransaction]):
    """Every posted event."""

    list_display = ("at", "account", "source_type", "description", "source_id")
    list_filter = ("source_type", "organisation")
    search_fields = ("source_id", "description", "account__name")
    list_select_related = ("account",)
    date_hierarchy = "at"
    inlines = (LedgerEntryInline,)
    show_full_result_count = False


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly, admin.ModelAdmin[LedgerEntry]):
    """Every line, for sums by kind."""

    list_display = ("id", "account", "kind", "amount_paise", "transaction")
    list_filter = ("kind", "organisation")
    search_fields = ("transaction__source_id", "account__name")
    list_select_related = ("account", "transaction")
    show_full_result_count = False


@admin.register(LedgerBalance)
class LedgerBalanceAdmin(ReadOnly, admin.ModelAdmin[LedgerBalance]):
    """Running balances."""

    list_display = ("account", "available", "blocked", "margin", "inventory", "last_source_type")
    list_filter = ("organisation",)
    search_fields = ("account__name", "account__owner__email")
    list_select_related = ("account",)

    @admin.display(ordering="available_paise")
    def available(self, row: LedgerBalance) -> str:
        return format_inr(from_paise(row.available_paise))

    @admin.display(ordering="blocked_paise")
    def blocked(self, row: LedgerBalance) -> str:
        return format_inr(from_paise(row.blocked_paise))

    @admin.display(ordering="margin_paise")
    def margin(self, row: LedgerBalance) -> str:
        return format_inr(from_paise(row.margin_paise))

    @admin.display(ordering="inventory_paise")
    def inventory(self, row: LedgerBalance) -> str:
        return format_inr(from_paise(row.inventory_paise))


@admin.register(FundsHold)
class FundsHoldAdmin(ReadOnly, admin.ModelAdmin[FundsHold]):
    """What open orders hold."""

    list_display = ("order_id", "account", "amount_paise")
    list_filter = ("organisation",)
    search_fields = ("order_id", "account__name")
    list_select_related = ("account",)
