"""Daily bars of the days whose minutes are stored already; today's is not over."""

from django.db import migrations

_DAY = {
    "postgresql": "(start AT TIME ZONE 'Asia/Kolkata')::date",
    "sqlite": "date(start, '+330 minutes')",
}
_TODAY = {
    "postgresql": "(now() AT TIME ZONE 'Asia/Kolkata')::date",
    "sqlite": "date('now', '+330 minutes')",
}


def roll_up(apps, schema_editor):
    day, today = _DAY[schema_editor.connection.vendor], _TODAY[schema_editor.connection.vendor]
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"""
            INSERT INTO marketdata_dailybar
                (instrument_id, date, source, open, high, low, close, volume, oi, minutes)
            SELECT days.instrument_id, days.day, 1, first.open, days.high, days.low, last.close, days.volume,
                   last.oi, days.minutes
            FROM (
                SELECT instrument_id, {day} AS day, min(start) AS opens, max(start) AS closes, max(high) AS high,
                       min(low) AS low, sum(volume) AS volume, count(*) AS minutes
                FROM marketdata_candle WHERE {day} < {today} GROUP BY 1, 2
            ) AS days
            JOIN marketdata_candle AS first
                ON first.instrument_id = days.instrument_id AND first.start = days.opens
            JOIN marketdata_candle AS last
                ON last.instrument_id = days.instrument_id AND last.start = days.closes
        """)


class Migration(migrations.Migration):
    dependencies = [
        ("marketdata", "0005_candle_partitions"),
    ]

    operations = [
        migrations.RunPython(roll_up, migrations.RunPython.noop),
    ]
