"""Which sector each underlying belongs to."""

from collections.abc import Mapping
from datetime import date

from core import clock
from riskmgmt.models import UnderlyingSector
from riskmgmt.models.limits_cache import remembered


def sectors(day: date | None = None) -> Mapping[str, str]:
    """Sector by symbol on a day (None: the trading date), remembered for a moment."""
    on = day or clock.trading_date()

    def load() -> dict[str, str]:
        rows = UnderlyingSector.objects.filter(valid_from__lte=on).order_by("valid_from")
        return dict(rows.values_list("symbol", "sector"))

    found: Mapping[str, str] = remembered(("sectors", on), load)
    return found
