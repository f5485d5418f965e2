"""The price at which an order was decided, kept with it: what its execution is measured against."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import make_instrument
from tests.orders.desk import Desk, make_desk, show_book
from tests.orders.watch import create, hold, leg, price, tick
from trading.brokers.domain.terms import OrderType
from trading.orders.domain.group import GroupIntent, GroupKind, LegIntent
from trading.orders.domain.intent import decided_at, request_hash
from trading.orders.domain.modification import OrderModification
from trading.orders.domain.triggers.states import LegRole
from trading.orders.models import Order
from trading.orders.services import group_submit, order_modify, order_submit
from trading.orders.services.triggers import LegTerms, TriggerModification, trigger_modify


def test_a_manual_order_is_decided_at_the_last_price_when_it_came_in(desk: Desk) -> None:
    show_book(ltp="99.90")
    order = order_submit(actor=desk.trader, intent=desk.intent())
    assert (order.average_price, order.decision_price) == (Decimal("100.00"), Decimal("99.90"))
    order.refresh_from_db()
    assert order.decision_price == Decimal("99.90")


def test_what_the_decider_saw_counts_before_the_price_now(desk: Desk) -> None:
    show_book(ltp="99.90")
    order = order_submit(actor=desk.trader, intent=desk.intent(decision_price=Decimal("98.75")))
    assert order.decision_price == Decimal("98.75")


def test_a_stop_is_decided_at_its_trigger_and_a_new_trigger_moves_it(desk: Desk) -> None:
    show_book()
    stop = desk.intent(order_type=OrderType.SL_M, trigger_price=Decimal(104), decision_price=Decimal(100))
    order = order_submit(actor=desk.trader, intent=stop)
    assert order.decision_price == Decimal(104)
    order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(trigger_price=Decimal(106)))
    order.refresh_from_db()
    assert (order.trigger_price, order.decision_price) == (Decimal(106), Decimal(106))


def test_a_new_limit_does_not_move_it(desk: Desk) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent(price="99.00"))
    show_book(ltp="99.70")
    order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(price=Decimal("99.20")))
    order.refresh_from_db()
    assert order.decision_price == Decimal("100.00")


def test_without_any_price_it_is_empty(desk: Desk) -> None:
    unheard = make_instrument("NSE:UNHEARDOF")
    order = order_submit(actor=desk.trader, intent=desk.intent(price="99.00", key=unheard.key))
    assert order.decision_price is None
    assert decided_at(desk.intent(), Decimal(0)) is None


def test_the_exit_of_a_trigger_is_decided_at_its_trigger_price(desk: Desk) -> None:
    price(100)
    hold(desk)
    trigger = create(desk, "SINGLE", leg("SINGLE", 95))
    tick("94.10")
    order = Order.objects.get(trigger=trigger)
    assert order.decision_price == Decimal(95)


def test_every_leg_of_a_multi_leg_order_keeps_its_own(desk: Desk) -> None:
    show_book(ltp="99.90")
    other = make_desk(key="NSE:TCS").instrument
    show_book(key="NSE:TCS", ltp="100.10")
    legs = (
        LegIntent(order=desk.intent(client_order_id="")),
        LegIntent(order=desk.intent(client_order_id="", key=other.key)),
    )
    group_submit(
        actor=desk.trader,
        intent=GroupIntent(account_id=desk.account.id, kind=GroupKind.MULTI_LEG, legs=legs, client_order_id="pair"),
    )
    found = dict(Order.objects.values_list("instrument__symbol", "decision_price"))
    assert found == {"RELIANCE": Decimal("99.90"), "TCS": Decimal("100.10")}


def test_the_same_request_decided_at_another_price_is_the_same_request(desk: Desk) -> None:
    intent = desk.intent()
    assert request_hash(intent) == request_hash(replace(intent, decision_price=Decimal("98.75")))


def test_it_costs_no_statement(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent())

    def statements(**changes: Any) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            order_submit(actor=desk.trader, intent=desk.intent(**changes))
        return [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]

    # A filled order's round trips, as they were before there was a decision price (docs/performance.md).
    assert len(statements()) == len(statements(decision_price=Decimal("98.75"))) == 4
    # It comes with the order's own row: looked for by its name, and written.
    assert sum("decision_price" in sql for sql in statements()) == 2


def test_the_database_takes_no_price_of_nothing(desk: Desk) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent())
    with pytest.raises(IntegrityError, match="order_decision_price_positive"), transaction.atomic():
        Order.objects.filter(id=order.id).update(decision_price=0)


def test_the_api_tells_it(desk: Desk, client: Client) -> None:
    show_book(ltp="99.90")
    order = order_submit(actor=desk.trader, intent=desk.intent())
    client.force_login(get_user_model().objects.get(id=desk.trader.user_id))
    assert client.get(f"/api/v1/orders/{order.id}").json()["decision_price"] == "99.90"


def test_a_moved_trigger_is_decided_where_it_was_moved_to(desk: Desk) -> None:
    price(100)
    hold(desk)
    trigger = create(desk, "SINGLE", leg("SINGLE", 95))
    trigger_modify(
        actor=desk.trader,
        trigger_id=trigger.id,
        modification=TriggerModification(legs={LegRole.SINGLE: LegTerms(trigger_price=Decimal(97))}),
    )
    tick("96.50")
    assert Order.objects.get(trigger=trigger).decision_price == Decimal(97)
