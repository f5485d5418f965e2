"""Tenants apart in the tables of triggers too, and their history unchanged."""

from django.db import migrations

from core.db.guards import append_only
from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_triggers")]

    operations = [
        enable_rls("orders_trigger", "orders_triggerleg", "orders_triggerevent"),
        append_only("orders_triggerevent"),
    ]
