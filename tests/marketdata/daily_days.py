"""Days of candles for tests."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from core.clock import ist_day_start
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import MINUTE, Int64Array, scale_price
from trading.marketdata.models import DailyBar
from trading.marketdata.services import DailyValues, candles_write, daily_bars_write


def store_day(
    instrument: Instrument, day: date, *, close: str, source: DailyBar.Source = DailyBar.Source.BHAVCOPY
) -> None:
    """A whole day at one price, told by an exchange or a broker."""
    price = Decimal(close)
    bar = DailyValues(instrument.pk, day, price, price, price, price, volume=100)
    daily_bars_write([bar], source=source)


def minute_rows(
    instrument: Instrument, day: date, *, count: int = 375, first: str = "100.00", opens: str = "09:15"
) -> Int64Array:
    """Rows for `candles_write`: `count` minutes from the open, each a rupee above the one before, 10 units each."""
    hour, minute = map(int, opens.split(":"))
    start = int((ist_day_start(day) + timedelta(hours=hour, minutes=minute)).timestamp())
    prices = scale_price(Decimal(first)) + np.arange(count, dtype=np.int64) * 10_000
    columns = (
        np.full(count, instrument.pk),
        start + np.arange(count) * MINUTE,
        prices,
        prices + 5_000,
        prices - 5_000,
        prices,
        np.full(count, 10),
        np.arange(count),
    )
    return np.column_stack(columns).astype(np.int64)


def store_minutes(instrument: Instrument, day: date, **kwargs: object) -> None:
    """Those minutes, stored."""
    candles_write(minute_rows(instrument, day, **kwargs))  # type: ignore[arg-type]
