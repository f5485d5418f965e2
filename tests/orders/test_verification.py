"""`verify_ledger` is silent about sound books and names what is wrong with others."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from core.tenancy import system_scope, tenant_scope
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Product, Side
from trading.orders.models import Fill, Order
from trading.orders.services import order_submit
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import FundsHold, Position


@pytest.fixture
def traded(desk: Desk) -> Desk:
    """A desk with bought, sold, resting and refused orders."""
    show_book(asks=(("100.00", 7), ("100.05", 1000)))
    for intent in (
        desk.intent(quantity=10),
        desk.intent(Side.SELL, 15),
        desk.intent(quantity=20, product=Product.DELIVERY),
        desk.intent(quantity=50, price="99.00"),
        desk.intent(quantity=1_000_000, product=Product.DELIVERY, price="100.00"),
    ):
        order_submit(actor=desk.trader, intent=intent)
    return desk


def test_sound_books_have_no_findings(traded: Desk) -> None:
    assert orders_verify() == []


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda: Order.objects.filter(status="FILLED").update(charges_paise=1), "order_charges"),
        (lambda: FundsHold.objects.update(amount_paise=1), "order_hold"),
        (lambda: Order.objects.filter(status="OPEN").update(event_seq=9), "order_events"),
        (lambda: Position.objects.filter(product="DELIVERY").update(quantity=21), "position_quantity"),
        (lambda: Position.objects.filter(product="INTRADAY").update(realised_pnl_paise=7), "position_realised_pnl"),
    ],
)
def test_planted_error_is_named(traded: Desk, harm: Callable[[], object], code: str) -> None:
    harm()
    assert any(finding.code.startswith(code) for finding in orders_verify())


def test_lost_fill_is_noticed_by_order_position_and_ledger(traded: Desk) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE orders_fill DISABLE TRIGGER orders_fill_append_only")
    Fill.objects.filter(id=Fill.objects.order_by("recorded_at")[0].id).delete()
    codes = {finding.code for finding in orders_verify()}
    assert {"order_filled_quantity", "posting_without_fill"} <= codes


@pytest.mark.django_db(transaction=True)
def test_command_fails_with_the_findings() -> None:
    call_command("verify_ledger")
    desk = make_desk()
    show_book()
    with tenant_scope(desk.organisation.id):
        order_submit(actor=desk.trader, intent=desk.intent())
    with system_scope():
        Order.objects.update(charges_paise=1)
    with pytest.raises(CommandError, match="findings"):
        call_command("verify_ledger")
