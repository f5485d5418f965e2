"""Runs in the admin, to look at; an organisation's quota, to change."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import ReadOnly

from .models import Cell, Quota, Run, RunSeries, RunStrategy, Search, Window


@admin.register(Run)
class RunAdmin(ReadOnly, admin.ModelAdmin[Run]):
    """Every run of every organisation, and who holds it."""

    list_display = ("requested_at", "organisation", "kind", "name", "status", "percent")
    list_filter = ("status", "kind", "organisation")
    search_fields = ("id", "name", "message")
    date_hierarchy = "requested_at"
    list_select_related = ("organisation",)
    show_full_result_count = False


@admin.register(RunStrategy)
class RunStrategyAdmin(ReadOnly, admin.ModelAdmin[RunStrategy]):
    """What was run, on what, and how it was set."""

    list_display = ("run", "position", "key", "interval", "product", "organisation")
    list_filter = ("key", "organisation")
    search_fields = ("run__id", "key", "title")
    list_select_related = ("run", "organisation")


@admin.register(RunSeries)
class RunSeriesAdmin(ReadOnly, admin.ModelAdmin[RunSeries]):
    """How large results are."""

    list_display = ("run", "name", "rows", "organisation")
    list_filter = ("name", "organisation")
    search_fields = ("run__id",)
    list_select_related = ("run", "organisation")
    exclude = ("content",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunSeries]:
        """Without the arrays themselves."""
        return super().get_queryset(request).defer("content")


@admin.register(Search)
class SearchAdmin(ReadOnly, admin.ModelAdmin[Search]):
    """What sweeps and walk-forwards look for."""

    list_display = (
        "run", "method", "objective", "mode", "cells", "deflated_sharpe", "overfit_probability", "organisation",
    )  # fmt: skip
    list_filter = ("method", "objective", "mode", "organisation")
    search_fields = ("run__id",)
    list_select_related = ("run", "organisation")
    exclude = ("together",)


@admin.register(Cell)
class CellAdmin(ReadOnly, admin.ModelAdmin[Cell]):
    """Each combination that was tried."""

    list_display = ("run", "window", "number", "status", "score", "trades", "organisation")
    list_filter = ("status", "organisation")
    search_fields = ("run__id", "detail")
    list_select_related = ("run", "organisation")
    exclude = ("parts",)
    show_full_result_count = False


@admin.register(Window)
class WindowAdmin(ReadOnly, admin.ModelAdmin[Window]):
    """Each step of a walk-forward."""

    list_display = ("run", "number", "out_first", "out_last", "in_sample_score", "score", "is_done", "organisation")
    list_filter = ("is_done", "organisation")
    search_fields = ("run__id",)
    list_select_related = ("run", "organisation")
    exclude = ("daily", "trips")


@admin.register(Quota)
class QuotaAdmin(admin.ModelAdmin[Quota]):
    """An organisation's own bounds."""

    list_display = ("organisation", "running", "waiting", "cells", "bars", "bar_cells", "kept")
    list_filter = ("organisation",)
    search_fields = ("organisation__name", "organisation__slug")
    list_select_related = ("organisation",)
