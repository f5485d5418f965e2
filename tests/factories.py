"""What tests are made of: plain functions that build real rows."""

from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import Organisation
from trading.instruments.domain.keys import Contract, Exchange, InstrumentKey
from trading.instruments.models import Instrument, InstrumentType

_numbers = count(1)


def make_organisation(name: str = "") -> Organisation:
    """An organisation without members."""
    number = next(_numbers)
    return Organisation.objects.create(name=name or f"Desk {number}", slug=f"desk-{number}")


def make_instrument(key: str = "NSE:RELIANCE", **fields: Any) -> Instrument:
    """An instrument whose type, underlying and strike follow from its key; a contract needs an `expiry`."""
    parsed = InstrumentKey.parse(key)
    defaults: dict[str, Any] = {
        "exchange": parsed.exchange,
        "symbol": parsed.symbol,
        "name": parsed.symbol.title(),
        "instrument_type": InstrumentType.EQUITY,
        "tick_size": Decimal("0.05"),
    }
    if parsed.exchange in (Exchange.NFO, Exchange.BFO):
        contract = Contract.parse(parsed.symbol)
        defaults |= {
            "instrument_type": contract.right.value,
            "underlying": contract.underlying,
            "strike": contract.strike,
        }
    return Instrument.objects.create(key=str(parsed), **(defaults | fields))
