"""The ledger guards itself: history cannot be changed, and no transaction commits unbalanced.

SQLite has no deferred triggers: there `verify_ledger` and the balance row's check find an unbalanced one.
"""

from django.db import migrations

from core.db.guards import append_only, checked_at_commit

TOTAL = "(SELECT sum(amount_paise) FROM portfolio_ledgerentry WHERE transaction_id = NEW.transaction_id)"


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0002_row_level_security")]

    operations = [
        append_only("portfolio_ledgertransaction", "portfolio_ledgerentry", truncate=False),
        checked_at_commit(
            "ledger_transaction_balanced",
            table="portfolio_ledgerentry",
            event="INSERT",
            violated=f"{TOTAL} IS DISTINCT FROM 0",
            message=f"format('ledger transaction %s is off by %s paise', NEW.transaction_id, {TOTAL})",
        ),
    ]
