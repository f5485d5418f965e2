"""The current bar of an interval, ready to be kept up to date."""

from datetime import timedelta

import numpy as np

from core.clock import IST, ist_day_start, now, trading_date
from trading.instruments.models import Instrument

from ..domain.bars import BarSeries, Interval, bucket_starts
from ..domain.live_bar import LiveBar
from .daily import daily_series
from .hours import day_opens, session_opens
from .minutes import minutes_known


def live_bar(instrument: Instrument, interval: Interval) -> LiveBar:
    """The bar that runs at market time now, from what is stored of it and the minute that is forming."""
    moment = now()
    today = trading_date(moment)
    at = np.array([int(moment.timestamp())], dtype=np.int64)
    start = int(bucket_starts(at, interval, session_opens(instrument, at))[0])
    since = max(ist_day_start(today).timestamp(), start)
    minutes = minutes_known(instrument, moment.fromtimestamp(since, IST), moment, at=moment)
    earlier = minutes
    if interval is Interval.W1:
        monday = today - timedelta(days=today.weekday())
        days = daily_series(instrument, monday, ist_day_start(today), at=moment)
        earlier = BarSeries.from_columns(np.vstack((days.columns(), minutes.columns())))
    return LiveBar.begin(
        instrument.key,
        interval,
        opens=day_opens(instrument, today),
        start=start,
        now=moment.timestamp(),
        earlier=earlier,
    )
