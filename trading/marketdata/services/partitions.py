"""Month partitions of the candle table: made ahead, filled from the default one, taken off when they are old.

Only PostgreSQL has them. With TimescaleDB the table is a hypertable, which makes its own chunks; retention is then
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
from ..models import Candle
from ..selectors.minutes import FINISHED_DAYS
from ..selectors.partitions import Storage, partition_months, storage_kind

_LOCK = "sauda.candle_partitions"


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


def partitions_ensure(months: Iterable[Month]) -> tuple[Month, ...]:
    """Give each month a partition of its own; returns those that had none.

    Rows of the month that lie in the default partition move over. Each month is a transaction of its own, and
    several processes may ask at once.
    """
    wanted = sorted(set(months))
    if storage_kind() is not Storage.PARTITIONED:
        return ()
    missing = [month for month in wanted if month not in partition_months()]
    return tuple(month for month in missing if _create(month))


def partitions_keep(*, ahead: int | None = None, retention: int | None = None) -> PartitionReport:
    """What the clock does: partitions for the months to come and for rows in the default one; old months go.

    `retention` counts whole months of minutes before the current one, 0 keeps all. Daily bars are not touched.
    """
    this = Month.of(trading_date())
    ahead = settings.CANDLE_PARTITIONS_AHEAD if ahead is None else ahead
    retention = settings.CANDLE_RETENTION_MONTHS if retention is None else retention
    created = partitions_ensure([*(this.plus(count) for count in range(ahead + 1)), *_stray_months()])
    retired = candles_retire(this.plus(-retention)) if retention else ()
    return PartitionReport(created, retired)


def candles_retire(before: Month, how: Retirement | None = None) -> tuple[Month, ...]:
    """Take off all months before one, by `settings.CANDLE_RETIREMENT`; returns the months that had partitions."""
    how = how or Retirement(settings.CANDLE_RETIREMENT)
    FINISHED_DAYS.forget_on_commit()
    kind = storage_kind()
    if kind is Storage.PARTITIONED:
        old = [month for month in partition_months() if month < before]
        for month in old:
            _retire(month, how)
        if old:
            FINISHED_DAYS.forget_on_commit()
        return tuple(old)
    if kind is Storage.HYPERTABLE:
        with connection.cursor() as cursor:
            cursor.execute("SELECT drop_chunks('marketdata_candle', older_than => %s)", [before.starts])
    else:
        Candle.objects.filter(start__lt=before.starts).delete()
    FINISHED_DAYS.forget_on_commit()
    return ()


def _create(month: Month) -> bool:
    table = f"marketdata_candle_{month}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])
        if month in partition_months():
            return False
        # Attached and not created in place: that would lock out every reader of the whole table.
        cursor.execute(f"CREATE TABLE {table} (LIKE marketdata_candle INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM marketdata_candle_default WHERE start >= %s AND start < %s RETURNING *)"
            f" INSERT INTO {table} SELECT * FROM moved",
            [month.starts, month.ends],
        )
        cursor.execute(
            f"ALTER TABLE marketdata_candle ATTACH PARTITION {table}"
            f" FOR VALUES FROM ('{month.starts.isoformat()}') TO ('{month.ends.isoformat()}')"
        )
    return True


def _retire(month: Month, how: Retirement) -> None:
    table = f"marketdata_candle_{month}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])
        if month not in partition_months():
            return
        cursor.execute(f"ALTER TABLE marketdata_candle DETACH PARTITION {table}")
        cursor.execute(
            f"DROP TABLE {table}" if how is Retirement.DROP else f"ALTER TABLE {table} RENAME TO {table}_detached"
        )


def _stray_months() -> list[Month]:
    """Months of which rows lie in the default partition."""
    if storage_kind() is not Storage.PARTITIONED:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('month', start AT TIME ZONE 'Asia/Kolkata')::date"
            " FROM marketdata_candle_default"
        )
        months: list[date] = [row[0] for row in cursor.fetchall()]
    return [Month.of(month) for month in months]


def months_of(days: Iterable[date]) -> set[Month]:
    """The months that some days lie in."""
    return {Month.of(day) for day in days}
