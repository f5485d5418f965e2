"""NSE's price-dependent ticks, by date: what holds where an instrument master says nothing. All in rupees."""

from datetime import date
from decimal import Decimal

OPTION_TICK = Decimal("0.05")

# A band is (price below which the tick holds or None, tick); a table maps its first day in force to its bands.
Band = tuple[Decimal | None, Decimal]
Table = tuple[tuple[date, tuple[Band, ...]], ...]

_STOCKS: Table = (
    (
        date(2025, 4, 15),
        (
            (Decimal(250), Decimal("0.01")),
            (Decimal(1000), Decimal("0.05")),
            (Decimal(5000), Decimal("0.10")),
            (Decimal(10000), Decimal("0.50")),
            (Decimal(20000), Decimal(1)),
            (None, Decimal(5)),
        ),
    ),
    (date(2024, 6, 10), ((Decimal(250), Decimal("0.01")), (None, Decimal("0.05")))),
    (date.min, ((None, Decimal("0.05")),)),
)
_INDEX_FUTURES: Table = (
    (
        date(2025, 4, 15),
        (
            (Decimal(15000), Decimal("0.05")),
            (Decimal(30000), Decimal("0.10")),
            (None, Decimal("0.20")),
        ),
    ),
    (date.min, ((None, Decimal("0.05")),)),
)


def stock_tick(close: Decimal, on: date) -> Decimal:
    """The tick of a stock, ETF or stock future by its last close of the month before `on`."""
    return _tick(_STOCKS, close, on)


def index_future_tick(close: Decimal, on: date) -> Decimal:
    """The tick of an index future by the index's last close of the month before `on`."""
    return _tick(_INDEX_FUTURES, close, on)


def _tick(table: Table, close: Decimal, on: date) -> Decimal:
    bands = next(bands for since, bands in table if since <= on)
    return next(tick for bound, tick in bands if bound is None or close < bound)
