"""Orders on their way to a simulated broker: sent once, and what came of it told truthfully."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from core.clock import wall_now
from core.tenancy import tenant_scope
from tests.orders.desk import OpenGate
from tests.routing.live import LiveDesk
from trading.brokers.domain.terms import Side
from trading.brokers.simulator.faults import FaultKind
from trading.orders.domain.gate import GateDecision, StoredOrder
from trading.orders.models import AccountRoute, Fill, OrderEvent, OrderRoute
from trading.orders.services import OrderModification, order_cancel, order_modify
from trading.orders.services.live.epochs import epoch_begin
from trading.orders.services.live.router import order_claim, order_doubt, order_send, orders_doubt_stuck
from trading.orders.services.live.routing_round import account_round
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import Position
from trading.portfolio.services import ledger_verify

AMBIGUOUS = [
    FaultKind.LOST_AFTER,
    FaultKind.GARBAGE,
    FaultKind.ERROR_500_DONE,
    FaultKind.REFUSED_DONE,
    FaultKind.TIMED_OUT_DONE,
]
NEVER_THERE = [FaultKind.LOST_BEFORE, FaultKind.ERROR_429, FaultKind.ERROR_500, FaultKind.TIMED_OUT]


class StoppedGate(OpenGate):
    """Lets orders in and none out."""

    def may_send(self, order: StoredOrder) -> GateDecision:
        return GateDecision("risk", False, "kill_switch", "Trading is stopped.")


def sound() -> bool:
    return [str(finding) for finding in (*ledger_verify(), *orders_verify())] == []


def test_live_order_waits_for_the_router_and_is_sent_once(live: LiveDesk) -> None:
    order = live.submit(price="90.00")
    assert (order.status, live.journal()) == ("PENDING_ROUTE", [])
    assert order_send(order.id)
    assert not order_send(order.id)
    assert live.again(order).status == "OPEN"
    assert [event["tag"] for event in live.journal()] == [order.id.hex]


def test_fills_at_the_broker_become_fills_here(live: LiveDesk) -> None:
    order = live.placed(quantity=30)
    live.book.fill(order.broker_order_id, 10, Decimal("89.50"))
    live.reconcile()
    assert (live.again(order).status, live.again(order).filled_quantity) == ("PARTIALLY_FILLED", 10)
    live.price("89.00")
    live.reconcile()
    live.reconcile()
    done = live.again(order)
    assert (done.status, done.filled_quantity, done.hold_paise) == ("FILLED", 30, 0)
    assert Position.objects.get(account_id=live.account.id).quantity == 30
    assert sound()


@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_order_taken_behind_an_unclear_answer_is_found_by_its_tag(live: LiveDesk, kind: FaultKind) -> None:
    live.fault("place", kind)
    order = live.placed()
    assert order.status == "UNKNOWN"
    live.reconcile()
    assert live.again(order).status == "OPEN"
    assert len(live.journal()) == 1


@pytest.mark.parametrize("kind", NEVER_THERE)
def test_order_that_never_arrived_is_given_up_late_and_never_resent(live: LiveDesk, kind: FaultKind) -> None:
    live.fault("place", kind)
    order = live.placed()
    assert (order.status, order.hold_paise > 0) == ("UNKNOWN", True)
    live.reconcile()
    live.reconcile()
    assert live.again(order).status == "UNKNOWN"
    live.reconcile()
    given_up = live.again(order)
    assert (given_up.status, given_up.status_code, given_up.hold_paise) == ("REJECTED", "presumed_not_placed", 0)
    assert not order_send(order.id)
    assert live.journal() == []
    assert sound()


@pytest.mark.parametrize("kind", [FaultKind.EMPTY, FaultKind.SHORT, FaultKind.ERROR_500, FaultKind.GARBAGE])
def test_a_bad_read_of_the_book_counts_for_nothing(live: LiveDesk, kind: FaultKind) -> None:
    other = live.placed()
    live.fault("place", FaultKind.LOST_AFTER)
    order = live.placed()
    live.fault("orders", kind, times=20)
    for _ in range(5):
        live.reconcile()
    assert (live.again(order).status, live.again(other).status) == ("UNKNOWN", "OPEN")
    live.server.faults.clear()
    live.reconcile()
    assert live.again(order).status == "OPEN"


def test_time_alone_and_reads_alone_are_not_enough_to_give_an_order_up(live: LiveDesk, settings: Settings) -> None:
    settings.ROUTE_PRESUME_AFTER = timedelta(minutes=1)
    live.fault("place", FaultKind.LOST_BEFORE)
    order = live.placed()
    for _ in range(8):
        live.reconcile()
    assert live.again(order).status == "UNKNOWN"
    settings.ROUTE_PRESUME_AFTER = timedelta(0)
    settings.ROUTE_PRESUME_READS = 100
    live.reconcile()
    assert live.again(order).status == "UNKNOWN"


def test_order_that_turns_up_after_it_was_given_up_is_adopted(live: LiveDesk) -> None:
    live.price("95.00")
    body = live.submit(price="90.00")
    order_claim(body.id)
    order_doubt(body.id, live.account.id, "test")
    for _ in range(3):
        live.reconcile()
    assert live.again(body).status_code == "presumed_not_placed"
    live.manual(tag=body.id.hex, quantity=10)
    result = live.reconcile()
    late = live.orders()[-1]
    assert (result.orders_adopted, late.is_foreign, late.status_code, late.status) == (1, True, "late", "OPEN")
    assert live.again(body).status == "REJECTED"
    live.price("89.00")
    live.reconcile()
    assert Position.objects.get(account_id=live.account.id).quantity == 10
    assert sound()


def test_a_final_refusal_is_final(live: LiveDesk) -> None:
    live.book.refuse(live.name, "insufficient_margin")
    sent = live.placed()
    assert (sent.status, sent.status_code, sent.hold_paise) == ("REJECTED", "insufficient_margin", 0)


def test_broker_that_cannot_be_reached_is_not_sent_to(live: LiveDesk, settings: Settings) -> None:
    order = live.submit(price="90.00")
    settings.BROKER_SIMULATOR_URL = "http://127.0.0.1:9"
    sent = live.send(order)
    assert (sent.status, sent.status_code) == ("REJECTED", "not_sent")


def test_sender_that_was_frozen_past_its_moment_does_not_send(live: LiveDesk, settings: Settings) -> None:
    settings.ROUTE_SEND_WITHIN = timedelta(seconds=-1)
    sent = live.placed()
    assert (sent.status, sent.status_code, live.journal()) == ("REJECTED", "not_sent", [])


def test_order_found_in_routing_is_doubted_and_looked_up_never_sent(live: LiveDesk, settings: Settings) -> None:
    order = live.submit(price="90.00")
    assert order_claim(order.id) is not None
    assert not order_send(order.id)
    assert orders_doubt_stuck(live.account.id) == 0
    OrderRoute.objects.filter(order_id=order.id).update(claimed_at=order.created_at - timedelta(minutes=1))
    assert orders_doubt_stuck(live.account.id) == 1
    assert live.again(order).status == "UNKNOWN"
    assert live.journal() == []


def test_nothing_is_sent_from_inside_a_transaction(committed_live: LiveDesk) -> None:
    live = committed_live
    order = live.submit(price="90.00")
    with pytest.raises(RuntimeError), transaction.atomic():
        order_send(order.id)
    assert live.journal() == []


def test_order_accepted_too_long_ago_is_not_sent(live: LiveDesk, settings: Settings) -> None:
    settings.ROUTE_MAX_AGE = timedelta(0)
    sent = live.placed()
    assert (sent.status, sent.status_code, live.journal()) == ("REJECTED", "route_too_late", [])


def test_gate_that_has_shut_since_keeps_the_order_here(live: LiveDesk, settings: Settings) -> None:
    order = live.submit(price="90.00")
    settings.PRE_TRADE_GATES = ["tests.routing.test_router.StoppedGate"]
    sent = live.send(order)
    assert (sent.status, sent.status_code, live.journal()) == ("REJECTED", "kill_switch", [])


def test_account_that_is_not_reconciled_takes_no_order(live: LiveDesk) -> None:
    waiting = live.submit(price="90.00")
    AccountRoute.objects.update(is_reconciled=False)
    refused = live.submit(price="90.00")
    assert (refused.status, refused.status_code) == ("REJECTED", "reconciling")
    assert live.send(waiting).status == "PENDING_ROUTE"
    account_round(live.account.id)
    assert live.again(waiting).status == "OPEN"


def test_after_a_restore_nothing_old_is_sent(live: LiveDesk) -> None:
    never = live.submit(price="90.00")
    sent = live.submit(price="91.00")
    # The life that the backup does not remember has sent the second.
    live.manual(tag=sent.id.hex, quantity=10, price="91.00")
    epoch_begin(reason="test")
    assert not order_send(never.id)
    for _ in range(4):
        account_round(live.account.id)
    assert (live.again(never).status, live.again(never).status_code) == ("REJECTED", "presumed_not_placed")
    assert live.again(sent).status == "OPEN"
    assert len(live.journal()) == 1
    assert live.placed().status == "OPEN"


def test_cancel_is_asked_of_the_broker_and_believed_from_its_book(live: LiveDesk) -> None:
    order = live.placed()
    with tenant_scope(live.desk.organisation.id):
        asked = order_cancel(actor=live.desk.trader, order_id=order.id)
        again = order_cancel(actor=live.desk.trader, order_id=order.id)
    assert (asked.status, again.status) == ("OPEN", "OPEN")
    account_round(live.account.id)
    gone = live.again(order)
    assert (gone.status, gone.status_code, gone.hold_paise) == ("CANCELLED", "cancelled", 0)
    assert OrderEvent.objects.filter(order=gone, type="CANCEL_REQUESTED").count() == 1
    assert sound()


def test_cancel_of_an_order_that_was_not_sent_is_done_at_once(live: LiveDesk) -> None:
    order = live.submit(price="90.00")
    with tenant_scope(live.desk.organisation.id):
        assert order_cancel(actor=live.desk.trader, order_id=order.id).status == "CANCELLED"
    assert not order_send(order.id)
    assert live.journal() == []


def test_lost_cancel_is_sent_anew_only_once_the_book_shows_the_order_still(live: LiveDesk) -> None:
    order = live.placed()
    live.fault("cancel", FaultKind.LOST_BEFORE)
    with tenant_scope(live.desk.organisation.id):
        order_cancel(actor=live.desk.trader, order_id=order.id)
    account_round(live.account.id)
    account_round(live.account.id)
    assert live.again(order).status == "OPEN"
    OrderRoute.objects.filter(order_id=order.id).update(cancel_sent_at=wall_now() - timedelta(seconds=1))
    account_round(live.account.id)
    account_round(live.account.id)
    assert live.again(order).status == "CANCELLED"


def test_the_side_that_sells_works_as_well(live: LiveDesk) -> None:
    live.price("100.00")
    order = live.send(live.submit(Side.SELL, 5, price="99.00"))
    live.reconcile()
    assert live.again(order).status == "FILLED"
    assert Position.objects.get(account_id=live.account.id).quantity == -5
    assert Fill.objects.count() == 1


def test_modification_is_in_force_once_the_book_shows_it(live: LiveDesk) -> None:
    order = live.placed()
    with tenant_scope(live.desk.organisation.id):
        asked = order_modify(actor=live.desk.trader, order_id=order.id, modification=OrderModification(quantity=20))
    assert (asked.quantity, asked.hold_paise > order.hold_paise) == (10, True)
    account_round(live.account.id)
    changed = live.again(order)
    assert (changed.quantity, changed.route.wanted, changed.hold_paise) == (20, None, asked.hold_paise)
    assert sound()
