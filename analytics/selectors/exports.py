"""Tables to take away, as CSV or XLSX."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import xlsxwriter

from analytics.domain.breakdown import By
from analytics.domain.calendar import net_in_paise
from analytics.selectors.breakdown import breakdown
from analytics.selectors.executions import trade_rows
from analytics.selectors.history import History
from analytics.selectors.performance import performance_of
from analytics.selectors.scope import Scope
from analytics.selectors.tax import tax_of
from core.clock import IST
from core.errors import Unprocessable
from core.money import PAISA, from_paise
from core.spreadsheet import defused

MOST_ROWS = 50_000
MOST_EXCURSIONS = 5_000
_TICK = Decimal("0.0001")

Cell = str | int | Decimal | float | date | datetime | None


class Table(StrEnum):
    """What may be taken away."""

    TRADES = "trades"
    DAYS = "days"
    SYMBOLS = "symbols"
    STRATEGIES = "strategies"
    TAX = "tax"


class Format(StrEnum):
    """As what."""

    CSV = "csv"
    XLSX = "xlsx"


CONTENT_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Named columns and their rows."""

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


def export(
    history: History, scope: Scope, table: Table, form: Format, *, organisation_id: UUID, year: int
) -> bytes:
    """A table of a scope as a file; `year` (in which the financial year begins) is for the tax table.

    Raises Unprocessable (`too_many_rows`) above `MOST_ROWS`: narrow the span.
    """
    makers: dict[Table, Callable[[], Sheet]] = {
        Table.TRADES: lambda: _trades(history, scope),
        Table.DAYS: lambda: _days(history, scope, organisation_id),
        Table.SYMBOLS: lambda: _parts(history, scope, By.SYMBOL),
        Table.STRATEGIES: lambda: _parts(history, scope, By.STRATEGY),
        Table.TAX: lambda: _tax(history, year),
    }
    sheet = makers[table]()
    if len(sheet.rows) > MOST_ROWS:
        raise Unprocessable(f"An export has at most {MOST_ROWS:,} rows; narrow the span.", code="too_many_rows")
    return _csv(sheet) if form is Format.CSV else _xlsx(sheet, table)


def _trades(history: History, scope: Scope) -> Sheet:
    columns = (
        "opened_at", "closed_at", "symbol", "product", "strategy", "tag", "quantity", "entry_price", "exit_price",
        "gross", "charges", "net", "held_seconds", "mae", "mfe",
    )  # fmt: skip
    closed = history.closed(scope)
    # One statement asks for a hundred: the newest have their excursions, older ones are told without.
    newest = trade_rows(history, closed[-MOST_EXCURSIONS:], {})
    reached = {row.trade: row.excursion for row in newest if row.excursion}
    rows: list[tuple[Cell, ...]] = []
    for trade in closed:
        trip, position, excursion = trade.trip, trade.position, reached.get(trade)
        net = from_paise(net_in_paise(trip))
        rows.append((
            trip.opened_at, trip.closed_at, history.key_of(position), position.product, position.strategy,
            trade.tag, trip.quantity, trip.entry_price.quantize(_TICK), trip.exit_price.quantize(_TICK),
            net + from_paise(trip.charges_paise), from_paise(trip.charges_paise), net,
            int(trip.held.total_seconds()),
            excursion.adverse if excursion else None, excursion.favourable if excursion else None,
        ))  # fmt: skip
    return Sheet(columns, rows)


def _days(history: History, scope: Scope, organisation_id: UUID) -> Sheet:
    report = performance_of(scope, organisation_id=organisation_id, history=history)
    curve = report.curve
    columns = ("day", "equity", "paid_in", "net_pnl", "return", "growth", "drawdown")
    return Sheet(
        columns,
        [
            (
                day,
                from_paise(curve.worth_paise[at]),
                from_paise(curve.flows_paise[at]),
                from_paise(report.days[at].gain_paise),
                report.days[at].value,
                curve.growth[at],
                curve.drawdown[at],
            )
            for at, day in enumerate(curve.days)
        ],
    )


def _parts(history: History, scope: Scope, by: By) -> Sheet:
    columns = (by.value, "trades", "won", "turnover", "gross", "charges", "net")
    return Sheet(
        columns,
        [
            (
                part.name,
                part.trades.trades,
                part.trades.wins,
                from_paise(part.traded_paise),
                from_paise(part.gross_paise),
                from_paise(part.charges_paise),
                from_paise(part.net_paise),
            )
            for part in breakdown(history, scope, by)
        ],
    )


def _tax(history: History, year: int) -> Sheet:
    columns = ("term", "symbol", "quantity", "bought", "sold", "cost", "sale", "expenses", "gain", "rate")
    rows: list[tuple[Cell, ...]] = []
    for gain in tax_of(history, year).gains:
        trade, trip = gain.trade, gain.trade.trip
        units = abs(trip.quantity)
        rows.append((
            gain.term.value, history.instruments[trade.instrument_id].key, units,
            trip.opened_at.astimezone(IST).date(), trip.closed_at.astimezone(IST).date(),
            (trip.entry_price * units).quantize(PAISA), (trip.exit_price * units).quantize(PAISA),
            from_paise(trip.charges_paise - trade.stt_paise), from_paise(gain.gain_paise), gain.rate,
        ))  # fmt: skip
    return Sheet(columns, rows)


def _csv(sheet: Sheet) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(sheet.columns)
    writer.writerows([_text(cell) for cell in row] for row in sheet.rows)
    return out.getvalue().encode()


def _xlsx(sheet: Sheet, table: Table) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        page = book.add_worksheet(table.value)
        head = book.add_format({"bold": True})
        page.write_row(0, 0, sheet.columns, head)
        page.freeze_panes(1, 0)
        page.set_column(0, len(sheet.columns) - 1, 16)
        for number, row in enumerate(sheet.rows, 1):
            page.write_row(number, 0, [_cell(cell) for cell in row])
    return out.getvalue()


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return defused(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(IST).isoformat(timespec="seconds")
    return "" if cell is None else str(cell)


def _cell(cell: Cell) -> str | float | int | None:
    return float(cell) if isinstance(cell, Decimal) else _text(cell) if isinstance(cell, date) else cell
