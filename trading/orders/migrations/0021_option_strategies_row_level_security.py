"""Kept option strategies kept apart by tenant."""

from django.db import migrations

from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("orders", "0020_option_strategies")]

    operations = [enable_rls("orders_optionstrategy"), enable_rls("orders_optionstrategyleg")]
