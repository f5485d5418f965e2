"""Names are searched by trigrams on PostgreSQL; SQLite scans the few thousand cash instruments."""

from django.db import migrations

from core.tenancy import postgres_sql


class Migration(migrations.Migration):
    dependencies = [("instruments", "0002_search_indexes")]

    operations = [
        postgres_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm"),
        postgres_sql(
            "CREATE INDEX instrument_cash_name ON instruments_instrument "
            "USING gin (upper(name) gin_trgm_ops) WHERE underlying = ''",
            "DROP INDEX instrument_cash_name",
        ),
    ]
