"""Rows of a statement as they are kept, each with what makes it the same row in another file."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from analytics.domain.statements import HoldingRecord, LedgerRecord, Record, TradeRecord
from analytics.models import Statement, StatementHolding, StatementLine, StatementTrade
from core.clock import IST, wall_now
from trading.instruments.models import Instrument

from .instruments import instruments_of, isin_of


def day_of(record: Record, day: date | None) -> date:
    """The day a row belongs to; `day` is the file's own, which holdings are of."""
    match record:
        case TradeRecord():
            return record.traded_on
        case LedgerRecord():
            return record.posted_on
        case HoldingRecord():
            return day or wall_now().astimezone(IST).date()


Row = StatementTrade | StatementLine | StatementHolding


def rows_of(statement: Statement, records: Sequence[Record], day: date | None) -> list[Row]:
    """The rows to keep, each with its identity; nothing is written."""
    named = instruments_of([each for each in records if not isinstance(each, LedgerRecord)])
    seen: Counter[tuple[object, ...]] = Counter()
    rows: list[Row] = []
    for record in records:
        on = day_of(record, day)
        content = _content(record, on)
        # The second of two equal rows of a file is another trade, and stays one in the next file that tells both.
        seen[content] += 1
        identity = hashlib.sha256(repr((*content, seen[content])).encode()).hexdigest()
        common = {
            "organisation_id": statement.organisation_id,
            "account_id": statement.account_id,
            "statement": statement,
            "row": record.row,
            "day": on,
            "identity": identity,
        }
        match record:
            case TradeRecord():
                rows.append(_trade(record, named.get(record), common))
            case LedgerRecord():
                rows.append(
                    StatementLine(
                        text=record.text,
                        voucher=record.voucher,
                        amount=record.amount,
                        balance=record.balance,
                        **common,
                    )
                )
            case HoldingRecord():
                rows.append(_holding(record, named.get(record), common))
    return rows


def _content(record: Record, on: date) -> tuple[object, ...]:
    """What a row tells, in words that are equal wherever the same is told."""
    match record:
        case TradeRecord() if record.trade_id:
            return ("trade", on.isoformat(), record.trade_id, str(record.side), record.quantity)
        case TradeRecord():
            terms = (str(record.side), record.quantity, _plain(record.price), record.order_id)
            return ("trade", on.isoformat(), str(record.traded_at), record.symbol, *terms)
        case LedgerRecord():
            balance = None if record.balance is None else _plain(record.balance)
            return ("line", on.isoformat(), record.text, record.voucher, _plain(record.amount), balance)
        case HoldingRecord():
            return ("holding", on.isoformat(), isin_of(record) or record.symbol)


def _plain(value: Decimal) -> str:
    """A number without the zeros that one file writes and another does not."""
    return f"{value.normalize():f}"


def _trade(record: TradeRecord, instrument: Instrument | None, common: dict[str, Any]) -> StatementTrade:
    at = record.traded_at
    return StatementTrade(
        instrument=instrument,
        symbol=record.symbol[:120],
        isin=isin_of(record),
        exchange=record.exchange[:16],
        side=record.side,
        quantity=record.quantity,
        price=record.price,
        traded_at=None if at is None else datetime.combine(record.traded_on, at, IST),
        trade_id=record.trade_id[:40],
        order_id=record.order_id[:40],
        **common,
    )


def _holding(record: HoldingRecord, instrument: Instrument | None, common: dict[str, Any]) -> StatementHolding:
    return StatementHolding(
        instrument=instrument,
        symbol=record.symbol[:120],
        isin=isin_of(record),
        quantity=record.quantity,
        average_price=record.average_price,
        last_price=record.last_price,
        **common,
    )
