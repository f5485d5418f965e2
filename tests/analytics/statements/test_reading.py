"""Statements become records of one shape, row by row, and what is not understood is refused by its row."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.domain.statements import (
    FORMATS,
    HoldingRecord,
    LedgerRecord,
    StatementKind,
    TradeRecord,
    detect,
    note_charges,
    note_date,
    read_sheet,
)
from analytics.domain.statements.exchanges import exchange_of
from analytics.domain.statements.formats import guess
from analytics.domain.statements.values import Unreadable, read_date, read_number, read_time
from core.errors import InvalidInput
from trading.brokers.domain.terms import Side

_BOOK = """
Symbol|ISIN|Trade Date|Exchange|Segment|Series|Trade Type|Quantity|Price|Trade ID|Order ID|Order Execution Time
RELIANCE|INE002A01018|2026-11-02|NSE|EQ|EQ|buy|10.000000|1247.800000|7001|11001|2026-11-02T09:31:10
RELIANCE|INE002A01018|2026-11-02|NSE|EQ|EQ|sell|10|1251.2|7002|11002|2026-11-02T10:05:00
"""
TRADEBOOK = [line.split("|") for line in _BOOK.strip().splitlines()]


_NOTE_HEADER = (
    "Order No.|Order Time.|Trade No.|Trade Time|Security/Contract Description|Buy(B) / Sell(S)|Quantity"
    "|Gross Rate / Trade Price Per Unit (Rs)|Brokerage per Unit (Rs)"
)


def test_a_tradebook_is_known_by_its_header_wherever_it_begins():
    rows = [["Client ID", "AB1234"], [], *TRADEBOOK, [], ["Total", "", "", "", "", "", "", "20"]]
    found = read_sheet(rows)
    assert (found.format_key, found.header_row, found.faults, found.skipped) == ("zerodha-tradebook", 3, (), 1)
    first, second = found.records
    assert first == TradeRecord(
        row=4,
        traded_on=date(2026, 11, 2),
        traded_at=time(9, 31, 10),
        symbol="RELIANCE",
        isin="INE002A01018",
        exchange="NSE",
        side=Side.BUY,
        quantity=10,
        price=Decimal("1247.8"),
        trade_id="7001",
        order_id="11001",
    )
    assert second.side is Side.SELL


_UPSTOX_HEADER = (
    "Date|Company|Amount|Exchange|Segment|Scrip Code|Instrument Type|Strike Price|Expiry|Trade Num|Trade Time|Side"
    "|Quantity|Price"
)
_UPSTOX = """
02-11-2026|NIFTY|8125.00|FON|FO|54321|European Call|25800|03-11-2026|9001|09:31:10|Buy|65|125.00
02-11-2026|RELIANCE|12478.00|NSE|EQ|2885|EQ|0||9002|10:05:00|Sell|10|1247.80
"""


def test_upstox_trade_report_is_read_below_its_ten_lines_with_options_as_options():
    """Headings and kinds as in a redacted report of 2026; values are made up."""
    head = [
        ["UPSTOX SECURITIES PRIVATE LIMITED"],
        *[[]] * 6,
        ["Report Time Period", "01-11-2026 To 03-11-2026"],
        [],
        [],
    ]
    found = read_sheet([*head, *(line.split("|") for line in (_UPSTOX_HEADER, *_UPSTOX.strip().splitlines()))])
    assert (found.format_key, found.header_row, found.faults) == ("upstox-trades", 11, ())
    option, share = found.records
    assert (option.symbol, option.expiry, option.strike, option.right) == ("NIFTY", date(2026, 11, 3), 25_800, "CE")
    assert (option.side, option.quantity, option.price) == (Side.BUY, 65, Decimal(125))
    assert (option.traded_on, option.traded_at, option.trade_id) == (date(2026, 11, 2), time(9, 31, 10), "9001")
    assert (share.symbol, share.right, share.side) == ("RELIANCE", "", Side.SELL)


@pytest.mark.parametrize(
    ("word", "exchange"),
    [
        ("NSE", "NSE"),
        (" nse_fo ", "NFO"),
        ("FONSE", "NFO"),
        ("FOB", "BFO"),
        ("BSE_EQ", "BSE"),
        ("MCX", ""),
        ("", ""),
    ],
)
def test_a_statements_word_for_an_exchange(word, exchange):
    assert exchange_of(word) == exchange


def test_rows_that_cannot_be_read_are_told_by_number_and_the_others_kept():
    broken = [list(TRADEBOOK[1]) for _ in range(6)]
    broken[0][2] = "31-02-2026"
    broken[1][7] = "2.5"
    broken[2][8] = "-3"
    broken[3][6] = "hold"
    broken[4][8] = "NaN"
    found = read_sheet([TRADEBOOK[0], *broken])
    assert [(fault.row, fault.code) for fault in found.faults] == [
        (2, "bad_date"),
        (3, "bad_quantity"),
        (4, "bad_price"),
        (5, "bad_side"),
        (6, "bad_number"),
    ]
    assert len(found.records) == 1


def test_every_known_format_reads_a_row_of_its_own_header():
    values = {
        "date": "02-11-2026",
        "time": "10:15:00",
        "symbol": "INFY",
        "side": "B",
        "quantity": "5",
        "price": "1,500.50",
        "text": "Funds added",
        "debit": "",
        "credit": "2,00,000.00",
        "balance": "2,00,000.00",
        "average_price": "1400",
        "last_price": "1500",
        "isin": "INE009A01021",
    }
    for each in FORMATS.values():
        header = [*each.columns.values(), *sorted(each.marks - set(each.columns.values()))]
        row = [values.get(name, "") for name in each.columns] + [""] * (len(header) - len(each.columns))
        found = read_sheet([header, row])
        assert found.format_key == each.key
        assert not found.faults, (each.key, found.faults)
        (record,) = found.records
        kinds = {
            StatementKind.TRADES: TradeRecord,
            StatementKind.CONTRACT_NOTE: TradeRecord,
            StatementKind.LEDGER: LedgerRecord,
            StatementKind.HOLDINGS: HoldingRecord,
        }
        assert type(record) is kinds[each.kind]


def test_a_ledger_counts_what_was_received_as_positive():
    header = ["particulars", "posting_date", "cost_center", "voucher_type", "debit", "credit", "net_balance"]
    rows = [
        ["Opening Balance", "", "", "", "0", "0", "0"],
        ["Funds added using UPI", "2026-11-02", "NSE-EQ", "Bank Receipts", "0", "50000", "50000"],
        ["Net settlement for Equity", "2026-11-03", "NSE-EQ", "Book Voucher", "1250.45", "0", "48749.55"],
    ]
    found = read_sheet([[each.replace("_", " ") for each in header], *rows])
    assert found.format_key == "zerodha-ledger"
    assert [(line.amount, line.balance) for line in found.records] == [
        (Decimal(50000), Decimal(50000)),
        (Decimal("-1250.45"), Decimal("48749.55")),
    ]
    assert found.skipped == 1


def test_a_contract_note_takes_its_day_and_charges_from_beside_the_table():
    rows = [
        ["CONTRACT NOTE CUM TAX INVOICE"],
        ["Trade Date:", "", "", "05-04-2021"],
        _NOTE_HEADER.split("|"),
        ["110", "09:20:00", "220", "09:20:01", "TATASTEEL - EQ / INE081A01020", "B", "3", "856.30", "0.0"],
        [],
        ["PAY IN / PAY OUT OBLIGATION", "", "-2568.90"],
        ["Taxable value of Supply (Brokerage)", "", "0.00"],
        ["Exchange transaction charges", "", "-0.09"],
        ["CGST (@9% of Brok, SEBI, Trans & Clearing charges)", "", "(0.01)"],
        ["SGST (@9% of Brok, SEBI, Trans & Clearing charges)", "", "(0.01)"],
        ["Securities transaction tax", "", "-3.00"],
        ["SEBI turnover fees", "", "0.00"],
        ["Stamp duty", "", "-0.39"],
        ["Net amount receivable/(payable by client)", "", "-2572.40"],
    ]
    day = note_date(rows)
    assert day == date(2021, 4, 5)
    found = read_sheet(rows, day=day)
    assert (found.format_key, found.records[0].traded_on, found.skipped) == ("zerodha-contract-note", day, 9)
    charges = note_charges(rows)
    assert charges is not None
    assert (charges.stt, charges.gst, charges.net) == (Decimal("3.00"), Decimal("0.02"), Decimal("-2572.40"))
    assert charges.total == Decimal("3.50")


def test_a_mapping_of_ones_own_reads_what_no_format_knows():
    rows = [["When", "What", "Dir", "Units", "Rs each"], ["02/11/2026", "infy", "S", "7", "1,500.25"]]
    with pytest.raises(InvalidInput) as refusal:
        read_sheet(rows)
    assert refusal.value.code == "statement_unknown"
    mapping = {"date": "When", "symbol": "What", "side": "Dir", "quantity": "Units", "price": "Rs each"}
    found = read_sheet(rows, kind=StatementKind.TRADES, mapping=mapping)
    assert found.format_key == "generic"
    assert (found.records[0].symbol, found.records[0].traded_on) == ("INFY", date(2026, 11, 2))
    american = read_sheet(rows, kind=StatementKind.TRADES, mapping=mapping, day_first=False)
    assert american.records[0].traded_on == date(2026, 2, 11)


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"date": "When"}, "mapping_incomplete"),
        ({"date": "When", "symbol": "X", "side": "Dir", "quantity": "Units", "price": "P"}, "column_missing"),
        ({"colour": "When"}, "field_unknown"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping, code):
    with pytest.raises(InvalidInput) as refusal:
        read_sheet([["When", "Dir", "Units"]], kind=StatementKind.TRADES, mapping=mapping)
    assert refusal.value.code == code


def test_the_guess_takes_each_column_once():
    found = guess(StatementKind.TRADES, ["Trade Date", "Scrip Name", "Buy/Sell", "Qty", "Avg Price", "Remarks"])
    assert found == {
        "date": "Trade Date",
        "symbol": "Scrip Name",
        "side": "Buy/Sell",
        "quantity": "Qty",
        "price": "Avg Price",
    }
    assert detect(["Trade Date", "Scrip Name"]) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,23,456.78", "123456.78"),
        ("₹ 1,000", "1000"),
        ("(42.50)", "-42.50"),
        ("42.50 Dr", "-42.50"),
        ("42.50Cr.", "42.50"),
        ("-0.5", "-0.5"),
        ("1,234,567", "1234567"),
    ],
)
def test_numbers_as_statements_write_them(text, value):
    assert read_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["1e5", "NaN", "Infinity", "1,2,3", "12 000", "--5", "0x10", "١٢", "9" * 20, ""])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(Unreadable):
        read_number(text)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_a_number_written_with_or_without_grouping_is_the_same(value):
    assert read_number(f"{value:,}") == read_number(str(value)) == value


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_a_day_is_read_from_each_common_way_of_writing_it(day):
    for pattern in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d-%b-%Y", "%d %b %Y", "%Y-%m-%dT09:15:00"):
        assert read_date(day.strftime(pattern)) == day


def test_times_with_and_without_a_day_before_them():
    assert read_time("2026-11-02T09:31:10") == read_time("09:31:10") == time(9, 31, 10)
    assert read_time("2:05 pm") == time(14, 5)
    assert read_time("") is None
    with pytest.raises(Unreadable):
        read_time("soon")
