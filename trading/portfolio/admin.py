"""Trading accounts, their books and the rates, for operators. What the ledger says is read-only."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from core.admin import ReadOnly
from core.money import format_inr, from_paise
from trading.instruments.process_cache import forget_reference_data_on_commit
from trading.portfolio.models import (
    BrokerageRate,
    ChargeRate,
    DayRun,
    DeliveryDay,
    EquityMargin,
    FundsHold,
    LedgerBalance,
    LedgerEntry,
    LedgerTransaction,
    MarginBlock,
    MarginRate,
    PlanFee,
    Position,
    PositionEvent,
    SettlementCycle,
    SpanParameter,
    SquareOffRule,
    TradingAccount,
)
from trading.portfolio.selectors import rates_forget
from trading.portfolio.selectors.rates import brokerage_plans
from trading.portfolio.selectors.span import margin_parameters_forget


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


class RateAdmin(admin.ModelAdmin[Any]):
    """A rate is changed by adding a row with a later date. Other processes follow within half a minute."""

    date_hierarchy = "valid_from"

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool) -> None:
        super().save_model(request, obj, form, change)
        rates_forget()
        margin_parameters_forget()

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        super().delete_model(request, obj)
        rates_forget()
        margin_parameters_forget()


@admin.register(ChargeRate)
class ChargeRateAdmin(RateAdmin):
    """Statutory and exchange charges."""

    list_display = (
        "exchange",
        "segment",
        "valid_from",
        "stt_buy",
        "stt_sell",
        "exchange_rate",
        "stamp_buy",
        "note",
    )
    list_filter = ("exchange", "segment", "valid_from")
    search_fields = ("note",)


@admin.register(BrokerageRate)
class BrokerageRateAdmin(RateAdmin):
    """Brokerage plans."""

    list_display = ("plan", "segment", "valid_from", "flat", "rate", "floor", "cap", "note")
    list_filter = ("plan", "segment")
    search_fields = ("plan", "note")


@admin.register(MarginRate)
class MarginRateAdmin(RateAdmin):
    """Margins."""

    list_display = ("segment", "valid_from", "long_rate", "short_rate", "note")
    list_filter = ("segment",)
    search_fields = ("note",)


@admin.register(SpanParameter)
class SpanParameterAdmin(RateAdmin):
    """Margin parameters of futures and options."""

    list_display = (
        "underlying_class",
        "underlying",
        "valid_from",
        "price_scan_range",
        "volatility_scan_range",
        "exposure_rate",
        "calendar_spread_rate",
        "expiry_day_rate",
    )
    list_filter = ("underlying_class", "valid_from")
    search_fields = ("underlying", "note")


@admin.register(EquityMargin)
class EquityMarginAdmin(RateAdmin):
    """Shares that block more than their segment."""

    list_display = ("instrument", "product", "valid_from", "var_rate", "extreme_loss_rate", "note")
    list_filter = ("product", "valid_from")
    search_fields = ("instrument__key", "note")
    list_select_related = ("instrument",)
    autocomplete_fields = ("instrument",)


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


class DatedRuleAdmin(admin.ModelAdmin[Any]):
    """A rule is changed by adding a row with a later date; every process follows at once."""

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_reference_data_on_commit()

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        super().delete_model(request, obj)
        forget_reference_data_on_commit()


@admin.register(PlanFee)
class PlanFeeAdmin(DatedRuleAdmin):
    """Depository charges and interest of the brokers' plans."""

    list_display = ("plan", "kind", "valid_from", "amount", "rate", "on_unsettled", "note")
    list_filter = ("plan", "kind")


@admin.register(SettlementCycle)
class SettlementCycleAdmin(DatedRuleAdmin):
    """When shares arrive after a trade."""

    list_display = ("valid_from", "days", "payout_at", "note")


@admin.register(SquareOffRule)
class SquareOffRuleAdmin(DatedRuleAdmin):
    """When INTRADAY positions are closed."""

    list_display = ("segment", "valid_from", "warn_at", "square_off_at", "fee", "note")
    list_filter = ("segment",)


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
