"""What a column of a statement can mean, and the words that brokers use for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType


class StatementKind(StrEnum):
    """What a statement lists."""

    TRADES = "TRADES"
    CONTRACT_NOTE = "CONTRACT_NOTE"
    LEDGER = "LEDGER"
    HOLDINGS = "HOLDINGS"


@dataclass(frozen=True, slots=True)
class Field:
    """`words` are column headings as `plain` writes them, the surest first."""

    name: str
    title: str
    words: tuple[str, ...]
    required: bool = False


def plain(heading: str) -> str:
    """A heading without case, punctuation and what stands in brackets: "Trade Date (IST)" is "trade date"."""
    return " ".join(re.sub(r"[^0-9a-z%]+", " ", re.sub(r"\([^)]*\)", " ", heading.lower())).split())


_TRADES = (
    Field("date", "Trade date", ("trade date", "date", "order date", "trade dt", "transaction date"), True),
    Field("time", "Trade time", ("trade time", "order execution time", "execution time", "exchange time", "time")),
    Field(
        "symbol",
        "Symbol",
        (
            "symbol",
            "tradingsymbol",
            "trading symbol",
            "scrip symbol",
            "security contract description",
            "security description",
            "scrip name",
            "company",
            "contract",
            "scrip",
            "security",
            "instrument",
        ),
        True,
    ),
    Field("isin", "ISIN", ("isin", "isin code", "isin no")),
    Field("exchange", "Exchange", ("exchange", "exch", "exchange segment")),
    Field(
        "side",
        "Buy or sell",
        ("trade type", "transaction type", "side", "buy sell", "buy b sell s", "type", "b s", "action"),
        True,
    ),
    Field("quantity", "Quantity", ("quantity", "qty", "traded qty", "trade quantity", "filled qty"), True),
    Field(
        "price",
        "Price",
        ("price", "trade price", "average price", "gross rate trade price per unit", "rate", "avg price"),
        True,
    ),
    Field("trade_id", "Trade number", ("trade id", "trade no", "trade num", "trade number", "exchange trade id")),
    Field("order_id", "Order number", ("order id", "order no", "order number", "exchange order id")),
    Field("expiry", "Expiry", ("expiry", "expiry date", "exp date")),
    Field("strike", "Strike", ("strike price", "strike")),
    Field("right", "Call or put", ("option type", "instrument type", "opt type", "ce pe")),
)
# A contract note is of one day, which stands above the table.
_NOTE = tuple(replace(each, required=each.required and each.name != "date") for each in _TRADES)
_LEDGER = (
    Field("date", "Date", ("posting date", "date", "voucher date", "transaction date", "value date"), True),
    Field("text", "Particulars", ("particulars", "narration", "description", "remarks", "details"), True),
    Field("voucher", "Voucher", ("voucher type", "voucher no", "vch type", "voucher number", "reference")),
    Field("debit", "Debit", ("debit", "debit amount", "dr", "withdrawal", "payout")),
    Field("credit", "Credit", ("credit", "credit amount", "cr", "deposit", "payin")),
    Field("amount", "Amount, received positive", ("amount", "net amount")),
    Field("balance", "Balance", ("net balance", "balance", "closing balance", "running balance")),
)
_HOLDINGS = (
    Field(
        "symbol",
        "Symbol",
        ("symbol", "instrument", "tradingsymbol", "scrip name", "company name", "stock name"),
        True,
    ),
    Field("isin", "ISIN", ("isin", "isin code")),
    Field(
        "quantity",
        "Quantity",
        ("quantity available", "qty", "quantity", "net qty", "total quantity", "current qty", "free qty"),
        True,
    ),
    Field("average_price", "Average price", ("average price", "avg cost", "avg price", "buy average", "buy price")),
    Field("last_price", "Last price", ("previous closing price", "ltp", "closing price", "last price", "cmp")),
)

FIELDS: Mapping[StatementKind, tuple[Field, ...]] = MappingProxyType(
    {
        StatementKind.TRADES: _TRADES,
        StatementKind.CONTRACT_NOTE: _NOTE,
        StatementKind.LEDGER: _LEDGER,
        StatementKind.HOLDINGS: _HOLDINGS,
    }
)
