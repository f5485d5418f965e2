"""Interest rates in the admin. A chain's minutes have a composite key, which Django's admin cannot show."""

from django.contrib import admin

from ..models import InterestRate


@admin.register(InterestRate)
class InterestRateAdmin(admin.ModelAdmin[InterestRate]):
    """What forwards, implied volatilities and Greeks are computed with, by day."""

    list_display = ("valid_from", "rate", "note")
    date_hierarchy = "valid_from"
