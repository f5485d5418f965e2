"""Dated rates and rules in the admin: a change is a row with a new date."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from trading.instruments.process_cache import forget_reference_data_on_commit
from trading.portfolio.models import (
    BrokerageRate,
    ChargeRate,
    EquityMargin,
    MarginRate,
    PlanFee,
    SettlementCycle,
    SpanParameter,
    SquareOffRule,
)
from trading.portfolio.selectors import rates_forget
from trading.portfolio.selectors.span import margin_parameters_forget


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
