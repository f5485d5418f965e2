"""Daily bars: added up from minutes, overruled by who knows better, and read as of a moment."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.clock import IST, ist_day_start
from tests.factories import make_instrument
from tests.marketdata.daily_days import minute_rows, store_day, store_minutes
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import Interval
from trading.marketdata.models import Candle, DailyBar
from trading.marketdata.selectors import candles, daily_closes, last_prices
from trading.marketdata.services import DailyValues, candles_write, daily_bars_write, daily_sweep

pytestmark = pytest.mark.django_db

DAY = date(2022, 3, 9)
Source = DailyBar.Source


@pytest.fixture
def stock() -> Instrument:
    return make_instrument("NSE:RELIANCE")


def at(text: str, day: date = DAY) -> datetime:
    """A time of day in India."""
    return datetime.combine(day, datetime.strptime(text, "%H:%M").time(), tzinfo=IST)  # noqa: DTZ007


def test_minutes_of_a_past_day_add_up_as_they_are_written(stock: Instrument) -> None:
    store_minutes(stock, DAY)
    bar = DailyBar.objects.get()
    assert (bar.date, bar.source, bar.minutes) == (DAY, Source.ROLL_UP, 375)
    assert [bar.open, bar.high, bar.low, bar.close] == [100, Decimal("474.5"), Decimal("99.5"), 474]
    assert (bar.volume, bar.oi) == (3750, 374)


def test_late_minutes_change_the_day_and_the_same_again_does_not(stock: Instrument) -> None:
    store_minutes(stock, DAY, count=100)
    store_minutes(stock, DAY, count=375)
    assert DailyBar.objects.get().minutes == 375
    assert candles_write(minute_rows(stock, DAY)).unchanged == 375


@pytest.mark.parametrize("first", [Source.HISTORY, Source.BHAVCOPY])
def test_minutes_never_overrule_what_was_told_but_are_counted(stock: Instrument, first: Source) -> None:
    store_day(stock, DAY, close="50", source=first)
    store_minutes(stock, DAY)
    bar = DailyBar.objects.get()
    assert (bar.close, bar.source, bar.minutes) == (50, first, 375)


def test_a_bhavcopy_overrules_minutes_and_broker_and_a_broker_never_a_bhavcopy(stock: Instrument) -> None:
    store_minutes(stock, DAY)
    store_day(stock, DAY, close="60", source=Source.HISTORY)
    assert DailyBar.objects.get().close == 60
    store_day(stock, DAY, close="70", source=Source.BHAVCOPY)
    store_day(stock, DAY, close="80", source=Source.HISTORY)
    bar = DailyBar.objects.get()
    assert (bar.close, bar.source, bar.minutes) == (70, Source.BHAVCOPY, 375)


def test_the_counts_tell_new_changed_and_as_stored(stock: Instrument) -> None:
    bars = [
        DailyValues(stock.pk, DAY + timedelta(days=back), Decimal(5), Decimal(6), Decimal(4), Decimal(5))
        for back in range(3)
    ]
    counts = daily_bars_write(bars, source=Source.BHAVCOPY)
    assert (counts.inserted, counts.updated, counts.unchanged) == (3, 0, 0)
    bars[1] = DailyValues(stock.pk, bars[1].date, Decimal(5), Decimal(7), Decimal(4), Decimal(5))
    counts = daily_bars_write(bars, source=Source.BHAVCOPY)
    assert (counts.inserted, counts.updated, counts.unchanged) == (0, 1, 2)


def test_years_of_days_are_read_without_their_minutes(stock: Instrument) -> None:
    store_minutes(stock, DAY)
    Candle.objects.all().delete()
    series = candles(stock, Interval.D1, start=at("00:00"), end=at("23:00"))
    assert series.close.tolist() == [4_740_000]


def test_a_day_in_the_middle_is_told_as_it_was_then(stock: Instrument) -> None:
    store_minutes(stock, DAY)
    store_day(stock, DAY, close="470")
    span = {"start": ist_day_start(DAY), "limit": 5}
    assert candles(stock, Interval.D1, end=at("09:20"), **span).close.tolist() == [1_040_000]
    assert candles(stock, Interval.D1, end=at("15:29"), **span).close.tolist() == [4_730_000]
    assert candles(stock, Interval.D1, end=at("15:30"), **span).close.tolist() == [4_700_000]
    assert candles(stock, Interval.W1, end=at("09:20"), **span).close.tolist() == [1_040_000]


def test_a_contract_that_nobody_traded_is_no_bar_of_a_chart(stock: Instrument) -> None:
    idle = DailyValues(stock.pk, DAY, Decimal(5), Decimal(5), Decimal(5), Decimal(5), volume=0, oi=900)
    daily_bars_write([idle], source=Source.BHAVCOPY)
    assert len(candles(stock, Interval.D1, start=ist_day_start(DAY), end=at("23:00"))) == 0
    assert DailyBar.objects.get().oi == 900


def test_the_sweep_adds_up_days_that_were_written_while_they_were_not_over(
    stock: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trading.marketdata.services.candles.trading_date", lambda *_: DAY)
    store_minutes(stock, DAY)
    assert not DailyBar.objects.exists()
    monkeypatch.setattr("trading.marketdata.services.daily.trading_date", lambda *_: DAY + timedelta(days=2))
    assert (daily_sweep(), daily_sweep()) == (1, 0)
    assert DailyBar.objects.get().minutes == 375


def test_closes_of_days_fall_back_to_minutes_that_are_not_added_up(stock: Instrument) -> None:
    store_minutes(stock, DAY)
    DailyBar.objects.all().delete()
    store_day(stock, date(2022, 3, 8), close="90")
    closes = daily_closes([stock.pk], before=date(2022, 3, 10), days=5)[stock.pk]
    assert closes == {date(2022, 3, 8): Decimal("90.00"), DAY: Decimal("474.00")}


def test_the_last_price_is_the_official_close_of_the_latest_day_or_a_later_minute(stock: Instrument) -> None:
    store_minutes(stock, DAY)
    store_day(stock, DAY, close="470")
    assert last_prices([stock.pk], before=datetime(2022, 3, 10, tzinfo=UTC)) == {stock.pk: Decimal("470.00")}
    store_minutes(stock, date(2022, 3, 10), count=3)
    DailyBar.objects.filter(date=date(2022, 3, 10)).delete()
    assert last_prices([stock.pk], before=datetime(2022, 3, 11, tzinfo=UTC)) == {stock.pk: Decimal("102.00")}
    assert last_prices([stock.pk], before=datetime(2022, 3, 8, tzinfo=UTC)) == {}
