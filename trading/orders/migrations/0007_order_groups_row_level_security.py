"""Tenants apart in the tables of groups and baskets too."""

from django.db import migrations

from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_order_groups")]

    operations = [
        enable_rls("orders_ordergroup", "orders_refusedleg", "orders_basket", "orders_basketrow"),
    ]
