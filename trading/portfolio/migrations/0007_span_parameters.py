"""Tenants apart for margin blocks, and the margin parameters as first known.

Sources: NSE Clearing, "SPAN risk parameters" (price scan range: six standard deviations scaled by root two, at
least 9.3 % for index and 14.2 % for stock derivatives; volatility scan range at least 4 and 10 points; calendar
spread 1.75 % and 2.2 % of the far contract; no short-option minimum any more). SEBI circular
SEBI/HO/MRD/TPD-1/P/CIR/2024/132 of 1 October 2024: 2 % more on short index options on their last day from 20
November 2024, no calendar spread on it from 1 February 2025. Exposure (extreme loss) margin 2 % of index and 3.5 %
of stock notional. Before that NSE Clearing's former table: 7.1 % and 10.7 %, a short-option minimum of 3 % and
7.5 %, exposure 3 % and 5 %. The published figures are floors; the daily ones follow volatility, which is why narrower
indices stand above them. Volatilities are what such options usually imply. Later changes are rows in the admin.
"""

from datetime import date
from decimal import Decimal

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from core.tenancy import enable_rls

FORMER = "NSE Clearing's former floors; dates approximate."
FLOORS = "NSE Clearing's floors."
LAST_DAY = "SEBI circular of 1 Oct 2024: 2 % more on the last day."
NO_SPREAD = "SEBI circular of 1 Oct 2024: no calendar spread on the last day."

# Price scan range, volatility scan range, exposure, short-option minimum, calendar spread, last day, spreads on it.
ERAS = {
    "INDEX": [
        (date(2010, 1, 1), ("0.071", "0.04", "0.03", "0.03", "0.01", "0", True), FORMER),
        (date(2020, 6, 1), ("0.093", "0.04", "0.02", "0", "0.0175", "0", True), FLOORS),
        (date(2024, 11, 20), ("0.093", "0.04", "0.02", "0", "0.0175", "0.02", True), LAST_DAY),
        (date(2025, 2, 1), ("0.093", "0.04", "0.02", "0", "0.0175", "0.02", False), NO_SPREAD),
    ],
    "STOCK": [
        (date(2010, 1, 1), ("0.107", "0.10", "0.05", "0.075", "0.015", "0", True), FORMER),
        (date(2020, 6, 1), ("0.142", "0.10", "0.035", "0", "0.022", "0", True), FLOORS),
    ],
}
# Price scan range from 2020 on (None: the class's) and the volatility where a price implies none.
UNDERLYINGS = {
    "NIFTY": (None, "0.14"),
    "BANKNIFTY": (None, "0.16"),
    "FINNIFTY": (None, "0.16"),
    "MIDCPNIFTY": ("0.11", "0.19"),
    "SENSEX": (None, "0.14"),
}
VOLATILITY = {"INDEX": "0.16", "STOCK": "0.32"}
COLUMNS = (
    "price_scan_range", "volatility_scan_range", "exposure_rate", "short_option_minimum", "calendar_spread_rate",
    "expiry_day_rate", "spreads_on_expiry_day",
)  # fmt: skip


def seed(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor | None) -> None:
    """Write the tables above: one row an era for each class and each index."""
    SpanParameter = apps.get_model("portfolio", "SpanParameter")
    names = {"INDEX": {"": (None, VOLATILITY["INDEX"]), **UNDERLYINGS}, "STOCK": {"": (None, VOLATILITY["STOCK"])}}
    for underlying_class, eras in ERAS.items():
        for valid_from, values, note in eras:
            columns = {
                column: value if isinstance(value, bool) else Decimal(value)
                for column, value in zip(COLUMNS, values, strict=True)
            }
            for underlying, (scan_range, volatility) in names[underlying_class].items():
                wider = {"price_scan_range": Decimal(scan_range)} if scan_range and valid_from.year >= 2020 else {}
                SpanParameter.objects.create(
                    underlying_class=underlying_class,
                    underlying=underlying,
                    valid_from=valid_from,
                    default_volatility=Decimal(volatility),
                    note=f"{note} Scan range above the floor: estimated." if wider else note,
                    **(columns | wider),
                )


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0006_margin_tables")]

    operations = [
        enable_rls("portfolio_marginblock"),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
