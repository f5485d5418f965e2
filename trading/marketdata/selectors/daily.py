"""Daily bars: stored ones, and the days that are not added up yet from their minutes."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
from django.db import connection
from django.db.models import Q, QuerySet

from core.clock import ist_day_span, ist_day_start, trading_date
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.models import Instrument
from trading.instruments.selectors import market_never_closes, segment_for

from ..domain.bars import BarSeries, Interval, derive, ist_days, unscale_price
from ..models import DailyBar
from .hours import trading_hours
from .minutes import minutes_known, scaled, stored_minutes

_LATE_DAYS = 7
"""How far back a day may lack its stored bar: the sweep adds days up soon after they are over."""
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_UNTRADED = f"(source = {int(DailyBar.Source.BHAVCOPY)} AND volume = 0)"
"""Bhavcopies list contracts that nobody traded, with the price of another day; they are no bars of a chart."""


def daily_series(instrument: Instrument, first: date, until: datetime, *, at: datetime) -> BarSeries:
    """Daily bars from `first` on as they were known at `until`, ascending; `start` is midnight in India.

    A day whose last session ended by `until` is whole; of a later one only what had happened is told, from its
    minutes. `at` is the market clock's now.
    """
    last = trading_date(until - timedelta(microseconds=1))
    whole_before = last + timedelta(days=1) if _is_over(instrument, last, until) else last
    stored = _stored(instrument.pk, first, whole_before)
    known = set(ist_days(stored.start).tolist())
    recent = (last - timedelta(days=back) for back in range(_LATE_DAYS, -1, -1))
    missing = [day for day in recent if day >= first and day.toordinal() - _EPOCH_ORDINAL not in known]
    parts = [stored.columns()]
    for day in missing:
        opens, closes = ist_day_span(day)
        minutes = minutes_known(instrument, opens, min(closes, until), at=at)
        parts.append(derive(minutes, Interval.D1, minutes.start).columns())
    rows = np.vstack(parts)
    return BarSeries.from_columns(rows[np.argsort(rows[:, 0], kind="stable")])


def _is_over(instrument: Instrument, day: date, until: datetime) -> bool:
    """Whether trade of a day had ended at a moment of it."""
    if until >= ist_day_span(day)[1]:
        return True
    if market_never_closes():
        return False
    try:
        hours = trading_hours(segment_for(instrument), day)
    except CalendarUnknown:
        return False
    return not hours or hours[-1].ends <= until


def _stored(instrument_id: int, first: date, before: date) -> BarSeries:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT date, {scaled('open')}, {scaled('high')}, {scaled('low')}, {scaled('close')}, volume, oi"
            f" FROM marketdata_dailybar WHERE instrument_id = %s AND date >= %s AND date < %s AND NOT {_UNTRADED}"
            " ORDER BY date",
            [instrument_id, first, before],
        )
        rows = cursor.fetchall()
    if not rows:
        return BarSeries.empty()
    starts = [int(ist_day_start(as_date(row[0])).timestamp()) for row in rows]
    return BarSeries.from_columns(
        np.column_stack((np.array(starts, dtype=np.int64), np.array([row[1:] for row in rows], dtype=np.int64)))
    )


def as_date(value: date | str) -> date:
    """A date as a bare cursor of either database gives it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def daily_bars(instrument: Instrument, *, first: date, last: date) -> QuerySet[DailyBar]:
    """The stored days with all that is known of them, newest first; none that the market clock has not seen."""
    seen = Q(date__lt=trading_date()) | Q(date=trading_date(), source__gt=DailyBar.Source.ROLL_UP)
    return DailyBar.objects.filter(seen, instrument=instrument, date__range=(first, last)).order_by("-date")


def daily_closes(instrument_ids: Iterable[int], *, before: date, days: int) -> dict[int, dict[date, Decimal]]:
    """The close of each of the `days` calendar days before a date that has a bar, in rupees, ascending.

    As traded: unadjusted for corporate actions.
    """
    first = before - timedelta(days=days)
    return {pk: _closes(pk, first, before) for pk in instrument_ids}


def _closes(instrument_id: int, first: date, before: date) -> dict[date, Decimal]:
    stored = _stored(instrument_id, first, before)
    closes = {
        date.fromordinal(_EPOCH_ORDINAL + day): unscale_price(close)
        for day, close in zip(ist_days(stored.start).tolist(), stored.close.tolist(), strict=True)
    }
    for day in (before - timedelta(days=back) for back in range(1, _LATE_DAYS + 1)):
        if day >= first and day not in closes and len(minutes := stored_minutes(instrument_id, *ist_day_span(day))):
            closes[day] = unscale_price(minutes.close[-1])
    return dict(sorted(closes.items()))
