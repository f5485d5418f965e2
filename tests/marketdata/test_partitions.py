"""Month partitions: rows land in them, none is lost on the way, and old months go."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from core.clock import trading_date
from tests.factories import make_instrument
from tests.marketdata.daily_days import store_minutes
from trading.instruments.models import Instrument
from trading.marketdata.domain.months import Month
from trading.marketdata.models import Candle, DailyBar, OptionMinute
from trading.marketdata.selectors import (
    CANDLES,
    MONTHLY_TABLES,
    OPTION_MINUTES,
    MonthlyTable,
    Storage,
    storage_kind,
    storage_state,
)
from trading.marketdata.selectors.partitions import partition_months
from trading.marketdata.services import months_retire, partitions, partitions_ensure, partitions_keep
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
    assert storage_state(CANDLES).stray_rows == 380
    assert partitions_ensure([MARCH]) == (MARCH,)
    assert partitions_ensure([MARCH]) == ()
    assert (_rows_of("marketdata_candle_2022_03"), _rows_of("marketdata_candle_default")) == (375, 5)
    assert Candle.objects.count() == 380


def test_the_clock_makes_months_ahead_and_empties_the_default_partition(stock: Instrument) -> None:
    store_minutes(stock, DAY)
    this = Month.of(trading_date())
    created = partitions_keep(CANDLES, ahead=14).created
    assert {this.plus(14), MARCH} <= set(created)
    state = storage_state(CANDLES)
    assert (state.kind, state.stray_rows, state.last_month) == (Storage.PARTITIONED, 0, this.plus(14))
    assert state.months_ahead(datetime.now(UTC)) == 14


@pytest.mark.parametrize("how", Retirement)
def test_old_months_are_dropped_or_detached_and_their_days_stay(stock: Instrument, how: Retirement) -> None:
    partitions_ensure([MARCH, APRIL])
    store_minutes(stock, DAY)
    store_minutes(stock, date(2022, 4, 1))
    _check_keys()
    assert months_retire(CANDLES, APRIL, how) == (MARCH,)
    assert Candle.objects.order_by("start").first().start >= APRIL.starts  # type: ignore[union-attr]
    assert MARCH not in partition_months(CANDLES)
    assert ("marketdata_candle_2022_03_detached" in connection.introspection.table_names()) is (
        how is Retirement.DETACH
    )
    assert DailyBar.objects.count() == 2


def test_retention_keeps_so_many_whole_months(stock: Instrument) -> None:
    this = Month.of(trading_date())
    partitions_ensure([this.plus(-3), this.plus(-2), this.plus(-1)])
    assert partitions_keep(CANDLES, retention=2).retired == (this.plus(-3),)
    assert partitions_keep(CANDLES, retention=0).retired == ()


def test_a_minute_cannot_be_stored_twice_or_without_instrument(stock: Instrument) -> None:
    partitions_ensure([MARCH])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contype, convalidated FROM pg_constraint"
            " WHERE conrelid = 'marketdata_candle_2022_03'::regclass AND contype IN ('c', 'f', 'p')"
        )
        assert sorted(cursor.fetchall()) == [("c", True), ("c", True), ("f", True), ("p", True)]


def _option_minutes(option: Instrument, *moments: datetime) -> None:
    OptionMinute.objects.bulk_create(
        OptionMinute(instrument=option, at=at, ltp=Decimal(100 + number), source="test")
        for number, at in enumerate(moments)
    )


def test_option_minutes_lie_in_months_of_their_own_and_go_by_their_own_retention(
    stock: Instrument, settings: Settings
) -> None:
    this = Month.of(trading_date())
    months = [this.plus(back) for back in (-3, -2, -1, 0)]
    _option_minutes(stock, *(month.starts for month in months))
    store_minutes(stock, DAY)
    settings.OPTION_RETENTION_MONTHS = 1
    report = partitions_keep(OPTION_MINUTES, ahead=5)
    assert report.retired == tuple(months[:2])
    state = storage_state(OPTION_MINUTES)
    assert (state.kind, state.stray_rows, state.last_month) == (Storage.PARTITIONED, 0, this.plus(5))
    assert [minute.ltp for minute in OptionMinute.objects.order_by("at")] == [102, 103]
    assert _rows_of(f"marketdata_optionminute_{this}") == 1
    assert (Candle.objects.count(), storage_state(CANDLES).stray_rows) == (375, 375)


def test_a_minute_of_an_option_is_stored_once_across_partitions(stock: Instrument) -> None:
    _option_minutes(stock, MARCH.starts)
    assert partitions_ensure([MARCH], OPTION_MINUTES) == (MARCH,)
    again = [OptionMinute(instrument=stock, at=MARCH.starts, ltp=Decimal(7), source="test")]
    OptionMinute.objects.bulk_create(again, ignore_conflicts=True)
    assert OptionMinute.objects.get().ltp == 100
    OptionMinute.objects.bulk_create(
        again, update_conflicts=True, unique_fields=["instrument", "at"], update_fields=["ltp"]
    )
    assert OptionMinute.objects.get().ltp == 7


@pytest.mark.parametrize("table", MONTHLY_TABLES, ids=lambda table: table.name)
def test_where_there_is_one_table_retention_deletes_rows(
    table: MonthlyTable, stock: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_minutes(stock, DAY, count=3)
    store_minutes(stock, date(2022, 4, 1), count=5)
    _option_minutes(stock, MARCH.starts, APRIL.starts)
    monkeypatch.setattr(partitions, "storage_kind", lambda table: Storage.PLAIN)
    assert months_retire(table, APRIL) == ()
    kept = {CANDLES: (5, 2), OPTION_MINUTES: (8, 1)}[table]
    assert (Candle.objects.count(), OptionMinute.objects.count()) == kept


@pytest.mark.django_db(transaction=True)
def test_option_minutes_survive_their_migration_both_ways() -> None:
    stock = make_instrument("NSE:RELIANCE")
    _option_minutes(stock, MARCH.starts, Month.of(trading_date()).starts)
    before = list(OptionMinute.objects.order_by("at").values_list())
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes("marketdata")
    try:
        MigrationExecutor(connection).migrate([("marketdata", "0011_chain_columns")])
        assert storage_kind(OPTION_MINUTES) is Storage.PLAIN
        assert list(OptionMinute.objects.order_by("at").values_list()) == before
    finally:
        MigrationExecutor(connection).migrate(latest)
    assert storage_kind(OPTION_MINUTES) is Storage.PARTITIONED
    assert storage_state(OPTION_MINUTES).stray_rows == 2
    partitions_keep(OPTION_MINUTES)
    assert storage_state(OPTION_MINUTES).stray_rows == 0
    assert list(OptionMinute.objects.order_by("at").values_list()) == before
    OptionMinute.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_the_migration_keeps_every_row_both_ways() -> None:
    stock = make_instrument("NSE:RELIANCE")
    store_minutes(stock, DAY)
    before = list(Candle.objects.order_by("start").values_list())
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes("marketdata")
    try:
        MigrationExecutor(connection).migrate([("marketdata", "0004_daily_bars_and_backfills")])
        assert storage_kind(CANDLES) is Storage.PLAIN
        assert list(Candle.objects.order_by("start").values_list()) == before
        DailyBar.objects.all().delete()
    finally:
        MigrationExecutor(connection).migrate(latest)
    assert storage_kind(CANDLES) is Storage.PARTITIONED
    assert list(Candle.objects.order_by("start").values_list()) == before
    assert _rows_of("marketdata_candle_2022_03") == 375
    assert DailyBar.objects.get().minutes == 375
