"""Instruments as a strategy knows them, and which options and futures are listed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from core.errors import NotFound
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.selectors import instrument_get, instruments_listed
from trading.orders.domain.option_choice import Right
from trading.strategies.domain.market import Contract, Expiry

_DERIVATIVES = {"NSE": "NFO", "BSE": "BFO"}
_OPTION_TYPES = (InstrumentType.CALL, InstrumentType.PUT)


def contract_of(instrument: Instrument) -> Contract:
    """What a strategy may know of an instrument."""
    is_option = instrument.instrument_type in _OPTION_TYPES
    return Contract(
        symbol=instrument.key,
        tick_size=instrument.tick_size,
        lot_size=instrument.lot_size,
        freeze_quantity=instrument.freeze_quantity,
        underlying=instrument.underlying,
        expiry=instrument.expiry,
        right=Right(instrument.instrument_type) if is_option else None,
        strike=instrument.strike,
        is_tradable=instrument.is_tradable,
    )


class Listing:
    """Listed contracts of a day, looked up once."""

    def __init__(self) -> None:
        self._options: dict[tuple[str, date], list[Expiry]] = {}
        self._futures: dict[tuple[str, date], list[Contract]] = {}
        self._chains: dict[tuple[str, date, str], dict[Decimal, str]] = {}

    def options(self, underlying: str, on: date) -> Sequence[Expiry]:
        """Listed expiries of an underlying's options with their strikes, ascending."""
        if (underlying, on) not in self._options:
            exchange, name = _names(underlying)
            rows = instruments_listed(on).filter(
                exchange=exchange, underlying=name, instrument_type=InstrumentType.CALL
            )
            strikes: dict[date, list[Decimal]] = {}
            for expiry, strike in rows.order_by("expiry", "strike").values_list("expiry", "strike"):
                if expiry is not None and strike is not None:
                    strikes.setdefault(expiry, []).append(strike)
            self._options[underlying, on] = [Expiry(underlying, each, tuple(strikes[each])) for each in strikes]
        return self._options[underlying, on]

    def futures(self, underlying: str, on: date) -> Sequence[Contract]:
        """Listed futures of an underlying, the first to expire first."""
        if (underlying, on) not in self._futures:
            exchange, name = _names(underlying)
            rows = instruments_listed(on).filter(
                exchange=exchange, underlying=name, instrument_type=InstrumentType.FUTURE
            )
            self._futures[underlying, on] = [contract_of(each) for each in rows.order_by("expiry", "key")]
        return self._futures[underlying, on]

    def option(self, underlying: str, expiry: date, strike: Decimal, right: str) -> Contract | None:
        """One listed option, None when there is none."""
        if (underlying, expiry, right) not in self._chains:
            exchange, name = _names(underlying)
            rows = instruments_listed(expiry).filter(
                exchange=exchange, underlying=name, instrument_type=right, expiry=expiry
            )
            self._chains[underlying, expiry, right] = {
                strike: key for strike, key in rows.values_list("strike", "key") if strike is not None
            }
        key = self._chains[underlying, expiry, right].get(strike)
        return None if key is None else contract_of(instrument_get(key))


def _names(underlying: str) -> tuple[str, str]:
    """The derivatives' exchange and the underlying's name there. Raises NotFound for a key without an exchange."""
    exchange, _, name = underlying.partition(":")
    if not name:
        raise NotFound(f"{underlying[:40]} is no instrument's key.", code="unknown_symbol")
    return _DERIVATIVES.get(exchange, exchange), name
