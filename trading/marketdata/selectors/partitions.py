"""How candles lie in the database: in one table, in month partitions, or in a TimescaleDB hypertable."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import connection

from ..domain.months import Month

_PREFIX = "marketdata_candle_"


class Storage(StrEnum):
    """What kind of table the candles have."""

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
    """Where the candles lie, newest month first; `stray_rows` is exact: rows that fit no month's partition."""

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


def storage_kind() -> Storage:
    """Which kind of table this database keeps candles in."""
    if connection.vendor != "postgresql":
        return Storage.PLAIN
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relkind = 'p', EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')"
            " FROM pg_class WHERE oid = 'marketdata_candle'::regclass"
        )
        is_partitioned, has_timescale = cursor.fetchone()
    if is_partitioned:
        return Storage.PARTITIONED
    return Storage.HYPERTABLE if has_timescale else Storage.PLAIN


def partition_months() -> set[Month]:
    """The months that have a partition of their own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'marketdata_candle'::regclass"
        )
        return {month for (name,) in cursor.fetchall() if (month := _month(name)) is not None}


def storage_state() -> StorageState:
    """The tables, their estimated rows and their size."""
    kind = storage_kind()
    if connection.vendor != "postgresql":
        return StorageState(kind, (_sqlite_state(),))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.oid::regclass::text, child.reltuples::bigint, pg_total_relation_size(child.oid)"
            " FROM pg_class AS child WHERE child.oid IN ("
            "  SELECT inhrelid FROM pg_inherits WHERE inhparent = 'marketdata_candle'::regclass"
            "  UNION ALL SELECT oid FROM pg_class WHERE oid = 'marketdata_candle'::regclass AND relkind <> 'p')"
        )
        states = [PartitionState(name, _month(name), rows, size) for name, rows, size in cursor.fetchall()]
        stray = 0
        if kind is Storage.PARTITIONED:
            cursor.execute("SELECT count(*) FROM marketdata_candle_default")
            stray = cursor.fetchone()[0]
    states.sort(key=lambda state: (state.month is not None, state.month or Month(1, 1)), reverse=True)
    return StorageState(kind, tuple(states), stray)


def _sqlite_state() -> PartitionState:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM marketdata_candle")
        (rows,) = cursor.fetchone()
        cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        (size,) = cursor.fetchone()
    return PartitionState("marketdata_candle", None, rows, size)


def _month(name: str) -> Month | None:
    try:
        return Month.parse(name.removeprefix(_PREFIX))
    except ValueError:
        return None
