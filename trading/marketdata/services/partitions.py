"""Month partitions of minutes' tables: made ahead, filled from the default one, taken off when they are old.

Only PostgreSQL has them. With TimescaleDB a table is a hypertable, which makes its own chunks; retention is then
`drop_chunks`. SQLite keeps one table, and retention deletes rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.conf import settings
from django.db import connection, transaction

from core.clock import trading_date

from ..domain.months import Month
from ..selectors.minutes import FINISHED_DAYS
from ..selectors.partitions import CANDLES, MonthlyTable, Storage, partition_months, storage_kind

_LOCK = "sauda.month_partitions"


class Retirement(StrEnum):
    """What becomes of a month that is older than the retention."""

    DROP = "drop"
    DETACH = "detach"
    """Left as a table of its own, for an archive to take."""


@dataclass(frozen=True, slots=True)
class PartitionReport:
    """Months that got a partition, and months that were taken off."""

    created: tuple[Month, ...] = ()
    retired: tuple[Month, ...] = ()


def partitions_ensure(months: Iterable[Month], table: MonthlyTable = CANDLES) -> tuple[Month, ...]:
    """Give each month a partition of its own; returns those that had none.

    Rows of the month that lie in the default partition move over. Each month is a transaction of its own, and
    several processes may ask at once.
    """
    wanted = sorted(set(months))
    if storage_kind(table) is not Storage.PARTITIONED:
        return ()
    missing = [month for month in wanted if month not in partition_months(table)]
    return tuple(month for month in missing if _create(table, month))


def partitions_keep(
    table: MonthlyTable, *, ahead: int | None = None, retention: int | None = None
) -> PartitionReport:
    """What the clock does: partitions for the months to come and for rows in the default one; old months go.

    `retention` counts whole months of minutes before the current one, 0 keeps all. Daily bars are not touched.
    """
    this = Month.of(trading_date())
    ahead = settings.CANDLE_PARTITIONS_AHEAD if ahead is None else ahead
    retention = table.kept_months if retention is None else retention
    created = partitions_ensure([*(this.plus(count) for count in range(ahead + 1)), *_stray_months(table)], table)
    retired = months_retire(table, this.plus(-retention)) if retention else ()
    return PartitionReport(created, retired)


def months_retire(table: MonthlyTable, before: Month, how: Retirement | None = None) -> tuple[Month, ...]:
    """Take off all months before one, by `settings.CANDLE_RETIREMENT`; returns the months that had partitions."""
    how = how or Retirement(settings.CANDLE_RETIREMENT)
    old: list[Month] = []
    match storage_kind(table):
        case Storage.PARTITIONED:
            old = sorted(month for month in partition_months(table) if month < before)
            for month in old:
                _retire(table, month, how)
        case Storage.HYPERTABLE:
            with connection.cursor() as cursor:
                cursor.execute("SELECT drop_chunks(%s, older_than => %s)", [table.name, before.starts])
        case Storage.PLAIN:
            table.model._default_manager.filter(**{f"{table.column}__lt": before.starts}).delete()
    if table is CANDLES:
        FINISHED_DAYS.forget_on_commit()
    return tuple(old)


def _create(table: MonthlyTable, month: Month) -> bool:
    partition = table.partition(month)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])
        if month in partition_months(table):
            return False
        # Attached and not created in place: that would lock out every reader of the whole table.
        cursor.execute(f"CREATE TABLE {partition} (LIKE {table.name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {table.default} WHERE {table.column} >= %s AND {table.column} < %s"
            f" RETURNING *) INSERT INTO {partition} SELECT * FROM moved",
            [month.starts, month.ends],
        )
        cursor.execute(
            f"ALTER TABLE {table.name} ATTACH PARTITION {partition}"
            f" FOR VALUES FROM ('{month.starts.isoformat()}') TO ('{month.ends.isoformat()}')"
        )
    return True


def _retire(table: MonthlyTable, month: Month, how: Retirement) -> None:
    partition = table.partition(month)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])
        if month not in partition_months(table):
            return
        cursor.execute(f"ALTER TABLE {table.name} DETACH PARTITION {partition}")
        cursor.execute(
            f"DROP TABLE {partition}"
            if how is Retirement.DROP
            else f"ALTER TABLE {partition} RENAME TO {partition}_detached"
        )


def _stray_months(table: MonthlyTable) -> list[Month]:
    """Months of which rows lie in the default partition."""
    if storage_kind(table) is not Storage.PARTITIONED:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT date_trunc('month', {table.column} AT TIME ZONE 'Asia/Kolkata')::date"
            f" FROM {table.default}"
        )
        months: list[date] = [row[0] for row in cursor.fetchall()]
    return [Month.of(month) for month in months]


def months_of(days: Iterable[date]) -> set[Month]:
    """The months that some days lie in."""
    return {Month.of(day) for day in days}
