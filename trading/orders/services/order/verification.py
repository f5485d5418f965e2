"""Orders, trades, holds and positions checked against each other and against the ledger."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from heapq import merge
from itertools import groupby
from uuid import UUID

from django.db.models import Count, F, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from core import clock
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.orders.domain.states import FINAL
from trading.orders.models import Fill, Order, OrderEvent
from trading.portfolio.domain.ledger import SourceType
from trading.portfolio.domain.position import PositionFill, PositionState, apply_fill
from trading.portfolio.domain.position_events import PositionEventKind, apply_event
from trading.portfolio.models import FundsHold, LedgerTransaction, Position, PositionEvent
from trading.portfolio.selectors import margin_terms
from trading.portfolio.services import LedgerFinding

PositionKey = tuple[UUID, int, str, str]
Folded = tuple[PositionKey, datetime, UUID, Callable[[PositionState], PositionState]]
FOLDED = ("quantity", "open_value_paise", "realised_pnl_paise", "charges_paise", "margin_paise")


def orders_verify() -> list[LedgerFinding]:
    """Everything that contradicts itself, in view: use a system scope to check every tenant. Writes nothing."""
    return [
        *_fills_of_orders(),
        *_holds_of_orders(),
        *_events_of_orders(),
        *_fills_posted(),
        *_events_posted(),
        *_positions_folded(),
    ]


def _fills_of_orders() -> Iterator[LedgerFinding]:
    """What an order says has filled, and at what charges, is what its trades sum to."""
    rows = Order.objects.order_by().annotate(
        traded=Coalesce(Sum("fills__quantity"), 0), charged=Coalesce(Sum("fills__charges_paise"), 0)
    )
    wrong = rows.exclude(traded=F("filled_quantity"), charged=F("charges_paise"))
    for order in wrong.iterator():
        yield LedgerFinding("order_filled_quantity", str(order.id), order.traded, order.filled_quantity)
        yield LedgerFinding("order_charges", str(order.id), order.charged, order.charges_paise)


def _holds_of_orders() -> Iterator[LedgerFinding]:
    """A live order's hold is the ledger's; a final order and an unknown one hold nothing."""
    held = FundsHold.objects.filter(order_id=OuterRef("id")).values("amount_paise")
    rows = Order.objects.order_by().annotate(held=Coalesce(Subquery(held), 0))
    for order in rows.exclude(held=F("hold_paise")).iterator():
        yield LedgerFinding("order_hold", str(order.id), order.hold_paise, order.held)
    for order in Order.objects.filter(status__in=sorted(FINAL)).exclude(hold_paise=0).iterator():
        yield LedgerFinding("final_order_holds", str(order.id), 0, order.hold_paise)
    orphans = FundsHold.objects.exclude(order_id__in=Order.objects.values("id"))
    for hold in orphans.iterator():
        yield LedgerFinding("hold_without_order", str(hold.order_id), 0, hold.amount_paise)


def _events_of_orders() -> Iterator[LedgerFinding]:
    """Events are numbered without gaps, and the last one tells the order's status."""
    last = OrderEvent.objects.filter(order_id=OuterRef("id"), seq=OuterRef("event_seq")).values("status")
    rows = Order.objects.order_by().annotate(
        counted=Count("events"), highest=Coalesce(Max("events__seq"), 0), told=Subquery(last)
    )
    sound = Q(counted=F("event_seq"), highest=F("event_seq"), told=F("status"))
    for order in rows.exclude(sound).iterator():
        yield LedgerFinding("order_events", str(order.id), order.event_seq, order.counted)


def _fills_posted() -> Iterator[LedgerFinding]:
    """Each trade is in the ledger once, and nothing else is there as a trade."""
    posted = LedgerTransaction.objects.filter(source_type=SourceType.FILL)
    for fill_id in Fill.objects.order_by().exclude(id__in=posted.values("source_id")).values_list("id", flat=True):
        yield LedgerFinding("fill_not_posted", str(fill_id), 1, 0)
    strays = posted.order_by().exclude(source_id__in=Fill.objects.order_by().values("id"))
    for source_id in strays.values_list("source_id", flat=True):
        yield LedgerFinding("posting_without_fill", str(source_id), 0, 1)


def _events_posted() -> Iterator[LedgerFinding]:
    """Each position event that moves money is in the ledger once, and nothing else is there as one."""
    kinds = [kind.value for kind in PositionEventKind]
    posted = LedgerTransaction.objects.filter(source_type__in=kinds)
    moves = ~Q(realised_pnl_paise=0) | ~Q(charges_paise=0)
    events = PositionEvent.objects.order_by()
    for event_id in (
        events.filter(moves).exclude(source_id__in=posted.values("source_id")).values_list("id", flat=True)
    ):
        yield LedgerFinding("position_event_not_posted", str(event_id), 1, 0)
    for source_id in (
        posted.order_by().exclude(source_id__in=events.values("source_id")).values_list("source_id", flat=True)
    ):
        yield LedgerFinding("posting_without_position_event", str(source_id), 0, 1)


def _positions_folded() -> Iterator[LedgerFinding]:
    """Each position is the fold of its fills and events in the order in which they were posted."""
    expected = dict(_folds())
    for position in Position.objects.order_by().iterator():
        key = (position.account_id, position.instrument_id, position.product, position.strategy)
        state = expected.pop(key, PositionState())
        for name in FOLDED:
            should, found = getattr(state, name), getattr(position, name)
            if should != found:
                yield LedgerFinding(f"position_{name}", str(position.id), should, found)
    for account_id, instrument_id, product, _ in expected:
        yield LedgerFinding("position_missing", f"{account_id}/{instrument_id}/{product}", 1, 0)


def _folds() -> Iterator[tuple[PositionKey, PositionState]]:
    """Both streams come ordered by position and time, and are merged: neither is held in memory whole."""
    for key, group in groupby(merge(_fills(), _events(), key=_moment), key=lambda row: row[0]):
        state = PositionState()
        for _, _, _, fold in group:
            state = fold(state)
        yield key, state


def _moment(row: Folded) -> tuple[PositionKey, datetime, UUID]:
    return row[0], row[1], row[2]


def _fills() -> Iterator[Folded]:
    rows = Fill.objects.select_related("order", "instrument").order_by(
        "account_id", "instrument_id", "order__product", "order__strategy", "recorded_at", "id"
    )
    for fill in rows.iterator():
        key = (fill.account_id, fill.instrument_id, fill.order.product, fill.order.strategy)
        yield key, fill.recorded_at, fill.id, partial(_after_fill, fill)


def _events() -> Iterator[Folded]:
    rows = PositionEvent.objects.select_related("position").order_by(
        "account_id", "position__instrument_id", "position__product", "position__strategy", "recorded_at", "id"
    )
    for event in rows.iterator():
        position = event.position
        key = (event.account_id, position.instrument_id, position.product, position.strategy)
        yield key, event.recorded_at, event.id, partial(_after_event, event)


def _after_event(event: PositionEvent, state: PositionState) -> PositionState:
    return apply_event(state, event.facts).after


def _after_fill(fill: Fill, state: PositionState) -> PositionState:
    day = clock.trading_date(fill.traded_at)
    instrument: Instrument = fill.instrument
    facts = PositionFill(
        side=Side(fill.side),
        quantity=fill.quantity,
        price=fill.price,
        day=day,
        charges_paise=fill.charges_paise,
    )
    terms = margin_terms(instrument=instrument, product=Product(fill.order.product), day=day)
    return apply_fill(state, facts, terms).after
