"""Orders from before `valid_on` were meant for the session of the day they came in on.

Apart from the columns, because a row changed and a table altered do not go into one transaction on PostgreSQL.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models.functions import TruncDate

from core.clock import IST
from core.db.guards import append_only_restored
from core.tenancy import system_scope


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Date every order by its creation, in Indian time."""
    with system_scope():
        apps.get_model("orders", "Order").objects.update(valid_on=TruncDate("created_at", tzinfo=IST))


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_stops_and_after_market")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        append_only_restored("orders_orderevent"),
    ]
