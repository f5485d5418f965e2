"""What brokers' statements say, as rows of one shape: trades, ledger lines, holdings, a note's charges."""

from .fields import FIELDS, Field, StatementKind
from .formats import FORMATS, StatementFormat, detect, format_of
from .notes import note_charges, note_date
from .reading import ReadStatement, RowFault, read_sheet
from .records import HoldingRecord, LedgerRecord, NoteCharges, Record, TradeRecord

__all__ = [
    "FIELDS",
    "FORMATS",
    "Field",
    "HoldingRecord",
    "LedgerRecord",
    "NoteCharges",
    "ReadStatement",
    "Record",
    "RowFault",
    "StatementFormat",
    "StatementKind",
    "TradeRecord",
    "detect",
    "format_of",
    "note_charges",
    "note_date",
    "read_sheet",
]
