"""What a contract note says outside its table of trades: the day, and the charges of all its trades together."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from .fields import plain
from .records import NoteCharges
from .values import Unreadable, read_date, read_number

_DATE_LABELS = ("trade date", "date of trade")
_LINES = {
    "brokerage": ("taxable value of supply brokerage", "brokerage", "total brokerage"),
    "exchange": ("exchange transaction charges", "transaction charges", "exchange turnover charges"),
    "stt": ("securities transaction tax", "stt", "security transaction tax"),
    "sebi": ("sebi turnover fees", "sebi turn over fees", "sebi turnover charges", "sebi fees"),
    "stamp": ("stamp duty", "stamp charges"),
    "net": ("net amount receivable payable by client", "net amount receivable", "net amount"),
}
_TAXES = ("cgst", "sgst", "igst", "utgst", "gst")


def note_date(rows: Sequence[Sequence[str]]) -> date | None:
    """The trade date that stands beside its label, None where there is none."""
    for row in rows:
        for place, cell in enumerate(row):
            label = next((each for each in _DATE_LABELS if plain(cell).startswith(each)), None)
            if label is None:
                continue
            for word in (cell.partition(":")[2], *row[place + 1 :]):
                if word.strip(" :"):
                    try:
                        return read_date(word.strip(" :"))
                    except Unreadable:
                        break
    return None


def note_charges(rows: Sequence[Sequence[str]]) -> NoteCharges | None:
    """The lines of charges below the trades, each the last number of its row; None where no line is found.

    A note writes what the client pays with a minus, in brackets or plainly; a charge counts as its size.
    """
    found: dict[str, Decimal] = {}
    taxes: list[Decimal] = []
    for row in rows:
        label = next((plain(cell) for cell in row if cell.strip()), "")
        amount = _last_number(row)
        if amount is None:
            continue
        name = next((name for name, labels in _LINES.items() if label.startswith(labels)), None)
        if name is not None:
            found.setdefault(name, amount if name == "net" else abs(amount))
        elif label.startswith(_TAXES):
            taxes.append(abs(amount))
    if not found:
        return None
    gst = sum(taxes, Decimal(0)) if taxes else None
    return NoteCharges(gst=gst, **found)


def _last_number(row: Sequence[str]) -> Decimal | None:
    for cell in reversed(row[1:]):
        if not cell.strip():
            continue
        try:
            return read_number(cell)
        except Unreadable:
            continue
    return None
