"""Positions and holdings, valued at the latest quotes. A missing or old quote shows as stale, never as zero P&L."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.domain.actor import Actor
from core import clock
from core.db.prepared import Prepared
from core.errors import NotFound, Unavailable
from core.money import from_paise
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quotes_latest
from trading.portfolio.domain.position import (
    PositionState,
    day_pnl_paise,
    unrealised_pnl_paise,
)
from trading.portfolio.models import DeliveryDay, Position

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


@dataclass(frozen=True, slots=True)
class MarkedPosition:
    """A position as of the trading day, at a price. `ltp` (rupees) is None when no quote is known."""

    id: UUID
    account_id: UUID
    account_name: str
    symbol: str
    product: str
    strategy: str
    state: PositionState
    ltp: Decimal | None
    previous_close: Decimal | None
    stale: bool
    underlying: str = ""
    instrument_type: str = ""
    strike: Decimal | None = None
    unsettled: int = 0

    @property
    def quantity(self) -> int:
        return self.state.quantity

    @property
    def average_price(self) -> Decimal:
        return self.state.average_price

    @property
    def day_realised_paise(self) -> int:
        return self.state.day_realised_paise

    @property
    def day_charges_paise(self) -> int:
        return self.state.day_charges_paise

    @property
    def unrealised_paise(self) -> int:
        """Paise; zero without a price, so that sums are over what is known (they are marked stale)."""
        if self.ltp is None:
            return 0
        return unrealised_pnl_paise(self.state.quantity, self.state.open_value_paise, self.ltp)

    @property
    def day_pnl_paise(self) -> int | None:
        """Gross, in paise; None when the price or the previous close is not known."""
        if self.state.quantity == 0 and self.state.day_open_quantity == 0:
            return self.state.day_cash_paise
        if self.ltp is None:
            return None
        return day_pnl_paise(self.state, self.ltp, self.previous_close)

    @property
    def day_result_paise(self) -> int:
        """The day's P&L after charges, for sums; without a known price only what it has realised counts."""
        gross = self.day_pnl_paise
        return (self.day_realised_paise if gross is None else gross) - self.day_charges_paise

    @property
    def realised_pnl(self) -> Decimal:
        return from_paise(self.state.realised_pnl_paise)

    @property
    def unrealised_pnl(self) -> Decimal | None:
        return None if self.ltp is None and self.quantity else from_paise(self.unrealised_paise)

    @property
    def day_pnl(self) -> Decimal | None:
        paise = self.day_pnl_paise
        return None if paise is None else from_paise(paise)

    @property
    def day_realised(self) -> Decimal:
        return from_paise(self.state.day_realised_paise)

    @property
    def day_offset(self) -> Decimal | None:
        """Rupees to add to quantity times price for the day's P&L, so that a page can follow the price."""
        if self.state.day_open_quantity and self.previous_close is None:
            return None
        opening_value = self.state.day_open_quantity * (self.previous_close or 0)
        return from_paise(self.state.day_cash_paise) - opening_value

    @property
    def invested(self) -> Decimal:
        return from_paise(self.state.open_value_paise)

    @property
    def value(self) -> Decimal | None:
        """Rupees that the open quantity is worth; None without a price."""
        return None if self.ltp is None else self.ltp * abs(self.quantity)

    @property
    def unrealised_pct(self) -> Decimal | None:
        """Unrealised P&L in per cent of what the open quantity cost."""
        pnl = self.unrealised_pnl
        return None if pnl is None or not self.invested else pnl * 100 / self.invested

    @property
    def charges(self) -> Decimal:
        return from_paise(self.state.charges_paise)

    @property
    def net_realised(self) -> Decimal:
        """Realised P&L over the position's life after all its charges and fees."""
        return self.realised_pnl - self.charges

    @property
    def exchange(self) -> str:
        return self.symbol.partition(":")[0]

    @property
    def name(self) -> str:
        """The symbol without its exchange."""
        return self.symbol.partition(":")[2]

    @property
    def settled_quantity(self) -> int:
        """Shares that have arrived in the demat account."""
        return max(0, self.quantity - self.unsettled)

    @property
    def t1_quantity(self) -> int:
        """Shares that were bought and have not arrived yet; they may be sold (BTST)."""
        return max(0, self.quantity - self.settled_quantity)

    def position_shape(self) -> dict[str, Any]:
        """The API's position."""
        return {
            "id": str(self.id),
            "account": str(self.account_id),
            "symbol": self.symbol,
            "product": self.product,
            "strategy": self.strategy,
            "quantity": self.quantity,
            "average_price": str(self.average_price),
            "ltp": _string(self.ltp),
            "realised_pnl": str(self.realised_pnl),
            "unrealised_pnl": _string(self.unrealised_pnl),
            "charges": str(from_paise(self.state.charges_paise)),
            "day_pnl": _string(self.day_pnl),
            "margin": str(from_paise(self.state.margin_paise)),
            "stale": self.stale,
        }

    def holding_shape(self) -> dict[str, Any]:
        """The API's holding."""
        return {
            "id": str(self.id),
            "account": str(self.account_id),
            "symbol": self.symbol,
            "strategy": self.strategy,
            "quantity": self.settled_quantity,
            "t1_quantity": self.t1_quantity,
            "pledged_quantity": 0,
            "average_price": str(self.average_price),
            "ltp": _string(self.ltp),
            "invested": str(from_paise(self.state.open_value_paise)),
            "pnl": _string(self.unrealised_pnl),
            "day_pnl": _string(self.day_pnl),
            "stale": self.stale,
        }


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
    return ~Q(quantity=0) if only_open else ~Q(quantity=0) | Q(day=clock.trading_date())


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
    lambda account_id, today: _rows(Position.objects.filter(~Q(quantity=0) | Q(day=today), account_id=account_id)),
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


def _string(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
