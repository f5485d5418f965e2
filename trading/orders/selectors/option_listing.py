"""What options are listed, for the builder's choices."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal

from core import clock
from core.cache import Cache
from core.errors import NotFound
from trading.instruments.models import InstrumentType
from trading.instruments.process_cache import REFERENCE
from trading.instruments.selectors import instruments_listed
from trading.orders.domain.option_choice import ExpiryRule, expiry_chosen

OPTIONS = (InstrumentType.CALL, InstrumentType.PUT)

_underlyings: Cache[date, dict[str, str]] = Cache("orders.option_underlyings", seconds=300, group=REFERENCE)


def option_underlyings() -> dict[str, str]:
    """Underlyings with listed options, by name, and the exchange that lists them."""
    return _underlyings.get(clock.trading_date(), _load_underlyings)


def _load_underlyings() -> dict[str, str]:
    rows = instruments_listed().filter(instrument_type=InstrumentType.CALL).order_by("underlying", "-exchange")
    return dict(rows.values_list("underlying", "exchange").distinct())


def option_expiries(exchange: str, underlying: str) -> list[date]:
    """The expiries of an underlying's options that still trade, the next one first."""
    rows = instruments_listed().filter(
        exchange=exchange, underlying=underlying, instrument_type=InstrumentType.CALL
    )
    return sorted({day for day in rows.order_by().values_list("expiry", flat=True).distinct() if day is not None})


def option_expiry(exchange: str, underlying: str, choice: date | ExpiryRule) -> date:
    """The listed expiry that is meant; raises NotFound (`unknown_underlying`, `no_such_expiry`)."""
    listed = option_expiries(exchange, underlying)
    if not listed:
        raise NotFound(f"{underlying[:40]} has no options on {exchange}.", code="unknown_underlying")
    found = expiry_chosen(choice, listed, today=clock.trading_date())
    if found is None:
        named = ", ".join(f"{each:%d %b %Y}" for each in listed[:4])
        raise NotFound(f"{underlying} has no expiry {choice}; it lists {named}.", code="no_such_expiry")
    return found


def option_strikes(exchange: str, underlying: str, expiry: str, listed: Sequence[date]) -> list[Decimal]:
    """The strikes listed for an expiry given as a date or a rule; none where it means no expiry."""
    chosen: date | ExpiryRule | None = None
    with suppress(ValueError):
        chosen = ExpiryRule(expiry) if expiry in set(ExpiryRule) else date.fromisoformat(expiry)
    found = expiry_chosen(chosen, listed, today=clock.trading_date()) if chosen else None
    if found is None:
        return []
    rows = instruments_listed().filter(
        exchange=exchange, underlying=underlying, expiry=found, instrument_type=InstrumentType.CALL
    )
    return sorted(strike for strike in rows.values_list("strike", flat=True) if strike is not None)
