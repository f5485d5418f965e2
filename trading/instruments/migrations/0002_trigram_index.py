"""Names are searched by trigrams where PostgreSQL has them; elsewhere the few thousand cash names are scanned."""

from django.db import migrations

from core.tenancy import postgres_sql

# Some builds of PostgreSQL come without contrib. Search then loses its tolerance of typing errors, no more.
FORWARDS = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX instrument_cash_name ON instruments_instrument
            USING gin (upper(name) gin_trgm_ops) WHERE underlying = '';
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("instruments", "0001_initial")]

    operations = [postgres_sql(FORWARDS, "DROP INDEX IF EXISTS instrument_cash_name")]
