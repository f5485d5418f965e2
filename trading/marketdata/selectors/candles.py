"""Candles of any interval, derived from the stored one-minute bars and the minute that is forming."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection

from core.clock import IST, ist_day_start, now, trading_date
from core.store import get_store
from trading.instruments.models import Instrument

from ..domain.bars import BarSeries, Int64Array, Interval, derive, unscale_price
from ..domain.wire import FORMING_HASH, decode_bar
from .hours import session_opens

MOST_CANDLES = 20_000
_DEFAULT_BARS = 1_000
_END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)
_MINUTES_IN_SESSION = 375
_EPOCH = {
    "postgresql": "EXTRACT(EPOCH FROM start)::bigint",
    "sqlite": "CAST(strftime('%%s', start) AS INTEGER)",
}


@dataclass(frozen=True, slots=True)
class DayStart:
    """What a feed that starts in mid-session needs to know of the day; prices in rupees."""

    close: Decimal | None = None
    """The last price before today."""
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    last: Decimal | None = None
    volume: int = 0
    oi: int = 0


def candles(
    instrument: Instrument,
    interval: Interval = Interval.M1,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = _DEFAULT_BARS,
) -> BarSeries:
    """The last `limit` candles that begin in [start, end), ascending; the forming one is included.

    `start` defaults to as far back as `limit` candles may reach, `end` to the market clock's now; later candles,
    which a replayed day has stored already, are never shown.
    """
    moment = now()
    until = min(end, moment) if end else moment
    since = start or until - _reach(interval, limit)
    if interval is not Interval.M1:
        since = _widen(since, interval)
    # A replayed day is stored to its end, so the minute that is forming must not be read from there.
    finished = stored_minutes(instrument.pk, since, min(until, moment.replace(second=0, microsecond=0)))
    minutes = _with_forming(instrument, finished, since, until)
    series = derive(minutes, interval, session_opens(instrument, minutes.start))
    return series.tail(limit)


def last_prices(instrument_ids: Iterable[int], before: datetime | None = None) -> dict[int, Decimal]:
    """The close of the latest stored candle of each instrument (before an instant); absent where none is."""
    found: dict[int, Decimal] = {}
    with connection.cursor() as cursor:
        for instrument_id in instrument_ids:
            cursor.execute(
                "SELECT CAST(ROUND(close * 10000) AS BIGINT) FROM marketdata_candle"
                " WHERE instrument_id = %s AND start < %s ORDER BY start DESC LIMIT 1",
                [instrument_id, adapt_instant(before or _END_OF_TIME)],
            )
            row = cursor.fetchone()
            if row:
                found[instrument_id] = unscale_price(row[0])
    return found


def day_starts(instruments: Iterable[Instrument], at: datetime | None = None) -> dict[str, DayStart]:
    """Today so far by key, from the stored candles of the Indian day of `at` (default: market time now)."""
    moment = at or now()
    midnight = ist_day_start(trading_date(moment))
    listed = list(instruments)
    closes = last_prices([each.pk for each in listed], before=midnight)
    return {each.key: _day_start(stored_minutes(each.pk, midnight, moment), closes.get(each.pk)) for each in listed}


def _day_start(today: BarSeries, close: Decimal | None) -> DayStart:
    if not len(today):
        return DayStart(close=close, last=close)
    return DayStart(
        close=close,
        open=unscale_price(today.open[0]),
        high=unscale_price(today.high.max()),
        low=unscale_price(today.low.min()),
        last=unscale_price(today.close[-1]),
        volume=int(today.volume.sum()),
        oi=int(today.oi[-1]),
    )


def stored_minutes(instrument_id: int, since: datetime, until: datetime) -> BarSeries:
    """The stored one-minute candles that begin in [since, until)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_EPOCH[connection.vendor]}, CAST(ROUND(open * 10000) AS BIGINT),"
            " CAST(ROUND(high * 10000) AS BIGINT), CAST(ROUND(low * 10000) AS BIGINT),"
            " CAST(ROUND(close * 10000) AS BIGINT), volume, oi FROM marketdata_candle"
            " WHERE instrument_id = %s AND start >= %s AND start < %s ORDER BY start",
            [instrument_id, adapt_instant(since), adapt_instant(until)],
        )
        rows = cursor.fetchall()
    return BarSeries.from_columns(np.array(rows, dtype=np.int64)) if rows else BarSeries.empty()


def adapt_instant(moment: datetime) -> datetime | str | None:
    """A moment as a bare cursor of this database takes it."""
    # A bare cursor would hand SQLite an offset that its stored text does not have.
    adapted: Any = connection.ops.adapt_datetimefield_value(moment)
    return moment if adapted is None else adapted


def _with_forming(instrument: Instrument, stored: BarSeries, since: datetime, until: datetime) -> BarSeries:
    bar = decode_bar(get_store().hmget(FORMING_HASH, [instrument.key])[0])
    if bar is None or not since.timestamp() <= bar.start < until.timestamp():
        return stored
    row = np.array([[bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.oi]], dtype=np.int64)
    kept: Int64Array = stored.columns()
    if len(kept) and kept[-1, 0] > bar.start:
        return stored
    return BarSeries.from_columns(np.vstack((kept[kept[:, 0] < bar.start], row)))


def _reach(interval: Interval, limit: int) -> timedelta:
    """Calendar time in which `limit` candles surely fit: sessions are short and holidays come in clusters."""
    if interval in (Interval.D1, Interval.W1):
        return timedelta(seconds=interval.seconds * limit * 1.6) + timedelta(days=10)
    sessions = limit * interval.seconds / 60 / _MINUTES_IN_SESSION
    return timedelta(days=sessions * 1.6 + 10)


def _widen(since: datetime, interval: Interval) -> datetime:
    """Back to a moment at which a candle of the interval begins, so that the first one is whole."""
    day = since.astimezone(IST).date()
    if interval is Interval.W1:
        day -= timedelta(days=day.weekday())
    return ist_day_start(day)
