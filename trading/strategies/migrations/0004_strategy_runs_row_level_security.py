"""Runs of strategies kept apart by tenant."""

from django.db import migrations

from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("strategies", "0003_strategy_runs")]

    operations = [
        enable_rls(f"strategies_{table}")
        for table in ("strategyrun", "signal", "runnote", "runorder", "runfill", "runmark")
    ]
