"""What happened to an order stays as it was written."""

from django.db import migrations

from core.db.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_row_level_security")]

    operations = [append_only("orders_orderevent", "orders_fill")]
