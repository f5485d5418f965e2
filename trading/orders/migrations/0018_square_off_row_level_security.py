"""Square-offs kept apart by tenant."""

from django.db import migrations

from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("orders", "0017_square_off")]

    operations = [enable_rls("orders_squareoff")]
