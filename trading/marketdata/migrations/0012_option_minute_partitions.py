"""Option minutes by month on PostgreSQL: the table becomes the default partition of a new one, and no row moves.

The clock's `marketdata.keep_partitions` gives the months in it partitions of their own, each in a transaction. With
TimescaleDB installed the table becomes a hypertable instead. SQLite keeps its one table.
"""

from datetime import date

from django.db import migrations

_TABLE = "marketdata_optionminute"
_FOREIGN_KEY = f"{_TABLE}_instrument_id_fk"


def partition(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')")
        if cursor.fetchone()[0]:
            cursor.execute(
                f"SELECT create_hypertable('{_TABLE}', by_range('at', INTERVAL '1 month'), migrate_data => true)"
            )
            return
        cursor.execute(f"ALTER TABLE {_TABLE} RENAME TO {_TABLE}_default")
        cursor.execute(f"ALTER INDEX {_TABLE}_pkey RENAME TO {_TABLE}_default_pkey")
        cursor.execute(
            f"CREATE TABLE {_TABLE} (LIKE {_TABLE}_default INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
            " PARTITION BY RANGE (at)"
        )
        _add_keys(cursor)
        cursor.execute(f"ALTER TABLE {_TABLE} ATTACH PARTITION {_TABLE}_default DEFAULT")
        cursor.execute(
            "SELECT date_trunc('month', now() AT TIME ZONE 'Asia/Kolkata')::date AS month,"
            f" NOT EXISTS (SELECT FROM {_TABLE}_default)"
        )
        this, is_empty = cursor.fetchone()
        for ahead in range(0 if is_empty else 1, 4):
            month, after = _plus(this, ahead), _plus(this, ahead + 1)
            cursor.execute(
                f"CREATE TABLE {_TABLE}_{month:%Y_%m} PARTITION OF {_TABLE}"
                f" FOR VALUES FROM ('{month} 00:00:00+05:30') TO ('{after} 00:00:00+05:30')"
            )


def unpartition(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"CREATE TABLE {_TABLE}_aside (LIKE {_TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        cursor.execute(f"INSERT INTO {_TABLE}_aside SELECT * FROM {_TABLE}")
        cursor.execute(f"DROP TABLE {_TABLE}")
        cursor.execute(f"ALTER TABLE {_TABLE}_aside RENAME TO {_TABLE}")
        _add_keys(cursor)


def _add_keys(cursor):
    cursor.execute(f"ALTER TABLE {_TABLE} ADD CONSTRAINT {_TABLE}_pkey PRIMARY KEY (instrument_id, at)")
    cursor.execute(
        f"ALTER TABLE {_TABLE} ADD CONSTRAINT {_FOREIGN_KEY} FOREIGN KEY (instrument_id)"
        " REFERENCES instruments_instrument (id) DEFERRABLE INITIALLY DEFERRED"
    )


def _plus(month, count):
    after = month.year * 12 + month.month - 1 + count
    return date(after // 12, after % 12 + 1, 1)


class Migration(migrations.Migration):
    dependencies = [
        ("marketdata", "0011_chain_columns"),
    ]

    operations = [
        migrations.RunPython(partition, unpartition),
    ]
