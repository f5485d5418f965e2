"""The margin parameters in force, and where an underlying and its futures stand now.

Parameters are few and change rarely, so each process keeps a copy for half a minute.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.cache import Cache
from core.errors import InvalidInput, Unavailable
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.process_cache import REFERENCE
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quotes_latest
from trading.portfolio.domain.span import SpanParameters, Underlying
from trading.portfolio.models import EquityMargin, SpanParameter

_KEEP_SECONDS = 30.0
# Where the spot of a contract's underlying trades.
_CASH_EXCHANGE = {"NFO": "NSE", "BFO": "BSE"}
_MOST_FUTURES = 4
# A future whose last price is this much older than the spot's says nothing about the forward.
_FUTURE_LAG = timedelta(minutes=5)

ParameterRows = dict[str, list[tuple[date, SpanParameters]]]
EquityRows = dict[tuple[int, str], list[tuple[date, Decimal]]]


@dataclass(frozen=True, slots=True)
class _Tables:
    """By underlying (or class), the rows by descending start date."""

    underlyings: ParameterRows
    classes: ParameterRows
    equities: EquityRows


@dataclass(frozen=True, slots=True)
class Related:
    """An underlying's cash instrument and its living futures, as quotes are asked for."""

    cash_key: str
    underlying_class: str
    futures: tuple[tuple[str, date], ...]


_tables: Cache[None, _Tables] = Cache("portfolio.span_tables", seconds=_KEEP_SECONDS, group=REFERENCE)
_related: Cache[tuple[str, str, date], Related] = Cache("portfolio.span_related", seconds=60, group=REFERENCE)


def margin_parameters_forget() -> None:
    """Drop this process's copy, so that the next question reads the tables again."""
    _tables.forget()


def span_parameters(*, exchange: str, underlying: str, day: date) -> SpanParameters:
    """The parameters of an underlying on a day: its own row, else its class's. Raises InvalidInput without any."""
    tables = _tables.get(None, _load)
    own = _in_force(tables.underlyings.get(underlying, ()), day)
    found = own or _in_force(tables.classes.get(related(exchange, underlying, day).underlying_class, ()), day)
    if found is None:
        raise InvalidInput(f"No margin parameters are known for {underlying} on {day}.", code="rates_unknown")
    return found


def equity_margin_rate(instrument_id: int, product: str, day: date) -> Decimal | None:
    """The fraction of its value that this share blocks on a day; None when the segment's rate holds."""
    for valid_from, rate in _tables.get(None, _load).equities.get((instrument_id, product), ()):
        if valid_from <= day:
            return rate
    return None


def related(exchange: str, underlying: str, day: date) -> Related:
    """The instruments that tell an underlying's price; one look at the database a minute and process."""
    return _related.get((exchange, underlying, day), lambda: _load_related(exchange, underlying, day))


def quotes_or_none(keys: Iterable[str]) -> dict[str, Quote]:
    """The latest quotes; none at all while the quote store cannot be reached."""
    try:
        return quotes_latest(keys)
    except Unavailable:
        return {}


def underlying_from(known: Related, quotes: Mapping[str, Quote]) -> Underlying | None:
    """Where the underlying stands: its own price, else its nearest future's; None when neither is known."""
    spot = quotes.get(known.cash_key)
    futures = [(expiry, quotes[key]) for key, expiry in known.futures if key in quotes and quotes[key].ltp > 0]
    if spot is not None and spot.ltp > 0:
        fresh = [(expiry, quote) for expiry, quote in futures if spot.timestamp - quote.timestamp <= _FUTURE_LAG]
        return Underlying(float(spot.ltp), {expiry: float(quote.ltp) for expiry, quote in fresh})
    if not futures:
        return None
    return Underlying(float(futures[0][1].ltp), {expiry: float(quote.ltp) for expiry, quote in futures})


def _load_related(exchange: str, underlying: str, day: date) -> Related:
    cash_key = f"{_CASH_EXCHANGE.get(exchange, exchange)}:{underlying}"
    kind = Instrument.objects.filter(key=cash_key).values_list("instrument_type", flat=True).first()
    futures = Instrument.objects.filter(
        underlying=underlying, exchange=exchange, instrument_type=InstrumentType.FUTURE, expiry__gte=day
    ).order_by("expiry")
    return Related(
        cash_key=cash_key,
        underlying_class="INDEX" if kind == InstrumentType.INDEX else "STOCK",
        futures=tuple((each.key, each.expiry) for each in futures[:_MOST_FUTURES] if each.expiry is not None),
    )


def _load() -> _Tables:
    underlyings: ParameterRows = {}
    classes: ParameterRows = {}
    equities: EquityRows = {}
    for row in SpanParameter.objects.order_by("-valid_from"):
        of_all = classes.setdefault(row.underlying_class, [])
        (underlyings.setdefault(row.underlying, []) if row.underlying else of_all).append(
            (row.valid_from, row.domain)
        )
    for margin in EquityMargin.objects.order_by("-valid_from"):
        equities.setdefault((margin.instrument_id, margin.product), []).append((margin.valid_from, margin.rate))
    return _Tables(underlyings, classes, equities)


def _in_force(rows: Iterable[tuple[date, SpanParameters]], day: date) -> SpanParameters | None:
    return next((parameters for valid_from, parameters in rows if valid_from <= day), None)
