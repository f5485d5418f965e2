"""Candles by month on PostgreSQL: the rows move into partitions, and back when this is undone.

A month is India's. What fits no month goes into the default partition, so that no row is ever refused. With
TimescaleDB installed the table becomes a hypertable instead. SQLite keeps its one table.
"""

from datetime import date

from django.db import migrations

_COLUMNS = "instrument_id, start, open, high, low, close, volume, oi"
_FOREIGN_KEY = "marketdata_candle_instrument_id_fk"


def partition(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')")
        if cursor.fetchone()[0]:
            cursor.execute(
                "SELECT create_hypertable('marketdata_candle', by_range('start', INTERVAL '1 month'),"
                " migrate_data => true)"
            )
            return
        _set_aside(cursor)
        cursor.execute(
            "CREATE TABLE marketdata_candle (LIKE marketdata_candle_aside INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
            " PARTITION BY RANGE (start)"
        )
        cursor.execute("CREATE TABLE marketdata_candle_default PARTITION OF marketdata_candle DEFAULT")
        cursor.execute(
            "SELECT DISTINCT date_trunc('month', start AT TIME ZONE 'Asia/Kolkata')::date FROM ("
            " SELECT start FROM marketdata_candle_aside"
            " UNION ALL SELECT now() + ahead * INTERVAL '1 month' FROM generate_series(0, 3) AS ahead"
            ") AS used ORDER BY 1"
        )
        for (month,) in cursor.fetchall():
            after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            cursor.execute(
                f"CREATE TABLE marketdata_candle_{month:%Y_%m} PARTITION OF marketdata_candle"
                f" FOR VALUES FROM ('{month} 00:00:00+05:30') TO ('{after} 00:00:00+05:30')"
            )
        _move(cursor)


def unpartition(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        _set_aside(cursor)
        cursor.execute(
            "CREATE TABLE marketdata_candle (LIKE marketdata_candle_aside INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        )
        _move(cursor)


def _set_aside(cursor):
    """Rename the table, and take away what the new one is to have under its own name."""
    cursor.execute("ALTER TABLE marketdata_candle RENAME TO marketdata_candle_aside")
    cursor.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'marketdata_candle_aside'::regclass"
        " AND contype IN ('p', 'f')"
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'ALTER TABLE marketdata_candle_aside DROP CONSTRAINT "{name}"')


def _move(cursor):
    # Keys after the rows: built at once, and each row's instrument is checked by one join.
    cursor.execute(f"INSERT INTO marketdata_candle ({_COLUMNS}) SELECT {_COLUMNS} FROM marketdata_candle_aside")
    cursor.execute("DROP TABLE marketdata_candle_aside")
    cursor.execute("ALTER TABLE marketdata_candle ADD PRIMARY KEY (instrument_id, start)")
    cursor.execute(
        f"ALTER TABLE marketdata_candle ADD CONSTRAINT {_FOREIGN_KEY} FOREIGN KEY (instrument_id)"
        " REFERENCES instruments_instrument (id) DEFERRABLE INITIALLY DEFERRED"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("marketdata", "0004_daily_bars_and_backfills"),
    ]

    operations = [
        migrations.RunPython(partition, unpartition),
    ]
