"""Instrument keys: the one spelling of an instrument in the whole house.

A key is ``EXCHANGE:SYMBOL``. What stands in ``SYMBOL``:

===========================  =========================  ==============================
instrument                   symbol                     example
===========================  =========================  ==============================
equity, ETF, index           exchange symbol            ``NSE:M&M``, ``NSE:NIFTY``
other NSE series             ``SYMBOL-SERIES``          ``NSE:IMC1-N0``
future of a month            ``UNDERLYING YY MON FUT``  ``NFO:NIFTY26NOVFUT``
option of a month            ``… YY MON strike CE|PE``  ``NFO:NIFTY26NOV24000CE``
weekly contract              ``… YY MON DD W …``        ``NFO:NIFTY26NOV17W24000CE``
===========================  =========================  ==============================

(written without the blanks). The ``W`` after the day is what makes the rule unambiguous: without it
``26NOV1724000CE`` is the 17th at 24000 as well as the month at 1724000, and the exchange's ``26N17`` form
cannot be told from an underlying that ends in digits, such as SENSEX50. Nothing behind the month can hold a
second month name, so the date is always found at the same place. A monthly contract carries no day: the
exchange may move the expiry of a listed contract, and its key must survive that.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Self

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9&._-]{0,38}")
_CONTRACT = re.compile(
    r"(?P<underlying>[A-Z0-9][A-Z0-9&._-]*)"
    r"(?P<year>[0-9]{2})(?P<month>" + "|".join(MONTHS) + r")(?:(?P<day>[0-9]{2})W)?"
    r"(?:FUT|(?P<strike>[1-9][0-9]*(?:\.[0-9]*[1-9])?|0\.[0-9]*[1-9])(?P<right>CE|PE))"
)

# Names that feeds, masters and people use for indices whose exchange symbol is another.
INDEX_ALIASES = {
    "NIFTY50": "NIFTY",
    "NIFTYBANK": "BANKNIFTY",
    "NIFTYFINSERVICE": "FINNIFTY",
    "NIFTYFINANCIALSERVICES": "FINNIFTY",
    "NIFTYMIDSELECT": "MIDCPNIFTY",
    "NIFTYMIDCAPSELECT": "MIDCPNIFTY",
    "NIFTYNEXT50": "NIFTYNXT50",
    "VIX": "INDIAVIX",
    "BSESENSEX": "SENSEX",
}


class Exchange(StrEnum):
    """A market segment of an exchange, in the codes traders know from their order books."""

    NSE = "NSE"
    BSE = "BSE"
    NFO = "NFO"
    BFO = "BFO"
    CDS = "CDS"
    BCD = "BCD"
    MCX = "MCX"
    NCO = "NCO"

    @property
    def lists_contracts(self) -> bool:
        """True where everything traded is a future or an option."""
        return self not in (Exchange.NSE, Exchange.BSE)


class Right(StrEnum):
    """What a derivative contract gives its holder."""

    FUTURE = "FUT"
    CALL = "CE"
    PUT = "PE"


class MalformedKey(ValueError):
    """The text is not an instrument key."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A future or option as its symbol spells it; ``day`` only for weekly contracts, ``strike`` in rupees."""

    underlying: str
    year: int
    month: int
    right: Right
    day: int | None = None
    strike: Decimal | None = None

    def __post_init__(self) -> None:
        if (self.strike is None) != (self.right is Right.FUTURE):
            raise MalformedKey("An option has a strike, a future has none.")
        if not 2000 <= self.year <= 2099 or not 1 <= self.month <= 12:
            raise MalformedKey("A contract expires in a month of this century.")
        if self.day is not None and not 1 <= self.day <= 31:
            raise MalformedKey("A weekly contract expires on a day of its month.")

    @classmethod
    def parse(cls, symbol: str) -> Self:
        """Read a contract symbol such as ``NIFTY26NOV24000CE``; raises MalformedKey."""
        match = _CONTRACT.fullmatch(symbol)
        if match is None:
            raise MalformedKey(f"{symbol!r} is not the symbol of a future or an option.")
        return cls(
            underlying=match["underlying"],
            year=2000 + int(match["year"]),
            month=MONTHS.index(match["month"]) + 1,
            day=int(match["day"]) if match["day"] else None,
            right=Right(match["right"] or Right.FUTURE),
            strike=Decimal(match["strike"]) if match["strike"] else None,
        )

    @property
    def symbol(self) -> str:
        """The contract's symbol; ``Contract.parse`` reads it back."""
        week = "" if self.day is None else f"{self.day:02}W"
        strike = "" if self.strike is None else format_strike(self.strike)
        return f"{self.underlying}{self.year % 100:02}{MONTHS[self.month - 1]}{week}{strike}{self.right}"


@dataclass(frozen=True, slots=True)
class InstrumentKey:
    """Exchange and symbol; ``str()`` gives the canonical spelling."""

    exchange: Exchange
    symbol: str

    def __post_init__(self) -> None:
        if not _SYMBOL.fullmatch(self.symbol):
            raise MalformedKey(f"{self.symbol!r} is not a symbol.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key in any case, with index aliases (``nse:nifty 50``) resolved; raises MalformedKey."""
        exchange, colon, symbol = text.strip().upper().partition(":")
        if not colon or exchange not in Exchange.__members__:
            raise MalformedKey(f"{text!r} is not an instrument key such as NSE:RELIANCE.")
        return cls(Exchange(exchange), index_symbol(symbol))

    def __str__(self) -> str:
        return f"{self.exchange}:{self.symbol}"


def index_symbol(name: str) -> str:
    """The exchange symbol of an index by any of its names: ``Nifty Bank`` → ``BANKNIFTY``.

    A name that is no alias is returned in capitals without blanks, so that equity symbols pass unchanged.
    """
    joined = "".join(name.upper().split())
    return INDEX_ALIASES.get(joined, joined)


def format_strike(strike: Decimal) -> str:
    """A strike without trailing zeros or exponent: 24000.00 → ``24000``, 267.50 → ``267.5``."""
    text = f"{strike:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
