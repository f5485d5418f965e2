"""Tenants apart in PostgreSQL itself."""

from django.db import migrations

from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [enable_rls("orders_order", "orders_orderevent", "orders_fill")]
