"""Price bands and circuit breakers as first known. Later changes are rows that an operator adds in the admin.

Sources: NSE, "Price bands" (2, 5, 10 or 20 per cent for each security without derivatives; a dynamic band of 10 per
cent, flexing by 5, for those with derivatives and for stock and index futures) and NSE, "Index-based market-wide
circuit breakers" (SEBI, in force in this form since October 2013). A security's own 2, 5 or 10 per cent changes
often and is published daily: such rows are the operator's.
"""

from datetime import date, time
from decimal import Decimal

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BANDS = (
    ("EQUITY", "20", None, "The widest fixed band; a security's own is a row of its own."),
    ("EQUITY_FNO", "10", "5", "Dynamic: flexes by 5."),
    ("EQUITY_DERIVATIVES", "10", "5", "Futures; options have no band here."),
)
OPENS, CLOSES = time(9, 0), time(23, 59, 59)
# per cent, from, until, minutes of halt (None: the rest of the day, 0: none), minutes of call auction after it.
BREAKERS = (
    ("10", OPENS, time(13, 0), 45, 15),
    ("10", time(13, 0), time(14, 30), 15, 15),
    ("10", time(14, 30), CLOSES, 0, 0),
    ("15", OPENS, time(13, 0), 105, 15),
    ("15", time(13, 0), time(14, 0), 45, 15),
    ("15", time(14, 0), CLOSES, None, 0),
    ("20", OPENS, CLOSES, None, 0),
)


def seed(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor | None) -> None:
    """Write the tables above."""
    rule = apps.get_model("instruments", "BandRule")
    rule.objects.bulk_create(
        rule(
            segment=segment,
            valid_from=date(2010, 1, 1),
            percent=Decimal(percent),
            flex_percent=None if flex is None else Decimal(flex),
            note=note,
        )
        for segment, percent, flex, note in BANDS
    )
    breaker = apps.get_model("instruments", "BreakerRule")
    breaker.objects.bulk_create(
        breaker(
            percent=Decimal(percent),
            starts=starts,
            ends=ends,
            halt_minutes=halt,
            auction_minutes=auction,
            valid_from=date(2013, 10, 1),
        )
        for percent, starts, ends, halt, auction in BREAKERS
    )


class Migration(migrations.Migration):
    dependencies = [("instruments", "0002_bands_and_halts")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
