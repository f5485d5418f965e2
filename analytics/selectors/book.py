"""The lines of accounts' books, their capital, and the prices that open positions are valued at."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from heapq import merge
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Q

from analytics.domain.book import FILL, BookLine, Marks, PositionKey, in_prices
from analytics.selectors.raw import id_of, id_text, instant, price_of, raw_rows
from core import clock
from core.errors import Unavailable
from trading.brokers.domain.terms import Side
from trading.instruments.models import Instrument
from trading.marketdata.models import DailyBar
from trading.marketdata.selectors import quotes_latest
from trading.orders.models import Fill
from trading.portfolio.domain.ledger import LedgerAccount, SourceType
from trading.portfolio.domain.position import PositionFill
from trading.portfolio.models import LedgerEntry, PositionEvent

_CAPITAL = (SourceType.DEPOSIT, SourceType.WITHDRAWAL)


def book_lines(account_ids: Collection[UUID]) -> list[BookLine]:
    """Every fill and position event of accounts that the caller may see, in the order of recording."""
    return lines_where(Q(account_id__in=account_ids))


def lines_where(wanted: Q) -> list[BookLine]:
    """The fills and position events that satisfy a condition on what both have, in the order of recording."""
    fills = (
        Fill.objects.filter(wanted)
        .order_by("recorded_at", "id")
        .values_list(
            "recorded_at", "id", "traded_at", "account_id", "instrument_id", "side", "quantity", "price",
            "charges_paise", "stt_paise", "order_id", "order__product", "order__strategy", "order__tag",
        )
    )  # fmt: skip
    events = (
        PositionEvent.objects.filter(wanted)
        .order_by("recorded_at", "id")
        .values_list(
            "recorded_at", "id", "at", "account_id", "position__instrument_id", "kind", "quantity_change",
            "value_paise", "charges_paise", "ratio_numerator", "ratio_denominator", "data",
            "position__product", "position__strategy",
        )
    )  # fmt: skip
    rows = merge(_fill_lines(raw_rows(fills)), _event_lines(events), key=_order)
    return [line for _, line in rows]


def _order(row: tuple[datetime, BookLine]) -> tuple[datetime, str]:
    # The text of an id sorts as the id does.
    return row[0], row[1].ref


def _fill_lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[datetime, BookLine]]:
    """Lines with when they were recorded. A book has few positions and prices, so each is made once."""
    positions: dict[tuple[Any, ...], PositionKey] = {}
    prices: dict[Any, Decimal] = {}
    for row in rows:
        recorded_at, fill_id, at, account_id, instrument_id, side, quantity, stored, charges, stt, *rest = row
        order_id, product, strategy, tag = rest
        place = (account_id, instrument_id, product, strategy)
        if (position := positions.get(place)) is None:
            position = positions[place] = PositionKey(id_of(account_id), instrument_id, product, strategy)
        if (price := prices.get(stored)) is None:
            price = prices[stored] = price_of(stored)
        traded_at = instant(at)
        day = clock.trading_date(traded_at)
        fill = PositionFill(Side(side), quantity, price, day, charges)
        line = BookLine(
            at=traded_at,
            day=day,
            position=position,
            kind=FILL,
            quantity=fill.side.sign * quantity,
            value_paise=fill.value_paise,
            charges_paise=charges,
            stt_paise=stt,
            price=price,
            ref=id_text(fill_id),
            order=id_text(order_id),
            tag=tag,
        )
        yield instant(recorded_at), line


def _event_lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[datetime, BookLine]]:
    for row in rows:
        recorded_at, event_id, at, account_id, instrument_id, kind, quantity, value, charges, *rest = row
        numerator, denominator, data, product, strategy = rest
        line = BookLine(
            at=at,
            day=clock.trading_date(at),
            position=PositionKey(account_id, instrument_id, product, strategy),
            kind=kind,
            quantity=quantity,
            value_paise=value,
            charges_paise=charges,
            ratio=Fraction(numerator, denominator) if numerator and denominator else None,
            ref=str(event_id),
            transfer=str(data.get("conversion", "")),
        )
        yield recorded_at, line


def capital_flows(account_ids: Collection[UUID]) -> dict[UUID, dict[date, tuple[int, int]]]:
    """What owners paid in and took out (both positive, paise) by account and Indian date, from the ledger."""
    rows = LedgerEntry.objects.filter(
        account_id__in=account_ids, kind=LedgerAccount.CAPITAL, transaction__source_type__in=_CAPITAL
    ).values_list("account_id", "amount_paise", "transaction__at")
    found: defaultdict[UUID, dict[date, tuple[int, int]]] = defaultdict(dict)
    for account_id, amount, at in rows.order_by("transaction__at"):
        day = clock.trading_date(at)
        paid_in, taken_out = found[account_id].get(day, (0, 0))
        # Capital is what the book owes its owner: a deposit is a credit.
        found[account_id][day] = (paid_in - min(amount, 0), taken_out + max(amount, 0))
    return found


def marks_of(instruments: Sequence[Instrument], first: date, last: date) -> dict[int, Marks]:
    """Closing prices by instrument over a span, as traded; the latest quote stands for today's close until then."""
    by_id: defaultdict[int, dict[int, int]] = defaultdict(dict)
    today = clock.trading_date()
    rows = DailyBar.objects.filter(
        instrument_id__in=[each.pk for each in instruments], date__range=(first, min(last, today))
    ).values_list("instrument_id", "date", "close")
    for instrument_id, day, close in rows:
        by_id[instrument_id][day.toordinal()] = in_prices(close)
    if last >= today:
        for instrument_id, price in _latest(instruments).items():
            by_id[instrument_id][today.toordinal()] = in_prices(price)
    return {instrument_id: _sorted(closes) for instrument_id, closes in by_id.items()}


def _latest(instruments: Sequence[Instrument]) -> Mapping[int, Decimal]:
    try:
        quotes = quotes_latest([each.key for each in instruments])
    except Unavailable:
        return {}
    return {each.pk: quotes[each.key].ltp for each in instruments if each.key in quotes}


def _sorted(closes: Mapping[int, int]) -> Marks:
    days = sorted(closes)
    return Marks(np.array(days, dtype=np.int64), np.array([closes[day] for day in days], dtype=np.int64))
