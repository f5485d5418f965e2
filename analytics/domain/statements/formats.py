"""Statements whose columns are known, and how a file's header tells which of them it is.

Zerodha's headings are those that public importers of its files list (2021 to 2026), those of Upstox' trade report
are from a redacted report of 2026 (docs/statements.md). Of the others no file was at hand: they are as the reports
name them, unconfirmed. A heading that a broker changes is one word here, and a file that matches none is read by a
mapping of the user's own (`GENERIC`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .fields import FIELDS, StatementKind, plain

GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class StatementFormat:
    """`columns` maps a field to the heading (as `plain` writes it); `marks` are headings that must be there too."""

    key: str
    broker: str
    kind: StatementKind
    title: str
    columns: Mapping[str, str]
    marks: frozenset[str] = field(default_factory=frozenset)
    day_first: bool = True

    @property
    def headings(self) -> frozenset[str]:
        """Headings without which a file is not of this format: those of its required fields, and the marks."""
        required = {each.name for each in FIELDS[self.kind] if each.required}
        return self.marks | {heading for name, heading in self.columns.items() if name in required}


def _format(key: str, title: str, kind: StatementKind, marks: str = "", **columns: str) -> StatementFormat:
    broker = key.partition("-")[0]
    found = frozenset(mark for mark in marks.split("|") if mark)
    return StatementFormat(key, broker, kind, title, columns, found)


K = StatementKind
FORMATS: Mapping[str, StatementFormat] = {
    each.key: each
    for each in (
        _format(
            "zerodha-tradebook",
            "Zerodha Console: tradebook",
            K.TRADES,
            "trade id|order execution time",
            date="trade date",
            time="order execution time",
            symbol="symbol",
            isin="isin",
            exchange="exchange",
            side="trade type",
            quantity="quantity",
            price="price",
            trade_id="trade id",
            order_id="order id",
            expiry="expiry date",
        ),
        _format(
            "zerodha-ledger",
            "Zerodha Console: ledger",
            K.LEDGER,
            "cost center|net balance",
            date="posting date",
            text="particulars",
            voucher="voucher type",
            debit="debit",
            credit="credit",
            balance="net balance",
        ),
        _format(
            "zerodha-holdings",
            "Zerodha Console: holdings",
            K.HOLDINGS,
            "quantity available|previous closing price",
            symbol="symbol",
            isin="isin",
            quantity="quantity available",
            average_price="average price",
            last_price="previous closing price",
        ),
        _format(
            "zerodha-kite-holdings",
            "Zerodha Kite: holdings",
            K.HOLDINGS,
            "avg cost|cur val",
            symbol="instrument",
            quantity="qty",
            average_price="avg cost",
            last_price="ltp",
        ),
        _format(
            "zerodha-contract-note",
            "Zerodha: contract note",
            K.CONTRACT_NOTE,
            "order no|trade no",
            order_id="order no",
            trade_id="trade no",
            time="trade time",
            symbol="security contract description",
            side="buy sell",
            quantity="quantity",
            price="gross rate trade price per unit",
            exchange="exchange",
            date="trade date",
        ),
        _format(
            "upstox-trades",
            "Upstox: trade report",
            K.TRADES,
            "company|trade num|scrip code",
            date="date",
            time="trade time",
            symbol="company",
            exchange="exchange",
            side="side",
            quantity="quantity",
            price="price",
            trade_id="trade num",
            expiry="expiry",
            strike="strike price",
            right="instrument type",
        ),
        _format(
            "upstox-ledger",
            "Upstox: ledger",
            K.LEDGER,
            "narration|closing balance",
            date="date",
            text="narration",
            voucher="voucher type",
            debit="debit",
            credit="credit",
            balance="closing balance",
        ),
        _format(
            "upstox-holdings",
            "Upstox: holdings",
            K.HOLDINGS,
            "company name|net qty",
            symbol="symbol",
            isin="isin",
            quantity="net qty",
            average_price="avg price",
            last_price="ltp",
        ),
        _format(
            "mstock-tradebook",
            "mStock: tradebook",
            K.TRADES,
            "trade number|order number",
            date="trade date",
            time="trade time",
            symbol="symbol",
            isin="isin",
            exchange="exchange",
            side="buy sell",
            quantity="qty",
            price="trade price",
            trade_id="trade number",
            order_id="order number",
            expiry="expiry date",
            strike="strike price",
            right="option type",
        ),
        _format(
            "mstock-ledger",
            "mStock: ledger",
            K.LEDGER,
            "voucher no|balance",
            date="voucher date",
            text="narration",
            voucher="voucher no",
            debit="debit",
            credit="credit",
            balance="balance",
        ),
        _format(
            "mstock-holdings",
            "mStock: holdings",
            K.HOLDINGS,
            "scrip name|total quantity",
            symbol="scrip name",
            isin="isin",
            quantity="total quantity",
            average_price="buy average",
            last_price="ltp",
        ),
    )
}


def format_of(key: str) -> StatementFormat | None:
    """The format of that key."""
    return FORMATS.get(key)


def detect(header: Sequence[str]) -> StatementFormat | None:
    """The format whose headings a row has; of several the one that asks for most."""
    headings = frozenset(map(plain, header))
    fitting = [each for each in FORMATS.values() if each.headings <= headings]
    return max(fitting, key=lambda each: len(each.headings), default=None)


def guess(kind: StatementKind, header: Sequence[str]) -> dict[str, str]:
    """A mapping of fields to this header's columns by the words brokers use; each column is taken once."""
    left = {plain(heading): heading for heading in header if heading.strip()}
    found: dict[str, str] = {}
    for each in FIELDS[kind]:
        word = next((word for word in each.words if word in left), None)
        if word is not None:
            found[each.name] = left.pop(word)
    return found
