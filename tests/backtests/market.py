"""Minutes of a small market in the database: an upward saw that trends and turns."""

from datetime import date, timedelta

import numpy as np

from tests.factories import make_instrument
from trading.instruments.models import Instrument
from trading.instruments.selectors import segment_for
from trading.marketdata.selectors import session_spans
from trading.marketdata.services import candles_write, months_of, partitions_ensure

FIRST, LAST = date(2026, 11, 2), date(2026, 11, 13)
_EPOCH = date(1970, 1, 1)


def make_minutes(
    key: str = "NSE:RELIANCE", *, first: date = FIRST, last: date = LAST, seed: int = 1, volume: int = 50_000
) -> Instrument:
    """An instrument with minutes on every trading day of the span, the same for the same seed."""
    instrument = make_instrument(key)
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    spans = session_spans(segment_for(instrument), [(day - _EPOCH).days for day in days])
    starts = np.concatenate([np.arange(opens, closes, 60) for opens, closes in spans])
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.6, len(starts)) + 0.35 * np.sin(np.arange(len(starts)) / 45)
    close = np.round((1000 + np.cumsum(steps)) / 0.05) * 0.05
    opened = np.concatenate(([1000.0], close[:-1]))
    high, low = np.maximum(opened, close) + 0.25, np.minimum(opened, close) - 0.25
    prices = [np.round(each * 10_000).astype(np.int64) // 500 * 500 for each in (opened, high, low, close)]
    rows = np.column_stack(
        (np.full(len(starts), instrument.pk), starts, *prices, np.full(len(starts), volume), np.zeros(len(starts)))
    ).astype(np.int64)
    partitions_ensure(months_of(days))
    candles_write(rows, replace=False)
    return instrument
