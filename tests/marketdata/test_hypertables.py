"""TimescaleDB, where it is installed: DATABASE_URL has to name a server whose template1 has the extension."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from core.clock import trading_date
from tests.factories import make_instrument
from tests.marketdata.daily_days import store_minutes
from trading.marketdata.domain.months import Month
from trading.marketdata.models import Candle, DailyBar, OptionMinute
from trading.marketdata.selectors import (
    CANDLES,
    MONTHLY_TABLES,
    OPTION_MINUTES,
    Storage,
    storage_kind,
    storage_state,
)
from trading.marketdata.services import months_retire, partitions_ensure, partitions_keep

pytestmark = [pytest.mark.timescale, pytest.mark.django_db]

MARCH, JUNE = Month(2022, 3), Month(2022, 6)


def test_the_migrations_make_hypertables() -> None:
    assert [storage_kind(table) for table in MONTHLY_TABLES] == [Storage.HYPERTABLE] * 2
    assert partitions_ensure([MARCH]) == ()
    assert partitions_keep(CANDLES).created == ()


def test_minutes_are_written_corrected_and_told_by_chunk() -> None:
    stock = make_instrument("NSE:RELIANCE")
    store_minutes(stock, date(2022, 3, 31))
    store_minutes(stock, date(2022, 6, 30))
    store_minutes(stock, date(2022, 3, 31))
    assert Candle.objects.count() == 750
    assert DailyBar.objects.count() == 2
    state = storage_state(CANDLES)
    assert (state.kind, state.stray_rows, state.last_month) == (Storage.HYPERTABLE, 0, None)
    # Two chunks, and the hypertable itself, which holds no rows.
    assert len(state.partitions) == 3


def test_retention_drops_whole_chunks_and_leaves_daily_bars() -> None:
    stock = make_instrument("NSE:RELIANCE")
    store_minutes(stock, date(2022, 3, 1))
    store_minutes(stock, date(2022, 6, 30))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    months_retire(CANDLES, JUNE)
    assert set(Candle.objects.values_list("start__month", flat=True)) == {6}
    assert DailyBar.objects.count() == 2


def test_option_minutes_follow_their_own_retention() -> None:
    option = make_instrument("NSE:RELIANCE")
    now = Month.of(trading_date()).starts
    moments: list[datetime] = [now - timedelta(days=400), now]
    OptionMinute.objects.bulk_create(
        OptionMinute(instrument=option, at=at, ltp=Decimal(1), source="test") for at in moments
    )
    OptionMinute.objects.bulk_create(
        [OptionMinute(instrument=option, at=now, ltp=Decimal(9), source="test")], ignore_conflicts=True
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    partitions_keep(OPTION_MINUTES, retention=2)
    assert [(minute.at, minute.ltp) for minute in OptionMinute.objects.all()] == [(now, Decimal(1))]
