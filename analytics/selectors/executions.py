"""What stored minutes say about trades: how far prices went meanwhile, and what they were when it was decided.

One statement asks for many trades at once, so that a page costs the same whether it lists one or a hundred.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, Count, DecimalField, F, QuerySet, Sum, When

from analytics.domain.excursions import Excursion, excursion_between
from analytics.domain.slippage import Execution, Slippage, slippage
from analytics.domain.trades import ClosedTrade
from analytics.selectors.history import History
from analytics.selectors.scope import Scope
from core import clock
from core.money import to_paise
from trading.brokers.domain.terms import Side
from trading.marketdata.domain.bars import unscale_price
from trading.marketdata.selectors.minutes import adapt_instant, scaled
from trading.orders.models import Fill

_MINUTE = timedelta(minutes=1)
# A decision price may be so old; beyond, the market had not traded and nothing is known.
_FRESH = timedelta(minutes=15)
_AT_ONCE = 100
_RUPEES: DecimalField[Any, Any] = DecimalField(max_digits=30, decimal_places=4)
MOST_FILLS = 2_000

Question = tuple[int, datetime, datetime]


@dataclass(frozen=True, slots=True)
class TradeRow:
    """A closed trade as a list shows it. `excursion` is None where no minute of it is stored."""

    trade: ClosedTrade
    symbol: str
    account: str
    excursion: Excursion | None


def trade_rows(history: History, trades: Sequence[ClosedTrade], accounts: dict[Any, str]) -> list[TradeRow]:
    """Trades with how far they went for and against their owner, in the given order."""
    ranges = _asked(
        f"SELECT %s, min({scaled('low')}), max({scaled('high')}) FROM marketdata_candle"
        " WHERE instrument_id = %s AND start > %s AND start <= %s",
        [(each.position.instrument_id, each.trip.opened_at - _MINUTE, each.trip.closed_at) for each in trades],
    )
    rows = []
    for number, trade in enumerate(trades):
        low, high = ranges.get(number, (None, None))
        found = None
        if low is not None and high is not None:
            found = excursion_between(trade.trip, float(unscale_price(low)), float(unscale_price(high)))
        name = accounts.get(trade.position.account_id, "")
        rows.append(TradeRow(trade, history.key_of(trade.position), name, found))
    return rows


def slippage_of(scope: Scope) -> Slippage:
    """Fills of a scope against the prices at which their orders were decided.

    Orders from before decision prices were kept are measured against the close of the last whole minute before they
    came in: of these the newest `MOST_FILLS` of the span, and `estimated` says how many. Fills whose minute is not
    stored are left out.
    """
    found = _fills(scope)
    return _decided(found.filter(order__decision_price__isnull=False)) + _estimated(
        found.filter(order__decision_price__isnull=True, order__is_foreign=False)
    )


def _decided(fills: QuerySet[Fill]) -> Slippage:
    """Added up where the fills are, because there may be very many."""
    decision = F("order__decision_price")
    sign = Case(When(side=Side.BUY, then=1), default=-1)
    sums = fills.order_by().aggregate(
        fills=Count("id"),
        cost=Sum((F("price") - decision) * F("quantity") * sign, output_field=_RUPEES),
        decided=Sum(decision * F("quantity"), output_field=_RUPEES),
    )
    return Slippage(sums["fills"], to_paise(sums["cost"] or Decimal(0)), to_paise(sums["decided"] or Decimal(0)))


def _estimated(fills: QuerySet[Fill]) -> Slippage:
    columns = ("instrument_id", "side", "quantity", "price", "order__created_at")
    rows = list(fills.order_by("-traded_at", "-id").values_list(*columns)[:MOST_FILLS])
    closes = _asked(
        f"SELECT %s, (SELECT {scaled('close')} FROM marketdata_candle WHERE instrument_id = %s"
        " AND start > %s AND start <= %s ORDER BY start DESC LIMIT 1), 0",
        [(row[0], row[4] - _FRESH, row[4] - _MINUTE) for row in rows],
    )
    executions = (
        Execution(Side(side).sign * quantity, price, unscale_price(close))
        for number, (_, side, quantity, price, _) in enumerate(rows)
        if (close := closes[number][0]) is not None
    )
    return slippage(executions, are_estimated=True)


def _fills(scope: Scope) -> QuerySet[Fill]:
    found: QuerySet[Fill] = Fill.objects.filter(account_id__in=scope.account_ids)
    for field, value in (
        ("order__strategy", scope.strategy),
        ("instrument__key", scope.symbol or None),
        ("order__product", scope.product or None),
        ("order__tag", scope.tag or None),
    ):
        if value is not None:
            found = found.filter(**{field: value})
    if scope.first:
        found = found.filter(traded_at__gte=clock.ist_day_start(scope.first))
    if scope.last:
        found = found.filter(traded_at__lt=clock.ist_day_span(scope.last)[1])
    return found


def _asked(statement: str, questions: Sequence[Question]) -> dict[int, tuple[int | None, int | None]]:
    """Two answers to each question by its number; `statement` takes the number and the question's three parts."""
    found: dict[int, tuple[int | None, int | None]] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(questions), _AT_ONCE):
            asked = questions[start : start + _AT_ONCE]
            parameters: list[Any] = []
            for number, (instrument_id, since, until) in enumerate(asked, start):
                parameters += [number, instrument_id, adapt_instant(since), adapt_instant(until)]
            cursor.execute(" UNION ALL ".join([statement] * len(asked)), parameters)
            found.update({int(row[0]): (row[1], row[2]) for row in cursor.fetchall()})
    return found
