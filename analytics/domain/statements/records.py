"""One row of a statement each. `row` counts from 1 in the file as people see it; money and prices are rupees."""

from dataclasses import dataclass, fields
from datetime import date, time
from decimal import Decimal

from trading.brokers.domain.terms import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRecord:
    """A trade as the broker tells it. `symbol` is the broker's word for the instrument; times are Indian."""

    row: int
    traded_on: date
    symbol: str
    side: Side
    quantity: int
    price: Decimal
    traded_at: time | None = None
    exchange: str = ""
    isin: str = ""
    trade_id: str = ""
    order_id: str = ""
    expiry: date | None = None
    strike: Decimal | None = None
    right: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRecord:
    """A line of the money account: `amount` is positive for what the client received. `balance` follows it."""

    row: int
    posted_on: date
    text: str
    amount: Decimal
    voucher: str = ""
    balance: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingRecord:
    """Units of one instrument in the demat account at the statement's date."""

    row: int
    symbol: str
    quantity: int
    isin: str = ""
    average_price: Decimal | None = None
    last_price: Decimal | None = None


Record = TradeRecord | LedgerRecord | HoldingRecord


@dataclass(frozen=True, slots=True)
class NoteCharges:
    """What a contract note charges for a day, rupees; None where it has no such line. `net` is what the client
    receives (positive) or owes after trades and charges."""

    brokerage: Decimal | None = None
    exchange: Decimal | None = None
    stt: Decimal | None = None
    sebi: Decimal | None = None
    stamp: Decimal | None = None
    gst: Decimal | None = None
    net: Decimal | None = None

    @property
    def total(self) -> Decimal:
        """All lines that are charges."""
        told = (getattr(self, each.name) for each in fields(self) if each.name != "net")
        return sum((amount for amount in told if amount is not None), Decimal(0))
