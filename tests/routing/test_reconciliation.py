"""What is at the broker and not here becomes known here; what differs is told."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.tenancy import tenant_scope
from notifications.models import Notification
from tests.routing.live import LiveDesk
from trading.brokers.simulator.faults import FaultKind
from trading.orders.models import AccountRoute, Fill, OrderRoute, ReconciliationRun
from trading.orders.services.live.routing_round import account_round
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import Position
from trading.portfolio.services import ledger_verify


def sound() -> bool:
    return [str(finding) for finding in (*ledger_verify(), *orders_verify())] == []


def browser(live: LiveDesk) -> Client:
    client = Client()
    user = User.objects.get(pk=live.desk.trader.user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_foreign_orders_are_adopted_in_every_state(live: LiveDesk) -> None:
    live.price("95.00")
    filled, cancelled = live.manual(price="96.00"), live.manual()
    live.book.cancel(live.name, cancelled)
    resting = live.manual(quantity=8)
    result = live.reconcile()
    by_id = {order.broker_order_id: order for order in live.orders()}
    assert result.orders_adopted == 3
    assert all(order.is_foreign for order in by_id.values())
    assert [by_id[each].status for each in (filled, cancelled, resting)] == ["FILLED", "CANCELLED", "OPEN"]
    assert by_id[resting].hold_paise > 0
    assert Position.objects.get(account_id=live.account.id).quantity == 5
    assert Fill.objects.count() == 1
    assert sound()
    assert live.reconcile().orders_adopted == 0


def test_adopted_order_is_followed_like_any_other(live: LiveDesk) -> None:
    live.manual()
    live.reconcile()
    live.price("89.00")
    live.reconcile()
    (order,) = live.orders()
    assert (order.status, order.hold_paise, order.filled_quantity) == ("FILLED", 0, 5)
    assert sound()


def test_owner_is_told_once_of_what_is_found(live: LiveDesk) -> None:
    live.manual()
    for _ in range(3):
        account_round(live.account.id)
        AccountRoute.objects.update(read_at=None)
    told = Notification.objects.filter(user_id=live.desk.trader.user_id, title__contains="books differ")
    assert told.count() == 1
    assert "order_foreign" in told[0].body


def test_positions_that_differ_are_findings(live: LiveDesk) -> None:
    live.book.shift(live.name, "NSE:RELIANCE", "INTRADAY", 3)
    (finding,) = live.reconcile().findings
    assert (finding.code, finding.expected, finding.found) == ("position_differs", "0", "3")
    run = ReconciliationRun.objects.filter(account_id=live.account.id).first()
    assert run is not None
    assert run.findings[0]["code"] == "position_differs"


def test_order_of_an_unknown_instrument_is_reported(live: LiveDesk) -> None:
    live.manual(symbol="NSE:NOBODY")
    assert [finding.code for finding in live.reconcile().findings] == ["unknown_instrument"]


def test_working_order_missing_from_the_book_is_reported_and_nothing_given_up(live: LiveDesk) -> None:
    order = live.placed()
    live.fault("orders", FaultKind.EMPTY)
    assert [finding.code for finding in live.reconcile().findings] == ["order_missing"]
    assert live.again(order).status == "OPEN"


def test_terms_changed_at_the_broker_are_taken_over(live: LiveDesk) -> None:
    order = live.placed()
    terms = {"quantity": 25, "order_type": "LIMIT", "price": "91.00", "trigger_price": None}
    live.book.modify(live.name, order.broker_order_id, terms)
    live.reconcile()
    changed = live.again(order)
    assert (changed.quantity, changed.price) == (25, Decimal("91.0000"))


def test_order_cancelled_at_the_broker_says_so(live: LiveDesk) -> None:
    order = live.placed()
    live.book.cancel(live.name, order.broker_order_id)
    live.reconcile()
    gone = live.again(order)
    assert (gone.status, gone.status_code, gone.hold_paise) == ("CANCELLED", "broker_cancelled", 0)


def test_way_is_closed_after_too_long_without_a_good_read(live: LiveDesk) -> None:
    AccountRoute.objects.update(read_at=live.account.created_at - timedelta(hours=1))
    live.fault("trades", FaultKind.ERROR_500, times=10)
    live.reconcile()
    assert not AccountRoute.objects.get(account_id=live.account.id).is_reconciled
    assert live.submit(price="90.00").status_code == "reconciling"


def test_adopting_an_order_costs_the_same_however_many_there_are(live: LiveDesk) -> None:
    """A thousand in thirty seconds: each is a handful of statements, and none reads all the others."""
    cost = []
    for _ in range(2):
        for _ in range(15):
            live.manual(quantity=1)
        with CaptureQueriesContext(connection) as queries:
            assert live.reconcile().orders_adopted == 15
        cost.append(len(queries))
    assert cost[1] <= cost[0] + 2
    assert cost[0] < 15 * 30


def test_command_reports_and_fails_where_something_differs(live: LiveDesk, capsys: Any) -> None:
    call_command("reconcile", str(live.account.id))
    live.book.shift(live.name, "NSE:RELIANCE", "INTRADAY", 3)
    with pytest.raises(CommandError):
        call_command("reconcile", str(live.account.id))
    assert "position_differs NSE:RELIANCE INTRADAY: expected 0, found 3" in capsys.readouterr().out


def test_new_epoch_by_command_doubts_what_waits(live: LiveDesk) -> None:
    order = live.submit(price="90.00")
    call_command("reconcile", "--new-epoch")
    assert live.again(order).status == "UNKNOWN"
    assert OrderRoute.objects.get(order_id=order.id).unknown_since is not None


def test_page_says_that_the_order_is_being_looked_up(live: LiveDesk) -> None:
    live.fault("place", FaultKind.LOST_AFTER)
    order = live.placed()
    page = browser(live).get(f"/orders/{order.id}/").content.decode()
    assert "Being looked up at the broker" in page
    assert "never sent again" in page
    assert "may or may not be at the broker. Do not place it again" in page
    assert "No part of this order has traded" not in page
    client = browser(live)
    assert "do not repeat" in client.get("/orders/").content.decode()
    assert "do not repeat" in client.get("/").content.decode()
    result = client.get(f"/orders/{order.id}/result/", headers={"HX-Request": "true"}).content.decode()
    assert "It may or may not be at the broker: do not place it again" in result
    assert "New order" not in result


def test_api_and_page_mark_a_foreign_order(live: LiveDesk) -> None:
    live.manual()
    live.reconcile()
    (order,) = live.orders()
    client = browser(live)
    with tenant_scope(live.desk.organisation.id):
        assert client.get(f"/api/v1/orders/{order.id}").json()["foreign"] is True
        assert "not sent from here" in client.get("/orders/").content.decode()
