"""What a row of an instrument master says, and why a row is refused."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from ..domain.keys import Contract, Exchange, InstrumentKey, MalformedKey, Right

_LARGEST_INTEGER = 2**31 - 1
_LARGEST_PRICE = Decimal(10**8)
_SMALLEST_TICK = Decimal("0.0001")

# Series of NSE in which shares change hands; a share keeps its key when it is moved between them.
SHARE_SERIES = frozenset({"EQ", "BE", "BZ", "SM", "ST", "SZ"})
_EQUITY_LIKE = frozenset({"IV", "RR", "E1", "E2", "P1", "P2", "W1", "W2", "W3", "D1"})


class RejectionReason(StrEnum):
    """Why a row of an instrument master was not imported."""

    MISSING_FIELD = "missing_field"
    UNKNOWN_SEGMENT = "unknown_segment"
    UNSUPPORTED_TYPE = "unsupported_type"
    TEST_INSTRUMENT = "test_instrument"
    BAD_SYMBOL = "bad_symbol"
    BAD_LOT_SIZE = "bad_lot_size"
    BAD_TICK_SIZE = "bad_tick_size"
    BAD_FREEZE_QUANTITY = "bad_freeze_quantity"
    BAD_STRIKE = "bad_strike"
    BAD_EXPIRY = "bad_expiry"
    DUPLICATE_KEY = "duplicate_key"
    DUPLICATE_TOKEN = "duplicate_token"


class MalformedMaster(ValueError):
    """The file as a whole is not an instrument master of that source."""


class RowRefused(ValueError):
    """A reader's way to say that the row at hand becomes a Rejection."""

    def __init__(self, reason: RejectionReason, detail: object) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = str(detail)[:300]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refused row; rows are counted from 1, a CSV's header not included."""

    row_number: int
    reason: RejectionReason
    detail: str


@dataclass(frozen=True, slots=True)
class Listing:
    """An instrument as a master lists it; rupees and units. None means that this source does not say."""

    row_number: int
    key: InstrumentKey
    name: str
    instrument_type: str
    underlying: str = ""
    expiry: date | None = None
    strike: Decimal | None = None
    lot_size: int = 1
    tick_size: Decimal | None = None
    freeze_quantity: int | None = None
    isin: str | None = None
    token: str | None = None


def key_of(exchange: Exchange, symbol: str) -> InstrumentKey:
    """The key of a symbol; refuses the exchange's own test instruments and what is no symbol."""
    if "NSETEST" in symbol:
        raise RowRefused(RejectionReason.TEST_INSTRUMENT, symbol)
    try:
        return InstrumentKey(exchange, symbol)
    except MalformedKey as error:
        raise RowRefused(RejectionReason.BAD_SYMBOL, error) from error


def contract_key(
    exchange: Exchange, underlying: str, right: Right, expiry: date, strike: Decimal | None, *, weekly: bool
) -> InstrumentKey:
    """The key of a future or option."""
    day = expiry.day if weekly else None
    try:
        contract = Contract(underlying, expiry.year, expiry.month, right, day=day, strike=strike)
    except MalformedKey as error:
        raise RowRefused(RejectionReason.BAD_SYMBOL, error) from error
    return key_of(exchange, contract.symbol)


def nse_security(symbol: str, series: str, isin: str) -> tuple[str, str]:
    """Symbol and instrument type of a security of NSE's cash market by its series.

    Only shares and ETFs go by the bare symbol; other series of a company carry theirs behind a hyphen.
    """
    symbol = "".join(symbol.upper().split())
    if series == "MF":
        raise RowRefused(RejectionReason.UNSUPPORTED_TYPE, series)
    if series in SHARE_SERIES:
        return symbol, "ETF" if isin.startswith("INF") else "EQ"
    return f"{symbol}-{series}", "EQ" if series in _EQUITY_LIKE else "DEBT"


def required_text(value: object, field: str) -> str:
    """A field that must be there and not blank."""
    text = "" if value is None else str(value).strip()
    if not text:
        raise RowRefused(RejectionReason.MISSING_FIELD, field)
    return text


def lot_size(value: object) -> int:
    """A lot: a whole number of at least one unit."""
    lot = _number(value, RejectionReason.BAD_LOT_SIZE)
    if lot != lot.to_integral_value() or not 1 <= lot <= _LARGEST_INTEGER:
        raise RowRefused(RejectionReason.BAD_LOT_SIZE, value)
    return int(lot)


def tick_size(value: object, *, unit: Decimal) -> Decimal:
    """A tick in rupees from a number in `unit` rupees (paise: 0.01)."""
    tick = _number(value, RejectionReason.BAD_TICK_SIZE) * unit
    if not _SMALLEST_TICK <= tick <= _LARGEST_PRICE / 100 or tick % _SMALLEST_TICK:
        raise RowRefused(RejectionReason.BAD_TICK_SIZE, value)
    return tick


def strike_price(value: object) -> Decimal:
    """A strike in rupees: positive, with at most four decimals."""
    strike = _number(value, RejectionReason.BAD_STRIKE)
    if not 0 < strike < _LARGEST_PRICE or strike % _SMALLEST_TICK:
        raise RowRefused(RejectionReason.BAD_STRIKE, value)
    return strike


def freeze_quantity(value: object) -> int | None:
    """The largest order the exchange takes, in units; None where the source gives none."""
    if value is None:
        return None
    quantity = _number(value, RejectionReason.BAD_FREEZE_QUANTITY)
    if not 1 <= quantity < 2**63:
        raise RowRefused(RejectionReason.BAD_FREEZE_QUANTITY, value)
    return int(quantity)


def _number(value: object, reason: RejectionReason) -> Decimal:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise RowRefused(reason, value) from error
    if not number.is_finite():
        raise RowRefused(reason, value)
    return number
