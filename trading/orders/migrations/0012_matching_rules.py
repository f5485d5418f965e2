"""How each market matches, as first known: at once, at the displayed prices, for all that is displayed.

Nothing is added to what the depth itself says: a latency or a slippage is the operator's to measure at the
broker that an account is to go to, and to enter with its date. See docs/paper-exchange.md.
"""

from datetime import date

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

MARKETS = (
    ("NSE", "EQUITY"),
    ("NSE", "EQUITY_FNO"),
    ("BSE", "EQUITY"),
    ("BSE", "EQUITY_FNO"),
    ("NFO", "EQUITY_DERIVATIVES"),
    ("BFO", "EQUITY_DERIVATIVES"),
)


def seed(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor | None) -> None:
    """A plain rule for every market."""
    rule = apps.get_model("orders", "MatchingRule")
    rule.objects.bulk_create(
        rule(exchange=exchange, segment=segment, valid_from=date(2010, 1, 1), note="The displayed depth, at once.")
        for exchange, segment in MARKETS
    )


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_paper_exchange")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
