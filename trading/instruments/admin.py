"""The instrument master in the admin: what imports write is read there, not edited."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from core.admin import ReadOnly

from .models import (
    ActionNotice,
    BandRule,
    BreakerRule,
    BrokerToken,
    CalendarDay,
    CorporateAction,
    ImportRun,
    Instrument,
    RejectedRow,
    SessionRule,
    TradingHalt,
)
from .process_cache import forget_reference_data_on_commit


class BrokerTokenInline(ReadOnly, admin.TabularInline[BrokerToken, Instrument]):
    model = BrokerToken
    extra = 0


@admin.register(Instrument)
class InstrumentAdmin(admin.ModelAdmin[Instrument]):
    list_display = ("key", "name", "instrument_type", "expiry", "strike", "lot_size", "tick_size", "is_active")
    list_filter = ("exchange", "instrument_type", "has_derivatives", "is_active", "expiry")
    search_fields = ("symbol__startswith", "name", "isin__exact", "underlying__exact")
    readonly_fields = ("key", "exchange", "symbol", "created_at", "updated_at")
    show_full_result_count = False
    inlines = (BrokerTokenInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Instrument, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_reference_data_on_commit()


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnly, admin.ModelAdmin[ImportRun]):
    list_display = (
        "filename",
        "source",
        "master_date",
        "finished_at",
        "rows_read",
        "created",
        "updated",
        "unchanged",
        "rejected",
    )
    list_filter = ("source", "master_date")
    search_fields = ("filename", "sha256")
    date_hierarchy = "finished_at"


@admin.register(RejectedRow)
class RejectedRowAdmin(ReadOnly, admin.ModelAdmin[RejectedRow]):
    list_display = ("run", "row_number", "reason", "detail")
    list_filter = ("reason", "run__source", "run")
    list_select_related = ("run",)
    search_fields = ("detail",)


@admin.register(CalendarDay)
class CalendarDayAdmin(admin.ModelAdmin[CalendarDay]):
    list_display = ("calendar", "date", "kind", "name", "opens", "closes")
    list_filter = ("calendar", "kind")
    search_fields = ("name",)
    date_hierarchy = "date"

    def save_model(self, request: HttpRequest, obj: CalendarDay, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_reference_data_on_commit()


@admin.register(SessionRule)
class SessionRuleAdmin(admin.ModelAdmin[SessionRule]):
    list_display = ("segment", "phase", "starts", "ends", "valid_from", "valid_to")
    list_filter = ("segment", "phase")

    def save_model(self, request: HttpRequest, obj: SessionRule, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_reference_data_on_commit()


@admin.register(CorporateAction)
class CorporateActionAdmin(admin.ModelAdmin[CorporateAction]):
    """Entered before the ex-date; what has been applied to positions is history."""

    list_display = ("ex_date", "instrument", "kind", "ratio_held", "ratio_after", "amount", "applied_at")
    list_filter = ("kind", "ex_date")
    search_fields = ("instrument__key", "note")
    list_select_related = ("instrument",)
    raw_id_fields = ("instrument",)
    readonly_fields = ("applied_at",)
    date_hierarchy = "ex_date"

    def has_change_permission(self, request: HttpRequest, obj: CorporateAction | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.applied_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: CorporateAction | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.applied_at is None)


@admin.register(ActionNotice)
class ActionNoticeAdmin(ReadOnly, admin.ModelAdmin[ActionNotice]):
    """What the exchange announced, word for word; those not understood are to be entered by hand above."""

    list_display = ("ex_date", "symbol", "purpose", "reading", "terms", "instrument")
    list_filter = ("reading", "ex_date")
    search_fields = ("symbol", "purpose")
    list_select_related = ("instrument",)
    date_hierarchy = "ex_date"


class ReferenceAdmin(admin.ModelAdmin[Model]):
    """Rows that every process remembers: a change is told to all of them."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_reference_data_on_commit()

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        super().delete_model(request, obj)
        forget_reference_data_on_commit()


@admin.register(BandRule)
class BandRuleAdmin(ReferenceAdmin):
    list_display = ("segment", "instrument", "valid_from", "percent", "flex_percent", "note")
    list_filter = ("segment", "valid_from")
    list_select_related = ("instrument",)
    search_fields = ("instrument__key",)
    autocomplete_fields = ("instrument",)


@admin.register(BreakerRule)
class BreakerRuleAdmin(ReferenceAdmin):
    list_display = ("percent", "starts", "ends", "halt_minutes", "auction_minutes", "valid_from")
    list_filter = ("percent", "valid_from")


@admin.register(TradingHalt)
class TradingHaltAdmin(ReferenceAdmin):
    """A halt begins and ends by market time; to end one, give it an end."""

    list_display = ("starts_at", "ends_at", "instrument", "level", "reason", "created_at")
    list_filter = ("day", "level")
    list_select_related = ("instrument",)
    search_fields = ("instrument__key", "reason")
    autocomplete_fields = ("instrument",)
    readonly_fields = ("level", "day", "created_at")
