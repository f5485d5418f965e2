"""Month partitions: rows land in them, none is lost on the way, and old months go."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from hypothesis import given
from hypothesis import strategies as st

from core.clock import trading_date
from tests.factories import make_instrument
from tests.marketdata.daily_days import store_minutes
from trading.instruments.models import Instrument
from trading.marketdata.domain.months import Month
from trading.marketdata.models import Candle, DailyBar
from trading.marketdata.selectors import Storage, storage_kind, storage_state
from trading.marketdata.selectors.partitions import partition_months
from trading.marketdata.services import candles_retire, partitions_ensure, partitions_keep
from trading.marketdata.services.partitions import Retirement

DAY = date(2022, 3, 31)
MARCH, APRIL = Month(2022, 3), Month(2022, 4)


@given(st.integers(2000, 2098), st.integers(1, 12), st.integers(-240, 240))
def test_months_count_as_a_calendar_does(year: int, month: int, by: int) -> None:
    this = Month(year, month)
    assert this.plus(by).plus(-by) == this
    assert Month.parse(str(this)) == this
    assert this.ends == this.plus(1).starts
    assert Month.of((this.ends - timedelta(hours=12)).date()) == this


def test_a_month_begins_at_midnight_in_india() -> None:
    assert APRIL.starts == datetime(2022, 3, 31, 18, 30, tzinfo=UTC)


@pytest.fixture
def stock(db: None) -> Instrument:
    return make_instrument("NSE:RELIANCE")


def _rows_of(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _check_keys() -> None:
    """As a commit would: a table with checks to come cannot be dropped."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_rows_of_a_month_without_partition_are_kept_and_move_when_it_gets_one(stock: Instrument) -> None:
    store_minutes(stock, DAY)
    store_minutes(stock, date(2022, 4, 1), count=5)
    assert storage_state().stray_rows == 380
    assert partitions_ensure([MARCH]) == (MARCH,)
    assert partitions_ensure([MARCH]) == ()
    assert (_rows_of("marketdata_candle_2022_03"), _rows_of("marketdata_candle_default")) == (375, 5)
    assert Candle.objects.count() == 380


def test_the_clock_makes_months_ahead_and_empties_the_default_partition(stock: Instrument) -> None:
    store_minutes(stock, DAY)
    this = Month.of(trading_date())
    created = partitions_keep(ahead=14).created
    assert {this.plus(14), MARCH} <= set(created)
    state = storage_state()
    assert (state.kind, state.stray_rows, state.last_month) == (Storage.PARTITIONED, 0, this.plus(14))
    assert state.months_ahead(datetime.now(UTC)) == 14


@pytest.mark.parametrize("how", Retirement)
def test_old_months_are_dropped_or_detached_and_their_days_stay(stock: Instrument, how: Retirement) -> None:
    partitions_ensure([MARCH, APRIL])
    store_minutes(stock, DAY)
    store_minutes(stock, date(2022, 4, 1))
    _check_keys()
    assert candles_retire(APRIL, how) == (MARCH,)
    assert Candle.objects.order_by("start").first().start >= APRIL.starts  # type: ignore[union-attr]
    assert MARCH not in partition_months()
    assert ("marketdata_candle_2022_03_detached" in connection.introspection.table_names()) is (
        how is Retirement.DETACH
    )
    assert DailyBar.objects.count() == 2


def test_retention_keeps_so_many_whole_months(stock: Instrument) -> None:
    this = Month.of(trading_date())
    partitions_ensure([this.plus(-3), this.plus(-2), this.plus(-1)])
    assert partitions_keep(retention=2).retired == (this.plus(-3),)
    assert partitions_keep(retention=0).retired == ()


def test_a_minute_cannot_be_stored_twice_or_without_instrument(stock: Instrument) -> None:
    partitions_ensure([MARCH])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contype, convalidated FROM pg_constraint"
            " WHERE conrelid = 'marketdata_candle_2022_03'::regclass AND contype IN ('c', 'f', 'p')"
        )
        assert sorted(cursor.fetchall()) == [("c", True), ("c", True), ("f", True), ("p", True)]


@pytest.mark.django_db(transaction=True)
def test_the_migration_keeps_every_row_both_ways() -> None:
    stock = make_instrument("NSE:RELIANCE")
    store_minutes(stock, DAY)
    before = list(Candle.objects.order_by("start").values_list())
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes("marketdata")
    try:
        MigrationExecutor(connection).migrate([("marketdata", "0004_daily_bars_and_backfills")])
        assert storage_kind() is Storage.PLAIN
        assert list(Candle.objects.order_by("start").values_list()) == before
        DailyBar.objects.all().delete()
    finally:
        MigrationExecutor(connection).migrate(latest)
    assert storage_kind() is Storage.PARTITIONED
    assert list(Candle.objects.order_by("start").values_list()) == before
    assert _rows_of("marketdata_candle_2022_03") == 375
    assert DailyBar.objects.get().minutes == 375
