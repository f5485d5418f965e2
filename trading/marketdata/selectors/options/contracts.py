"""Which options are listed on an underlying, and what tells its price."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.cache import Cache
from core.errors import NotFound
from trading.instruments.domain.keys import INDEX_ALIASES
from trading.instruments.models import OPTION_TYPES, Instrument, InstrumentType
from trading.instruments.process_cache import REFERENCE

from ...domain.bars import scale_price, unscale_price

# Where the underlying of an exchange's contracts is quoted; commodities are quoted as futures only.
CASH_EXCHANGES = {"NFO": "NSE", "BFO": "BSE"}


@dataclass(frozen=True, slots=True)
class ListedOption:
    """A call or a put of a chain."""

    id: int
    key: str
    strike: Decimal
    is_call: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainContracts:
    """The contracts of a chain by strike, the call first. `future_key` is that of the future of the same expiry and
    `spot_key` that of the underlying; empty when there is none."""

    underlying: str
    exchange: str
    expiry: date
    lot_size: int
    options: tuple[ListedOption, ...]
    spot_id: int | None
    spot_key: str
    future_id: int | None
    future_key: str

    @property
    def keys(self) -> list[str]:
        """Every key whose price matters to the chain."""
        return [key for key in (self.spot_key, self.future_key) if key] + [each.key for each in self.options]


@dataclass(frozen=True, slots=True)
class Underlying:
    """An underlying with options: its symbol, and the exchange that lists them."""

    symbol: str
    exchange: str


_underlyings: Cache[str, tuple[Underlying, tuple[date, ...]] | None] = Cache(
    "marketdata.option_underlyings", seconds=60, group=REFERENCE
)
_chains_of_day: Cache[date, tuple[tuple[str, date], ...]] = Cache(
    "marketdata.option_chains_of_day", seconds=60, group=REFERENCE
)
_living: Cache[date, tuple[str, ...]] = Cache("marketdata.option_symbols", seconds=60, group=REFERENCE)
_chains: Cache[tuple[Underlying, date], ChainContracts | None] = Cache(
    "marketdata.option_contracts", seconds=60, group=REFERENCE, most=500
)


def option_underlying(name: str) -> Underlying:
    """The underlying of a symbol (``NIFTY``) or its key (``NSE:NIFTY``); raises NotFound ``unknown_underlying``."""
    return _known(name)[0]


def option_underlyings(day: date) -> tuple[str, ...]:
    """Symbols with options that have not expired on a day, indices first."""
    return _living.get(day, lambda: _load_living(day))


def option_expiries(name: str, *, since: date | None = None) -> tuple[date, ...]:
    """The expiries of an underlying's options, ascending; those before `since` left out.

    Past ones are known as long as their contracts are. Raises NotFound ``unknown_underlying``.
    """
    return tuple(expiry for expiry in _known(name)[1] if since is None or expiry >= since)


def chain_contracts(name: str, expiry: date) -> ChainContracts:
    """What the chain of an underlying and expiry consists of, listed or expired.

    Raises NotFound, ``unknown_underlying`` or ``no_such_expiry``.
    """
    underlying, expiries = _known(name)
    found = (
        _chains.get((underlying, expiry), lambda: _load_chain(underlying, expiry)) if expiry in expiries else None
    )
    if found is None:
        raise NotFound(f"{underlying.symbol} has no options that expire on {expiry}.", code="no_such_expiry")
    return found


def living_chains(day: date) -> tuple[tuple[str, date], ...]:
    """Every (underlying, expiry) with options that have not expired on a day."""
    return _chains_of_day.get(day, lambda: _load_chains(day))


def _load_chains(day: date) -> tuple[tuple[str, date], ...]:
    pairs = (
        Instrument.objects.filter(instrument_type__in=OPTION_TYPES, expiry__gte=day, is_active=True)
        .order_by("underlying", "expiry")
        .values_list("underlying", "expiry")
        .distinct()
    )
    return tuple((underlying, expiry) for underlying, expiry in pairs if expiry is not None)


def _load_living(day: date) -> tuple[str, ...]:
    symbols = (
        Instrument.objects.filter(instrument_type__in=OPTION_TYPES, expiry__gte=day, is_active=True)
        .order_by()
        .values_list("underlying", flat=True)
        .distinct()
    )
    indices = set(
        Instrument.objects.filter(instrument_type=InstrumentType.INDEX).order_by().values_list("symbol", flat=True)
    )
    return tuple(sorted(symbols, key=lambda symbol: (symbol not in indices, symbol != "NIFTY", symbol)))


def _known(name: str) -> tuple[Underlying, tuple[date, ...]]:
    exchange, _, symbol = name.strip().upper().rpartition(":")
    symbol = INDEX_ALIASES.get(symbol, symbol)
    found = _underlyings.get(f"{exchange}:{symbol}", lambda: _load_underlying(exchange, symbol))
    if found is None:
        raise NotFound(f"There are no options on {symbol or 'nothing'}.", code="unknown_underlying")
    return found


def _load_underlying(exchange: str, symbol: str) -> tuple[Underlying, tuple[date, ...]] | None:
    options = Instrument.objects.filter(underlying=symbol, instrument_type__in=OPTION_TYPES).exclude(underlying="")
    if exchange:
        options = options.filter(
            exchange__in=[exchange, *(k for k, cash in CASH_EXCHANGES.items() if cash == exchange)]
        )
    listed = sorted(options.order_by().values_list("exchange", "expiry").distinct())
    if not listed:
        return None
    # One symbol on two exchanges: the one with more expiries is meant unless the key says otherwise.
    exchanges = [each for each, _ in listed]
    home = max(dict.fromkeys(exchanges), key=exchanges.count)
    return Underlying(symbol, home), tuple(expiry for each, expiry in listed if each == home and expiry is not None)


def _load_chain(underlying: Underlying, expiry: date) -> ChainContracts | None:
    contracts = Instrument.objects.filter(
        exchange=underlying.exchange, underlying=underlying.symbol, expiry=expiry
    ).order_by("strike", "instrument_type")
    options, future = [], None
    for each in contracts:
        if each.strike is None:
            future = each
        else:
            options.append(
                (
                    each,
                    ListedOption(
                        each.pk,
                        each.key,
                        unscale_price(scale_price(each.strike)),
                        each.instrument_type == InstrumentType.CALL,
                    ),
                )
            )
    if not options:
        return None
    cash = CASH_EXCHANGES.get(underlying.exchange, "NSE")
    spot = Instrument.objects.filter(key=f"{cash}:{underlying.symbol}").first()
    return ChainContracts(
        underlying=underlying.symbol,
        exchange=underlying.exchange,
        expiry=expiry,
        lot_size=options[0][0].lot_size,
        options=tuple(listed for _, listed in options),
        spot_id=spot.pk if spot else None,
        spot_key=spot.key if spot else "",
        future_id=future.pk if future else None,
        future_key=future.key if future else "",
    )
