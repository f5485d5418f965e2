"""Tenants apart in PostgreSQL itself."""

from django.db import migrations

from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0001_initial")]

    operations = [
        enable_rls(
            "portfolio_tradingaccount",
            "portfolio_ledgertransaction",
            "portfolio_ledgerentry",
            "portfolio_ledgerbalance",
            "portfolio_fundshold",
            "portfolio_position",
        ),
    ]
