"""The futures of an underlying: basis, cost of carry and roll, from the latest quotes."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core import clock
from core.cache import Cache
from core.errors import NotFound
from trading.instruments.domain.keys import INDEX_ALIASES
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.process_cache import REFERENCE

from ...domain.futures import Future, FutureQuote, Roll, future_with_basis, rolls
from ...domain.quote import Quote
from ..quotes import quotes_latest
from .contracts import CASH_EXCHANGES
from .previous import PreviousSession, previous_sessions
from .quoted import Freshness, quoted
from .rates import interest_rate
from .session import last_trading_moment


@dataclass(frozen=True, slots=True)
class ListedFuture:
    """A future that has not expired."""

    id: int
    key: str
    expiry: date
    lot_size: int


@dataclass(frozen=True, slots=True)
class ListedFutures:
    """The living futures of an underlying, ascending by expiry."""

    underlying: str
    exchange: str
    spot_key: str
    contracts: tuple[ListedFuture, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FuturesCurve:
    """Futures against their spot and each other at a moment."""

    underlying: str
    exchange: str
    at: datetime
    rate: float
    spot: Decimal | None
    spot_key: str
    futures: tuple[Future, ...]
    rolls: tuple[Roll, ...]


_listed: Cache[tuple[str, str, date], ListedFutures | None] = Cache(
    "marketdata.futures", seconds=60, group=REFERENCE, most=1000
)


def futures_curve(name: str) -> FuturesCurve:
    """The futures of a symbol (``NIFTY``) or its key at market time now; while the market is shut, at its close.

    Raises NotFound ``unknown_underlying``, and `Unavailable` while the quote store is.
    """
    at = clock.now()
    moment = last_trading_moment(at)
    day = clock.trading_date(moment)
    listed = _futures(name, day)
    quotes = quotes_latest([listed.spot_key, *(each.key for each in listed.contracts)])
    is_fresh = Freshness(closed_at=moment if moment < at else None, wall=clock.wall_now())
    spot = quotes.get(listed.spot_key)
    price = spot.ltp if spot is not None and is_fresh(spot) and spot.ltp > 0 else None
    previous = previous_sessions([each.id for each in listed.contracts], day)
    told = [_quote(each, quotes.get(each.key), previous.get(each.id), is_fresh) for each in listed.contracts]
    rate = interest_rate(day)
    return FuturesCurve(
        underlying=listed.underlying,
        exchange=listed.exchange,
        at=moment,
        rate=rate,
        spot=price,
        spot_key=listed.spot_key,
        futures=tuple(future_with_basis(each, price, at=moment, rate=rate) for each in told),
        rolls=rolls(told),
    )


def _futures(name: str, day: date) -> ListedFutures:
    exchange, _, symbol = name.strip().upper().rpartition(":")
    symbol = INDEX_ALIASES.get(symbol, symbol)
    found = _listed.get((exchange, symbol, day), lambda: _load(exchange, symbol, day))
    if found is None:
        raise NotFound(f"There are no futures on {symbol or 'nothing'}.", code="unknown_underlying")
    return found


def _load(exchange: str, symbol: str, day: date) -> ListedFutures | None:
    rows = Instrument.objects.filter(
        underlying=symbol, instrument_type=InstrumentType.FUTURE, expiry__gte=day, is_active=True
    ).exclude(underlying="")
    if exchange:
        homes = [listing for listing, cash in CASH_EXCHANGES.items() if cash == exchange]
        rows = rows.filter(exchange__in=[exchange, *homes])
    contracts = list(rows.order_by("exchange", "expiry"))
    if not contracts:
        return None
    exchanges = [each.exchange for each in contracts]
    home = max(dict.fromkeys(exchanges), key=exchanges.count)
    return ListedFutures(
        underlying=symbol,
        exchange=home,
        spot_key=f"{CASH_EXCHANGES.get(home, home)}:{symbol}",
        contracts=tuple(
            ListedFuture(each.pk, each.key, each.expiry, each.lot_size)
            for each in contracts
            if each.exchange == home and each.expiry is not None
        ),
    )


def _quote(
    listed: ListedFuture, quote: Quote | None, previous: PreviousSession | None, is_fresh: Freshness
) -> FutureQuote:
    told = quoted(quote, previous, is_fresh)
    return FutureQuote(key=listed.key, expiry=listed.expiry, lot_size=listed.lot_size, **told)
