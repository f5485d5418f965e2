"""Positions and holdings, valued at the latest quotes. A missing or old quote shows as stale, never as zero P&L."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.domain.actor import Actor
from core import clock
from core.db.prepared import Prepared
from core.errors import NotFound, Unavailable
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quotes_latest
from trading.portfolio.domain.position import (
    PositionState,
)
from trading.portfolio.models import DeliveryDay, Position

from .for_actor import PreparedForActor
from .marked_position import MarkedPosition

Row = dict[str, Any]


# What a position's unsettled days bring in, net of what was sold on the same day.
_INCOMING = (
    DeliveryDay.objects.filter(position_id=OuterRef("id"), settled_at=None, bought__gt=F("sold"))
    .order_by()
    .values("position_id")
    .annotate(units=Sum(F("bought") - F("sold")))
    .values("units")
)


_STATE = tuple(field.name for field in fields(PositionState))


_INSTRUMENT = ("instrument__underlying", "instrument__instrument_type", "instrument__strike")


def position_rows(
    actor: Actor, *, account_id: UUID | None = None, symbol: str | None = None, only_open: bool = False
) -> QuerySet[Position, Row]:
    """Open positions, and (unless `only_open`) those closed today, of the accounts that the actor may see."""
    found = Position.objects.for_actor(actor).filter(_relevant(only_open=only_open))
    if account_id is not None:
        found = found.filter(account_id=account_id)
    if symbol:
        found = found.filter(instrument__key=symbol)
    return _rows(found, deliveries=True)


@cache
def _rows_first(most: int) -> PreparedForActor[Row]:
    def build(actor: Actor, today: date) -> QuerySet[Position, Row]:
        found = Position.objects.for_actor(actor).filter(_open_or_traded_on(today))
        return _rows(found, deliveries=True).order_by("-id")[:most]

    return PreparedForActor(build, today=date)


def position_rows_first(actor: Actor, most: int) -> list[Row]:
    """What `position_rows` gives without a filter, the newest `most` of them; `most` is one of a few page sizes."""
    return _rows_first(most)(actor, today=clock.trading_date())


def holding_rows(actor: Actor, *, account_id: UUID | None = None) -> QuerySet[Position, Row]:
    """Shares held for delivery in the accounts that the actor may see."""
    found = Position.objects.for_actor(actor).filter(product=Product.DELIVERY, quantity__gt=0)
    return _rows(found if account_id is None else found.filter(account_id=account_id), deliveries=True)


def positions(
    actor: Actor, *, account_id: UUID | None = None, symbol: str | None = None, only_open: bool = False
) -> list[MarkedPosition]:
    """`position_rows`, valued."""
    return mark(position_rows(actor, account_id=account_id, symbol=symbol, only_open=only_open))


def holdings(actor: Actor, *, account_id: UUID | None = None) -> list[MarkedPosition]:
    """`holding_rows`, valued."""
    return mark(holding_rows(actor, account_id=account_id))


def marked_positions(*, account_ids: Sequence[UUID]) -> list[MarkedPosition]:
    """Open positions and those closed today of accounts that the caller may use already."""
    if len(account_ids) == 1:
        return mark(positions_of_account(account_id=account_ids[0], today=clock.trading_date()))
    return mark(_rows(Position.objects.filter(_relevant(only_open=False), account_id__in=account_ids)))


def position_get(actor: Actor, position_id: UUID) -> Position:
    """One position with its account and instrument. Raises NotFound for what the actor may not see."""
    found = Position.objects.for_actor(actor).select_related("account", "instrument").filter(id=position_id).first()
    if found is None:
        raise NotFound("There is no such position.", code="unknown_position")
    position: Position = found
    return position


def position_marked(actor: Actor, position_id: UUID) -> MarkedPosition:
    """One position, valued. Raises NotFound for what the actor may not see."""
    found = mark(_rows(Position.objects.for_actor(actor).filter(id=position_id), deliveries=True))
    if not found:
        raise NotFound("There is no such position.", code="unknown_position")
    return found[0]


def position_quantity(*, account_id: UUID, instrument_id: int, product: str, strategy: str = "") -> int:
    """The signed quantity held, zero when there is no such position."""
    found = Position.objects.filter(
        account_id=account_id, instrument_id=instrument_id, product=product, strategy=strategy
    ).values_list("quantity", flat=True)
    return int(found.first() or 0)


def delivery_quantity_available(*, account_id: UUID, instrument_id: int, strategy: str = "") -> int:
    """Shares that a DELIVERY sale may draw on. Live sale orders are the caller's to subtract."""
    return position_quantity(
        account_id=account_id, instrument_id=instrument_id, product=Product.DELIVERY, strategy=strategy
    )


def position_shape(position: Position, symbol: str, *, ltp: Decimal | None) -> dict[str, Any]:
    """The API's position for a row that was just written, at the price of its fill or event."""
    return MarkedPosition(
        id=position.id,
        account_id=position.account_id,
        account_name="",
        symbol=symbol,
        product=position.product,
        strategy=position.strategy,
        state=position.state,
        ltp=ltp,
        previous_close=None,
        stale=False,
    ).position_shape()


def _relevant(*, only_open: bool) -> Q:
    return ~Q(quantity=0) if only_open else _open_or_traded_on(clock.trading_date())


def _open_or_traded_on(day: date) -> Q:
    return ~Q(quantity=0) | Q(day=day)


def mark(rows: Iterable[Row]) -> list[MarkedPosition]:
    """Rows of `position_rows` or `holding_rows`, in their order, valued at the latest quotes: one round trip."""
    rows = list(rows)
    quotes = _quotes([row["instrument__key"] for row in rows])
    today, now = clock.trading_date(), clock.wall_now()
    return [_marked(row, quotes.get(row["instrument__key"]), today, now) for row in rows]


def _rows(found: QuerySet[Position], *, deliveries: bool = False) -> QuerySet[Position, Row]:
    columns = ["id", "account_id", "account__name", "instrument__key", "product", "strategy", *_INSTRUMENT, *_STATE]
    if deliveries:
        found = found.annotate(unsettled=Subquery(_INCOMING))
        columns.append("unsettled")
    rows: QuerySet[Position, Row] = found.order_by("instrument__key", "product", "strategy", "id").values(*columns)
    return rows


positions_of_account = Prepared(
    lambda account_id, today: _rows(Position.objects.filter(_open_or_traded_on(today), account_id=account_id)),
    account_id=UUID,
    today=date,
)


def _marked(row: Row, quote: Quote | None, today: date, now: datetime) -> MarkedPosition:
    return MarkedPosition(
        id=row["id"],
        account_id=row["account_id"],
        account_name=row["account__name"],
        symbol=row["instrument__key"],
        product=row["product"],
        strategy=row["strategy"],
        state=PositionState(**{name: row[name] for name in _STATE}).on_day(today),
        ltp=quote.ltp if quote else None,
        previous_close=quote.close if quote else None,
        stale=quote is None or quote.is_stale(now, settings.QUOTE_STALE_AFTER),
        underlying=row["instrument__underlying"],
        instrument_type=row["instrument__instrument_type"],
        strike=row["instrument__strike"],
        unsettled=row.get("unsettled") or 0,
    )


def _quotes(keys: Sequence[str]) -> dict[str, Quote]:
    try:
        return quotes_latest(keys) if keys else {}
    except Unavailable:
        # Positions are still true without a price; they are shown as stale.
        return {}
