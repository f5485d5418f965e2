"""What the market overview shows: indices with the course of their day, and every quoted share of the exchange."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils.module_loading import import_string

from core.cache import Cache
from core.clock import ist_day_start, trading_date
from trading.instruments.domain.keys import Exchange
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.process_cache import REFERENCE
from trading.instruments.selectors import instrument_get

from ..domain.bars import Interval, unscale_price
from ..domain.overview import Share, YearRange, sector_of
from ..domain.quote import Quote
from ..models import DailyBar
from .candles import candles
from .quotes import quotes_latest

# An index, a share, and what each is called: what the overview asks quotes of.
Listed = tuple[tuple[int, str, str, str], ...]

_YEAR = timedelta(days=364)
_SPARK_BARS = 100
_LEADING = ("NSE:NIFTY", "NSE:BANKNIFTY", "NSE:FINNIFTY", "NSE:INDIAVIX")
_listed: Cache[InstrumentType, Listed] = Cache("marketdata.overview_listed", seconds=60, group=REFERENCE)
_years: Cache[date, Mapping[int, YearRange]] = Cache("marketdata.year_ranges", seconds=300, group=REFERENCE, most=2)
_sparks: Cache[str, tuple[Decimal, ...]] = Cache("marketdata.index_sparks", seconds=15, group=REFERENCE)


@dataclass(frozen=True, slots=True)
class Index:
    """An index and the five-minute closes of its day so far, in rupees."""

    symbol: str
    name: str
    quote: Quote
    spark: tuple[Decimal, ...]
    year: YearRange | None


def overview_indices() -> list[Index]:
    """The indices that have a quote: the leading ones first, then those with derivatives."""
    listed = _listed.get(InstrumentType.INDEX, lambda: _load(InstrumentType.INDEX))
    quotes = quotes_latest(key for _, key, _, _ in listed)
    years = _year_ranges()
    ordered = sorted(listed, key=lambda row: _LEADING.index(row[1]) if row[1] in _LEADING else len(_LEADING))
    return [
        Index(key, name, quotes[key], _spark(key), years.get(pk)) for pk, key, _, name in ordered if key in quotes
    ]


def overview_shares() -> list[Share]:
    """Every share of NSE that has a quote, with its sector where one is known and its 52 weeks where bars are."""
    listed = _listed.get(InstrumentType.EQUITY, lambda: _load(InstrumentType.EQUITY))
    quotes = quotes_latest(key for _, key, _, _ in listed)
    years, sectors = _year_ranges(), _sectors()
    return [
        Share(key, name, sector_of(symbol, sectors), quotes[key], years.get(pk))
        for pk, key, symbol, name in listed
        if key in quotes
    ]


def _load(kind: InstrumentType) -> Listed:
    rows = Instrument.objects.filter(exchange=Exchange.NSE, instrument_type=kind, is_active=True)
    return tuple(rows.order_by("-has_derivatives", "key").values_list("id", "key", "symbol", "name"))


def _sectors() -> Mapping[str, str]:
    source: Callable[[], Mapping[str, str]] = import_string(settings.SECTOR_SOURCE)
    return source()


def _year_ranges() -> Mapping[int, YearRange]:
    today = trading_date()
    return _years.get(today, lambda: _load_years(today))


def _load_years(today: date) -> Mapping[int, YearRange]:
    """Up to yesterday: today's extremes are the quote's."""
    rows = (
        DailyBar.objects.filter(
            date__gte=today - _YEAR,
            date__lt=today,
            instrument__exchange=Exchange.NSE,
            instrument__instrument_type__in=(InstrumentType.EQUITY, InstrumentType.INDEX),
        )
        .values_list("instrument_id")
        .annotate(lowest=Min("low"), highest=Max("high"), days=Count("date"))
    )
    return {pk: YearRange(low=low, high=high, days=days) for pk, low, high, days in rows}


def _spark(key: str) -> tuple[Decimal, ...]:
    return _sparks.get(key, lambda: _load_spark(key))


def _load_spark(key: str) -> tuple[Decimal, ...]:
    series = candles(instrument_get(key), Interval.M5, start=ist_day_start(trading_date()), limit=_SPARK_BARS)
    return tuple(unscale_price(close) for close in series.close.tolist())
