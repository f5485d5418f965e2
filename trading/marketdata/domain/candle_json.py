"""Candles as JSON rows, written without a Decimal or a datetime object for each value."""

from datetime import datetime, timedelta, timezone

from .bars import BarSeries, Int64Array
from .candle_builder import Bar

_IST = timezone(timedelta(hours=5, minutes=30))


def candle_rows(series: BarSeries) -> list[list[str | int]]:
    """`[time, open, high, low, close, volume, oi]` for each bar; time RFC 3339 in IST, prices decimal strings."""
    columns = (
        bar_times(series.start),
        _price_strings(series.open),
        _price_strings(series.high),
        _price_strings(series.low),
        _price_strings(series.close),
        series.volume.tolist(),
        series.oi.tolist(),
    )
    return [list(row) for row in zip(*columns, strict=True)]


def bar_times(starts: Int64Array) -> list[str]:
    """RFC 3339 in IST of Unix seconds."""
    return [bar_time(start) for start in starts.tolist()]


def bar_time(start: int) -> str:
    """RFC 3339 in IST of one instant in Unix seconds."""
    return datetime.fromtimestamp(start, _IST).isoformat()


def bar_row(bar: Bar) -> list[str | int]:
    """One bar as a row of `candle_rows`."""
    prices = [_price_string(price) for price in (bar.open, bar.high, bar.low, bar.close)]
    return [bar_time(bar.start), *prices, bar.volume, bar.oi]


def _price_strings(scaled: Int64Array) -> list[str]:
    """Two decimals, or four where the price needs them."""
    if not (scaled % 100).any():
        return [f"{price // 100}.{price % 100:02d}" for price in (scaled // 100).tolist()]
    return [_price_string(price) for price in scaled.tolist()]


def _price_string(scaled: int) -> str:
    if scaled % 100 == 0:
        return f"{scaled // 10_000}.{scaled % 10_000 // 100:02d}"
    return f"{scaled // 10_000}.{scaled % 10_000:04d}".rstrip("0")
