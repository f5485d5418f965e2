"""Candles of any interval: intraday ones from stored minutes, daily and weekly ones from daily bars."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from core.clock import IST, ist_day_start, now, trading_date
from trading.instruments.models import CorporateAction, Instrument

from ..domain.adjustment import adjust
from ..domain.bars import BarSeries, Interval, derive, unscale_price
from .adjustments import SHARE_CHANGES, price_events
from .daily import as_date, daily_series
from .hours import session_opens
from .minutes import adapt_instant, epoch, minutes_known, scaled, stored_minutes

MOST_CANDLES = 20_000
_DEFAULT_BARS = 1_000
_MINUTES_IN_SESSION = 375
_RECENT = timedelta(days=40)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


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
    adjusted: bool = False,
    adjust_for: Collection[CorporateAction.Kind] = SHARE_CHANGES,
) -> BarSeries:
    """The last `limit` candles that begin in [start, end), ascending; the forming one is included.

    `start` defaults to as far back as `limit` candles may reach, `end` to the market clock's now; later candles,
    which a replayed day has stored already, are never shown. With `adjusted`, prices and volumes before an ex-date
    are in today's shares: splits and bonuses, or whichever kinds `adjust_for` names.
    """
    moment = now()
    until = min(end, moment) if end else moment
    since = start or until - _reach(interval, limit)
    if interval is not Interval.M1:
        since = _widen(since, interval)
    events = price_events(instrument, adjust_for, until=trading_date(moment)) if adjusted else ()
    if interval in (Interval.D1, Interval.W1):
        days = adjust(daily_series(instrument, trading_date(since), until, at=moment), events)
        return derive(days, interval, days.start).tail(limit)
    minutes = minutes_known(instrument, since, until, at=moment)
    series = derive(minutes, interval, session_opens(instrument, minutes.start))
    return adjust(series.tail(limit), events)


def last_prices(instrument_ids: Iterable[int], before: datetime | None = None) -> dict[int, Decimal]:
    """The last price of each instrument (before an instant), in rupees; absent where none is known.

    That is the close of the latest minute, or of the latest whole day where no minute is later. Of one day's, the
    day's counts: an official close is what the exchange compares the next day with.
    """
    until = before or now() + timedelta(days=1)
    found: dict[int, Decimal] = {}
    with connection.cursor() as cursor:
        for instrument_id in instrument_ids:
            latest = _latest_minute(cursor, instrument_id, until)
            cursor.execute(
                f"SELECT date, {scaled('close')} FROM marketdata_dailybar"
                " WHERE instrument_id = %s AND date < %s ORDER BY date DESC LIMIT 1",
                [instrument_id, trading_date(until)],
            )
            day = cursor.fetchone()
            if day and (latest is None or trading_date(datetime.fromtimestamp(latest[0], UTC)) <= as_date(day[0])):
                found[instrument_id] = unscale_price(day[1])
            elif latest:
                found[instrument_id] = unscale_price(latest[1])
    return found


def day_starts(instruments: Iterable[Instrument], at: datetime | None = None) -> dict[str, DayStart]:
    """Today so far by key, from the stored candles of the Indian day of `at` (default: market time now)."""
    moment = at or now()
    midnight = ist_day_start(trading_date(moment))
    listed = list(instruments)
    closes = last_prices([each.pk for each in listed], before=midnight)
    return {each.key: _day_start(stored_minutes(each.pk, midnight, moment), closes.get(each.pk)) for each in listed}


def _latest_minute(cursor: Any, instrument_id: int, until: datetime) -> tuple[int, int] | None:
    """Start (Unix seconds) and close of the last minute before an instant."""
    # The last weeks first: without a lower bound the index of every month's partition would be asked.
    for since in (until - _RECENT, _BEGINNING):
        cursor.execute(
            f"SELECT {epoch()}, {scaled('close')} FROM marketdata_candle"
            " WHERE instrument_id = %s AND start >= %s AND start < %s ORDER BY start DESC LIMIT 1",
            [instrument_id, adapt_instant(since), adapt_instant(until)],
        )
        row: tuple[int, int] | None = cursor.fetchone()
        if row:
            return row
    return None


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
