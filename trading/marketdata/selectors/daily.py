"""The last price of each day, without reading the minutes between."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection

from core.clock import ist_day_span

from ..domain.bars import unscale_price
from .candles import adapt_instant

_CLOSES = (
    "SELECT day.column1, ("
    " SELECT CAST(ROUND(close * 10000) AS BIGINT) FROM marketdata_candle"
    " WHERE instrument_id = %s AND start >= day.column2 AND start < day.column3"
    " ORDER BY start DESC LIMIT 1"
    ") FROM (VALUES {}) AS day"
)


def daily_closes(instrument_ids: Iterable[int], *, before: date, days: int) -> dict[int, dict[date, Decimal]]:
    """The close of each of the `days` calendar days before a date that has stored candles, in rupees, ascending.

    As traded: unadjusted for corporate actions. One look into the index a day and instrument.
    """
    listed = [before - timedelta(days=back) for back in range(days, 0, -1)]
    spans: list[int | datetime | str | None] = []
    for day in listed:
        starts, ends = ist_day_span(day)
        spans += [day.toordinal(), adapt_instant(starts), adapt_instant(ends)]
    statement = _CLOSES.format(",".join(["(%s, %s, %s)"] * len(listed)))
    found: dict[int, dict[date, Decimal]] = {}
    with connection.cursor() as cursor:
        for instrument_id in instrument_ids:
            cursor.execute(statement, [instrument_id, *spans])
            closes = {date.fromordinal(day): unscale_price(close) for day, close in cursor.fetchall() if close}
            found[instrument_id] = dict(sorted(closes.items()))
    return found
