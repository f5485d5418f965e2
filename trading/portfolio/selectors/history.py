"""What happened to positions besides trades, and when their intraday ones will be closed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from accounts.domain.actor import Actor
from core import clock
from core.db.prepared import Prepared
from core.money import from_paise
from trading.brokers.domain.terms import Product
from trading.instruments.domain.sessions import Segment
from trading.instruments.selectors import segment_for
from trading.portfolio.domain.position_events import PositionEventKind
from trading.portfolio.models import Position, PositionEvent, TradingAccount
from trading.portfolio.selectors.dated import square_off_times
from trading.portfolio.selectors.marked_position import MarkedPosition
from trading.portfolio.selectors.positions import position_get

FEES = (PositionEventKind.DP_CHARGE, PositionEventKind.SQUARE_OFF_FEE)


def position_events(actor: Actor, position_id: UUID) -> QuerySet[PositionEvent]:
    """A position's events, newest first. Raises NotFound for a position that the actor may not see."""
    position = position_get(actor, position_id)
    rows: QuerySet[PositionEvent] = PositionEvent.objects.for_actor(actor).filter(position_id=position.id)
    return rows.order_by("-recorded_at", "-id")


def position_event_shape(event: PositionEvent) -> dict[str, Any]:
    """The API's position event."""
    return {
        "id": str(event.id),
        "position": str(event.position_id),
        "kind": event.kind,
        "quantity_change": event.quantity_change,
        "price": None if event.price is None else str(event.price),
        "value": str(from_paise(event.value_paise)),
        "realised_pnl": str(from_paise(event.realised_pnl_paise)),
        "charges": str(from_paise(event.charges_paise)),
        "description": event.description,
        "at": event.at,
    }


@dataclass(frozen=True, slots=True)
class DayEvents:
    """What position events of today came to, in paise: profits signed, costs positive."""

    m2m_paise: int = 0
    dividend_paise: int = 0
    interest_paise: int = 0
    fees_paise: int = 0


NO_EVENTS = DayEvents()


# Kind, realised P&L and charges of an account's events; the caller may use the account already.
event_sums_between = Prepared(
    lambda account_id, start, end: (
        PositionEvent.objects.filter(account_id=account_id, at__gte=start, at__lt=end)
        .order_by()
        .values("kind")
        .annotate(realised=Sum("realised_pnl_paise"), charges=Sum("charges_paise"))
        .values_list("kind", "realised", "charges")
    ),
    account_id=UUID,
    start=datetime,
    end=datetime,
)


def day_events(sums: Sequence[tuple[str, int, int]]) -> DayEvents:
    """From the rows of `event_sums_between` over today."""
    realised = {kind: int(paise) for kind, paise, _ in sums}
    charges = {kind: int(paise) for kind, _, paise in sums}
    return DayEvents(
        m2m_paise=realised.get(PositionEventKind.M2M, 0),
        dividend_paise=realised.get(PositionEventKind.DIVIDEND, 0),
        interest_paise=charges.get(PositionEventKind.INTEREST, 0),
        fees_paise=sum(charges.get(kind, 0) for kind in FEES),
    )


def borrowed_paise(marked: Sequence[MarkedPosition]) -> int:
    """What the broker lends for an account's MTF positions, of all its open ones."""
    lent = [each.state for each in marked if each.product == Product.MTF and each.quantity > 0]
    return max(sum(state.open_value_paise - state.margin_paise for state in lent), 0)


@dataclass(frozen=True, slots=True)
class SquareOffDue:
    """Open intraday positions of a segment, and when they are closed; `fee` in rupees an order, before GST."""

    segment: Segment
    positions: tuple[str, ...]
    warn_at: datetime
    square_off_at: datetime
    fee: Decimal
    is_near: bool

    def as_strings(self) -> dict[str, Any]:
        """The API's shape."""
        return {
            "segment": self.segment.value,
            "symbols": list(self.positions),
            "warn_at": self.warn_at,
            "square_off_at": self.square_off_at,
            "fee": str(self.fee),
            "is_near": self.is_near,
        }


def square_off_due(account: TradingAccount) -> list[SquareOffDue]:
    """What the square-off will close today in an account that the caller may use already, soonest first."""
    now = clock.now()
    today = clock.trading_date(now)
    open_rows = Position.objects.filter(account_id=account.id, product=Product.INTRADAY).exclude(quantity=0)
    by_segment: defaultdict[Segment, list[str]] = defaultdict(list)
    for position in open_rows.select_related("instrument").order_by("instrument__key"):
        by_segment[segment_for(position.instrument)].append(position.instrument.key)
    due = []
    for segment, keys in by_segment.items():
        times = square_off_times(segment, today)
        if times is not None and now < times.session_ends:
            due.append(
                SquareOffDue(
                    segment, tuple(keys), times.warn_at, times.square_off_at, times.fee, now >= times.warn_at
                )
            )
    return sorted(due, key=lambda each: each.square_off_at)
