"""Bugs on purpose, each put in for the length of a run: a checker that lets one pass is no checker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.db import connection, transaction

from core.ids import new_id
from tests.routing.live import LiveDesk
from trading.brokers.domain.messages import Execution
from trading.brokers.domain.port import OutcomeUnknown
from trading.orders.domain import book_reports
from trading.orders.models import Order
from trading.orders.services.live import order_sync, reconciliation, router
from trading.orders.services.order import posting
from trading.orders.services.order.change import OrderChange
from trading.portfolio import services as portfolio_services
from trading.portfolio.domain.ledger import SourceType, hold_postings
from trading.portfolio.services import account_lock
from trading.portfolio.services.posting import ledger_post

Plant = Callable[[LiveDesk], Any]


@contextmanager
def resend_on_timeout(_: LiveDesk) -> Iterator[None]:
    """An answer that did not come is taken for an order that did not arrive."""

    def twice(order_id: UUID) -> bool:
        claim = router.order_claim(order_id)
        if claim is None:
            return False
        for _ in range(2):
            try:
                reports = tuple(claim.broker.place(claim.order, send_by=claim.send_by))
            except OutcomeUnknown:
                continue
            router.order_settle(order_id, claim.account.id, reports)
            break
        return True

    with patch("tests.routing.live.order_send", twice):
        yield


@contextmanager
def unknown_left_alone(_: LiveDesk) -> Iterator[None]:
    """Nobody looks up what is UNKNOWN."""
    is_news = reconciliation._is_news

    def news(row: Order, *args: Any, **more: Any) -> bool:
        return row.status != "UNKNOWN" and is_news(row, *args, **more)

    with patch.object(reconciliation, "_is_news", news):
        yield


@contextmanager
def unknown_taken_for_refused(_: LiveDesk) -> Iterator[None]:
    """An unclear answer counts as a refusal, and the order that the broker has is never looked at."""

    def refuse(order_id: UUID, account_id: UUID, detail: str) -> None:
        with transaction.atomic():
            account = account_lock(account_id)
            order = Order.objects.select_related("instrument").get(id=order_id)
            change = OrderChange(
                order, account=account, instrument=order.instrument, actor="plant", at=order.created_at
            )
            router._reject(change, "timed_out", detail)

    with patch.object(router, "order_doubt", refuse), patch.object(reconciliation, "_adopt", lambda *_, **__: None):
        yield


@contextmanager
def fill_dropped(_: LiveDesk) -> Iterator[None]:
    """One trade of the broker's is overlooked, for ever."""
    genuine = book_reports.reports_of

    def all_but_the_first(*args: Any, **more: Any) -> list[Any]:
        reports = genuine(*args, **more)
        return [each for each in reports if not (isinstance(each, Execution) and each.trade_id.endswith("2"))]

    with patch.object(order_sync, "reports_of", all_but_the_first):
        yield


@contextmanager
def fill_posted_twice(_: LiveDesk) -> Iterator[None]:
    """The ledger is told of a trade once more, under another name."""
    fill_post = portfolio_services.fill_post

    def twice(*, account: Any, fill: Any) -> Any:
        result = fill_post(account=account, fill=fill)
        fill_post(account=account, fill=replace(fill, fill_id=new_id(), held_paise=0))
        return result

    with patch.object(posting, "fill_post", twice):
        yield


@contextmanager
def hold_released_twice(_: LiveDesk) -> Iterator[None]:
    """What an order held is given back again, once: the database stops who gives back more than is held at all."""
    hold_set = portfolio_services.hold_set
    again = iter([True])

    def twice(*, account: Any, order_id: UUID, paise: int, event_id: UUID, at: Any, current_paise: int) -> int:
        moved = hold_set(
            account=account, order_id=order_id, paise=paise, event_id=event_id, at=at, current_paise=current_paise
        )
        if moved < 0 and next(again, False):
            ledger_post(
                account=account,
                source_type=SourceType.RELEASE,
                source_id=new_id(),
                postings=hold_postings(moved),
                at=at,
            )
        return moved

    with patch.object(posting, "hold_set", twice):
        yield


@contextmanager
def foreign_order_overlooked(_: LiveDesk) -> Iterator[None]:
    """What was placed at the broker itself is nobody's business."""
    with patch.object(reconciliation, "_adopt", lambda *_, **__: None):
        yield


@contextmanager
def acknowledged_before_commit(live: LiveDesk) -> Iterator[None]:
    """The caller has its answer, and then the transaction is lost."""
    with patch("tests.routing.live.order_submit", _rolled_back(live, live_submit())):
        yield


@contextmanager
def key_forgotten(_: LiveDesk) -> Iterator[None]:
    """A repeated request is taken for a new one."""
    submit = live_submit()

    def forgetful(*, actor: Any, intent: Any) -> Order:
        order: Order = submit(actor=actor, intent=replace(intent, client_order_id=new_id().hex))
        return order

    with patch("tests.routing.live.order_submit", forgetful):
        yield


@contextmanager
def audit_row_altered(live: LiveDesk) -> Iterator[None]:
    """Somebody edits the audit trail."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE accounts_auditentry SET actor_label = 'nobody' WHERE organisation_id = %s AND seq = 2",
            [live.desk.organisation.id],
        )
        cursor.execute("ALTER TABLE accounts_auditentry ENABLE TRIGGER USER")


def live_submit() -> Any:
    """The real service, before anything is put in its place."""
    from trading.orders.services import order_submit

    return order_submit


def _rolled_back(live: LiveDesk, submit: Any) -> Any:
    calls = iter(range(1000))

    def unlucky(*, actor: Any, intent: Any) -> Order:
        if next(calls) != 1:
            order: Order = submit(actor=actor, intent=intent)
            return order
        with transaction.atomic():
            order = submit(actor=actor, intent=intent)
            transaction.set_rollback(True)
        return order

    return unlucky


# The invariant that has to notice it.
PLANTS: dict[str, tuple[Plant, str]] = {
    "resend_on_timeout": (resend_on_timeout, "I2"),
    "unknown_left_alone": (unknown_left_alone, "I7"),
    "unknown_taken_for_refused": (unknown_taken_for_refused, "I2"),
    "fill_dropped": (fill_dropped, "I5"),
    "fill_posted_twice": (fill_posted_twice, "I5"),
    "hold_released_twice": (hold_released_twice, "I6"),
    "foreign_order_overlooked": (foreign_order_overlooked, "I4"),
    "acknowledged_before_commit": (acknowledged_before_commit, "I1"),
    "key_forgotten": (key_forgotten, "I3"),
    "audit_row_altered": (audit_row_altered, "I8"),
}
