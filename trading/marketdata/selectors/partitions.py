"""How minutes lie in the database: in one table, in month partitions, or in a TimescaleDB hypertable."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import connection, models

from ..domain.months import Month
from ..models import Candle, OptionMinute


@dataclass(frozen=True, slots=True)
class MonthlyTable:
    """A table that has a partition for each month, in India, of its time column.

    `retention` names the setting that says how many whole months are kept before the current one.
    """

    title: str
    model: type[models.Model]
    column: str
    retention: str

    @property
    def name(self) -> str:
        """Its name in the database."""
        return self.model._meta.db_table

    @property
    def kept_months(self) -> int:
        """Whole months that are kept before the current one; 0 keeps all."""
        months: int = getattr(settings, self.retention)
        return months

    @property
    def default(self) -> str:
        """The partition of what fits no month's."""
        return f"{self.name}_default"

    def partition(self, month: Month) -> str:
        """The name of a month's partition."""
        return f"{self.name}_{month}"

    def month_of(self, partition: str) -> Month | None:
        """The inverse of `partition`; None for the default one and for chunks."""
        try:
            return Month.parse(partition.removeprefix(f"{self.name}_"))
        except ValueError:
            return None


CANDLES = MonthlyTable("Candles", Candle, "start", "CANDLE_RETENTION_MONTHS")
OPTION_MINUTES = MonthlyTable("Option minutes", OptionMinute, "at", "OPTION_RETENTION_MONTHS")
MONTHLY_TABLES = (CANDLES, OPTION_MINUTES)


class Storage(StrEnum):
    """What kind of table it is."""

    PLAIN = "plain"
    PARTITIONED = "partitioned"
    HYPERTABLE = "hypertable"


@dataclass(frozen=True, slots=True)
class PartitionState:
    """One partition; `month` is None for the default one. `rows` is the planner's estimate, -1 before its first."""

    name: str
    month: Month | None
    rows: int
    size: int
    """Bytes, with its index."""


@dataclass(frozen=True, slots=True)
class StorageState:
    """Where a table's rows lie, newest month first; `stray_rows` is exact: rows that fit no month's partition."""

    table: MonthlyTable
    kind: Storage
    partitions: tuple[PartitionState, ...]
    stray_rows: int = 0

    @property
    def rows(self) -> int:
        """All rows, as estimated."""
        return sum(max(0, each.rows) for each in self.partitions)

    @property
    def size(self) -> int:
        """All bytes."""
        return sum(each.size for each in self.partitions)

    @property
    def last_month(self) -> Month | None:
        """The last month that has its partition."""
        return max((each.month for each in self.partitions if each.month), default=None)

    def months_ahead(self, at: datetime) -> int:
        """How many months after the one of a moment (in India) have their partition; -1 when it has none itself."""
        if self.last_month is None:
            return -1
        this = next((month for month in _months(self.partitions) if month.starts <= at < month.ends), None)
        if this is None:
            return -1
        return (self.last_month.year - this.year) * 12 + self.last_month.month - this.month


def _months(partitions: tuple[PartitionState, ...]) -> list[Month]:
    return [each.month for each in partitions if each.month]


def storage_kind(table: MonthlyTable) -> Storage:
    """Which kind of table this database keeps it in."""
    if connection.vendor != "postgresql":
        return Storage.PLAIN
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relkind = 'p', EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')"
            " FROM pg_class WHERE oid = %s::regclass",
            [table.name],
        )
        is_partitioned, has_timescale = cursor.fetchone()
        if is_partitioned:
            return Storage.PARTITIONED
        if not has_timescale:
            return Storage.PLAIN
        cursor.execute(
            "SELECT EXISTS (SELECT FROM timescaledb_information.hypertables WHERE hypertable_name = %s)",
            [table.name],
        )
        return Storage.HYPERTABLE if cursor.fetchone()[0] else Storage.PLAIN


def partition_months(table: MonthlyTable) -> set[Month]:
    """The months that have a partition of their own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table.name]
        )
        return {month for (name,) in cursor.fetchall() if (month := table.month_of(name)) is not None}


def storage_state(table: MonthlyTable) -> StorageState:
    """The tables, their estimated rows and their size."""
    kind = storage_kind(table)
    if connection.vendor != "postgresql":
        return StorageState(table, kind, (_sqlite_state(table),))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.oid::regclass::text, child.reltuples::bigint, pg_total_relation_size(child.oid)"
            " FROM pg_class AS child WHERE child.oid IN ("
            "  SELECT inhrelid FROM pg_inherits WHERE inhparent = %(table)s::regclass"
            "  UNION ALL SELECT oid FROM pg_class WHERE oid = %(table)s::regclass AND relkind <> 'p')",
            {"table": table.name},
        )
        states = [PartitionState(name, table.month_of(name), rows, size) for name, rows, size in cursor.fetchall()]
        stray = 0
        if kind is Storage.PARTITIONED:
            cursor.execute(f"SELECT count(*) FROM {table.default}")
            stray = cursor.fetchone()[0]
    states.sort(key=lambda state: (state.month is not None, state.month or Month(1, 1)), reverse=True)
    return StorageState(table, kind, tuple(states), stray)


def _sqlite_state(table: MonthlyTable) -> PartitionState:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table.name}")
        (rows,) = cursor.fetchone()
        cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        (size,) = cursor.fetchone()
    return PartitionState(table.name, None, rows, size)
