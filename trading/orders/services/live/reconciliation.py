"""Compares an account with its broker, and makes this house's rows tell what the broker's books tell.

One procedure for start-up, for the poll of each second and for `manage.py reconcile`: read the books whole, then
bring every order up to them, adopt what has no row, resolve what is UNKNOWN. Reading happens outside of any
transaction, each order is written in one of its own, so that a crash in the middle leaves nothing but less to do.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core import clock
from core.errors import Conflict
from trading.brokers.domain.book import BookEntry, BookStatus, BrokerTrade
from trading.brokers.domain.port import LiveBroker, ReadFailed
from trading.brokers.registry import broker_for
from trading.orders.domain.progress import Overfilled
from trading.orders.domain.reconciling import Finding
from trading.orders.domain.states import LIVE, WORKING, IllegalMove, OrderStatus
from trading.orders.models import Order, OrderRoute
from trading.orders.services.live.adoption import UnknownInstrument, order_adopt
from trading.orders.services.live.order_sync import order_sync
from trading.orders.services.live.position_comparison import position_findings
from trading.orders.services.live.presumption import order_presume
from trading.orders.services.live.router import orders_doubt_stuck
from trading.orders.services.live.routes import route_read, route_unread
from trading.orders.services.positions.runs import run_record
from trading.portfolio.models import TradingAccount

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Reconciliation:
    """What a comparison did. `is_complete` when every book was read whole and every difference worked off."""

    account_id: UUID
    reason: str
    started_at: datetime
    orders_read: int = 0
    orders_updated: int = 0
    orders_adopted: int = 0
    fills_added: int = 0
    findings: list[Finding] = field(default_factory=list)
    error: str = ""

    @property
    def is_complete(self) -> bool:
        return not self.error


@dataclass(frozen=True, slots=True)
class Books:
    """One good read of the broker's books. `began_at` is before the first request, on the wall."""

    began_at: datetime
    entries: Sequence[BookEntry]
    trades: Sequence[BrokerTrade]


def account_reconcile(account_id: UUID, *, reason: str, with_positions: bool = True) -> Reconciliation:
    """Bring the account up to its broker's books. For the router, in a system scope; never inside a transaction.

    A read that fails changes nothing but the route's count of failures. Two at once do no harm: each order is
    folded under the account's lock. Raises `NoRoute` for an account without a way to its broker.
    """
    account = TradingAccount.objects.get(id=account_id)
    broker = broker_for(account)
    result = Reconciliation(account_id, reason, clock.wall_now())
    try:
        books = _read(broker)
    except ReadFailed as error:
        result.error = str(error)
        route_unread(account, result.error)
        return result
    result.orders_read = len(books.entries)
    _entries_sync(account, books, result)
    orders_doubt_stuck(account_id)
    _absent(account, books, result)
    if with_positions and result.is_complete:
        _positions(account, broker, books, result)
    route_read(account, books.began_at, is_reconciled=result.is_complete)
    run_record(account, result)
    return result


def _read(broker: LiveBroker) -> Books:
    began_at = clock.wall_now()
    # Trades first: the entries are then at least as new, and an order never looks more filled than its entry says.
    trades = broker.trades()
    return Books(began_at, broker.order_book(), trades)


def _entries_sync(account: TradingAccount, books: Books, result: Reconciliation) -> None:
    by_broker_id, by_tag = _rows_of(account.id, books.entries)
    fills = {trade.broker_order_id for trade in books.trades}
    for entry in sorted(books.entries, key=lambda each: (each.placed_at, each.broker_order_id)):
        row = by_broker_id.get(entry.broker_order_id)
        if row is None:
            row = by_tag.get(entry.tag)
            if row is not None and not _may_be(row, entry):
                _adopt(account, entry, books, result, original=row)
                continue
        if row is None:
            _adopt(account, entry, books, result)
        elif _is_news(row, entry, has_trades=entry.broker_order_id in fills):
            _sync(account, row, entry, books, result)
            row.broker_order_id = entry.broker_order_id


def _rows_of(account_id: UUID, entries: Sequence[BookEntry]) -> tuple[dict[str, Order], dict[str, Order]]:
    """Our rows by the broker's order id, and by tag: two queries, after the books were read."""
    ids = [entry.broker_order_id for entry in entries]
    tags = {UUID(hex=entry.tag) for entry in entries if _is_tag(entry.tag)}
    of_account = Order.objects.filter(account_id=account_id).select_related("route")
    named = {order.broker_order_id: order for order in of_account.filter(broker_order_id__in=ids)}
    tagged = {order.id.hex: order for order in of_account.filter(id__in=tags)}
    # One object a row: what is learnt from one entry must be seen by the next.
    for broker_order_id, order in named.items():
        named[broker_order_id] = tagged.get(order.id.hex, order)
    return named, tagged


def _is_tag(tag: str) -> bool:
    return len(tag) == 32 and all(letter in "0123456789abcdef" for letter in tag)


def _may_be(row: Order, entry: BookEntry) -> bool:
    """Whether the row that the tag names is this order: not one given up, nor one with another order there."""
    if row.broker_order_id and row.broker_order_id != entry.broker_order_id:
        return False
    return row.status != OrderStatus.REJECTED


def _is_news(row: Order, entry: BookEntry, *, has_trades: bool) -> bool:
    route = row.route
    if route.broker_updated_at is None or row.status in (OrderStatus.ROUTING, OrderStatus.UNKNOWN):
        return True
    if entry.updated_at > route.broker_updated_at or entry.filled_quantity > row.filled_quantity:
        return True
    waits = route.cancel_sent_at is not None or route.wanted is not None
    return row.status in LIVE and (waits or entry.status not in (BookStatus.OPEN, BookStatus.TRIGGER_PENDING))


def _sync(account: TradingAccount, row: Order, entry: BookEntry, books: Books, result: Reconciliation) -> None:
    trades = [trade for trade in books.trades if trade.broker_order_id == entry.broker_order_id]
    try:
        synced = order_sync(row.id, account.id, entry, trades, read_at=books.began_at)
    except (IllegalMove, Overfilled, Conflict) as error:
        logger.exception("the broker's book contradicts an order", extra={"order": str(row.id)})
        result.findings.append(
            Finding("order_contradicted", str(row.id), row.status, entry.status.value, str(error))
        )
        return
    result.orders_updated += synced.changed
    result.fills_added += synced.fills


def _adopt(
    account: TradingAccount,
    entry: BookEntry,
    books: Books,
    result: Reconciliation,
    *,
    original: Order | None = None,
) -> None:
    trades = [trade for trade in books.trades if trade.broker_order_id == entry.broker_order_id]
    try:
        adopted = order_adopt(account.id, entry, trades, original=original)
    except UnknownInstrument:
        result.findings.append(Finding("unknown_instrument", entry.broker_order_id, "", entry.key))
        return
    except (IllegalMove, Overfilled, Conflict) as error:
        logger.exception("a broker's order cannot be adopted", extra={"broker_order": entry.broker_order_id})
        result.findings.append(Finding("not_adoptable", entry.broker_order_id, "", entry.key, str(error)))
        return
    if adopted is None:
        return
    order, fills = adopted
    result.orders_adopted += 1
    result.fills_added += fills
    result.findings.append(Finding(f"order_{order.status_code or 'foreign'}", str(order.id), "", entry.key))


def _absent(account: TradingAccount, books: Books, result: Reconciliation) -> None:
    """Orders that the book does not show. It counts against one only in a book that shows all that it must."""
    present = {entry.broker_order_id for entry in books.entries}
    tags = {entry.tag for entry in books.entries}
    today = clock.trading_date(clock.now())
    working = Order.objects.filter(account_id=account.id, status__in=sorted(WORKING)).exclude(broker_order_id="")
    missing = [order for order in working if order.broker_order_id not in present]
    for order in missing:
        result.findings.append(Finding("order_missing", str(order.id), order.status, ""))
    if any(order.valid_on >= today for order in missing):
        return
    unknown = OrderRoute.objects.filter(account_id=account.id, order__status=OrderStatus.UNKNOWN).filter(
        unknown_since__lt=books.began_at
    )
    for route in unknown:
        if route.order_id.hex not in tags:
            order_presume(route.order_id, account.id, read_at=books.began_at)


def _positions(account: TradingAccount, broker: LiveBroker, books: Books, result: Reconciliation) -> None:
    """Compare positions, unless something traded meanwhile: then the next run will tell."""
    try:
        positions = broker.positions()
        trades = broker.trades()
    except ReadFailed as error:
        result.error = str(error)
        return
    if len(trades) == len(books.trades):
        result.findings += position_findings(account, positions)
