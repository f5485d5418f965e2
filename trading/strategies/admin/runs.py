"""Runs of strategies, to look at: what is done with them is done on their page and in the API."""

from django.contrib import admin

from core.admin import ReadOnly
from trading.strategies.models import RunNote, Signal, StrategyRun


@admin.register(StrategyRun)
class StrategyRunAdmin(ReadOnly, admin.ModelAdmin[StrategyRun]):
    """Runs by organisation, and which process drives them."""

    list_display = ("name", "organisation", "account", "strategy", "mode", "state", "lease_holder", "heartbeat_at")
    list_filter = ("state", "mode", "strategy", "organisation")
    list_select_related = ("organisation", "account")
    search_fields = ("name", "strategy", "organisation__slug")


@admin.register(Signal)
class SignalAdmin(ReadOnly, admin.ModelAdmin[Signal]):
    """Everything that strategies wanted."""

    list_display = ("run", "seq", "instrument", "side", "quantity", "state", "code", "decided_at", "answered_by")
    list_filter = ("state", "organisation")
    list_select_related = ("run", "instrument")
    search_fields = ("run__name", "instrument__key")


@admin.register(RunNote)
class RunNoteAdmin(ReadOnly, admin.ModelAdmin[RunNote]):
    """Journals."""

    list_display = ("run", "seq", "kind", "message", "at")
    list_filter = ("kind", "organisation")
    list_select_related = ("run",)
    search_fields = ("run__name", "message")
