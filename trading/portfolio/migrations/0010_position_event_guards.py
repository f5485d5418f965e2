"""Position events are append-only and kept apart by tenant, as the ledger is."""

from django.db import migrations

from core.db.guards import append_only
from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0009_position_events")]

    operations = [
        enable_rls("portfolio_positionevent"),
        append_only("portfolio_positionevent"),
    ]
