"""Row-level security stands behind `.for_actor()`."""

from django.db import migrations

from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("strategies", "0001_initial")]

    operations = [enable_rls("strategies_strategycode", "strategies_strategyversion")]
