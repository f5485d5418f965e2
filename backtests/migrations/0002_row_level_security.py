"""Row-level security stands behind `.for_actor()`."""

from django.db import migrations

from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("backtests", "0001_initial")]

    operations = [
        enable_rls(
            "backtests_run",
            "backtests_runseries",
            "backtests_search",
            "backtests_cell",
            "backtests_window",
            "backtests_quota",
        )
    ]
