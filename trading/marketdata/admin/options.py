"""Interest rates in the admin. A chain's minutes have a composite key, which Django's admin cannot show."""

from django.contrib import admin

from core.admin import ReadOnly

from ..models import ChainColumns, InterestRate


@admin.register(InterestRate)
class InterestRateAdmin(admin.ModelAdmin[InterestRate]):
    """What forwards, implied volatilities and Greeks are computed with, by day."""

    list_display = ("valid_from", "rate", "note")
    date_hierarchy = "valid_from"


@admin.register(ChainColumns)
class ChainColumnsAdmin(ReadOnly, admin.ModelAdmin[ChainColumns]):
    list_display = ("owner", "columns", "updated_at", "organisation")
    list_filter = ("organisation",)
    search_fields = ("owner__email",)
    list_select_related = ("owner", "organisation")
