"""Orders that arrive at once: one name is one order, and funds for ten are spent ten times."""

import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from accounts.domain.actor import system_actor
from accounts.selectors import audit_fault
from core import clock
from core.errors import SaudaError
from core.tenancy import system_scope, tenant_scope
from tests.factories import make_instrument
from tests.orders.desk import LAKH_PAISE, Desk, make_desk, show_book
from trading.brokers.domain.terms import Product, Side
from trading.orders.models import Order
from trading.orders.paper.matcher import sweep
from trading.orders.selectors.orders import orders_for
from trading.orders.services import (
    OrderModification,
    order_cancel,
    order_modify,
    order_submit,
    orders_cancel_all,
    orders_expire,
    position_close,
)
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import LedgerBalance, MarginBlock, Position
from trading.portfolio.services import account_create, funds_deposit, ledger_verify

THREADS = 10


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return make_desk(paise=LAKH_PAISE)


def at_once(desk: Desk, works: Iterable[Callable[[], Any]]) -> list[Any]:
    """Run all works on threads of their own connection, starting together in batches; results or errors."""
    start = Barrier(THREADS)

    def run(mine: list[Callable[[], Any]]) -> list[Any]:
        results: list[Any] = []
        start.wait(timeout=30)
        try:
            with tenant_scope(desk.organisation.id):
                for work in mine:
                    try:
                        results.append(work())
                    except SaudaError as error:
                        results.append(error)
        finally:
            connections.close_all()
        return results

    queue = list(works)
    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(run, queue[n::THREADS]) for n in range(THREADS)]
        return [result for future in futures for result in future.result()]


def assert_books_balance() -> None:
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []


def test_fifty_posts_with_one_name_are_one_order_and_one_answer(desk: Desk) -> None:
    show_book()
    intent = desk.intent()
    orders = at_once(desk, [lambda: order_submit(actor=desk.trader, intent=intent)] * 50)
    assert len(orders) == 50
    assert len({(order.id, order.status, order.filled_quantity) for order in orders}) == 1
    with system_scope():
        assert Order.objects.count() == 1
    assert_books_balance()


def test_hundred_orders_with_funds_for_ten_accept_at_most_ten(desk: Desk) -> None:
    show_book()
    intents = [desk.intent(quantity=99, price="99.00", product=Product.DELIVERY) for _ in range(100)]
    orders = at_once(desk, [lambda i=i: order_submit(actor=desk.trader, intent=i) for i in intents])
    accepted = [order for order in orders if order.status == "OPEN"]
    assert 0 < len(accepted) <= 10
    assert {order.status_code for order in orders if order not in accepted} == {"insufficient_funds"}
    with system_scope():
        balance = LedgerBalance.objects.get()
    assert balance.available_paise >= 0
    assert balance.blocked_paise == sum(order.hold_paise for order in accepted)
    assert_books_balance()


def test_cancel_and_match_of_one_order_race_to_one_outcome(desk: Desk) -> None:
    show_book()
    with tenant_scope(desk.organisation.id):
        intents = [desk.intent(quantity=5, price="99.50") for _ in range(10)]
        orders = [order_submit(actor=desk.trader, intent=intent) for intent in intents]
    show_book(asks=(("99.50", 1000),))

    def match() -> int:
        with system_scope():
            return sweep()

    cancels = [lambda o=o: order_cancel(actor=desk.trader, order_id=o.id) for o in orders]
    at_once(desk, [work for cancel in cancels for work in (cancel, match)])
    with system_scope():
        assert set(Order.objects.values_list("status", "filled_quantity")) <= {("FILLED", 5), ("CANCELLED", 0)}
    assert_books_balance()


def test_position_closed_from_many_tabs_is_closed_once(desk: Desk) -> None:
    show_book(bids=(("99.95", 4),))
    with tenant_scope(desk.organisation.id):
        order_submit(actor=desk.trader, intent=desk.intent(quantity=10))
        position = Position.objects.get()
    closes = at_once(desk, [lambda: position_close(actor=desk.trader, position_id=position.id)] * 20)
    assert len([close for close in closes if isinstance(close, Order)]) == 1
    with system_scope():
        assert Order.objects.filter(side=Side.SELL).count() == 1
    assert_books_balance()


def test_racing_delivery_sales_sell_no_more_than_is_held(desk: Desk) -> None:
    show_book()
    with tenant_scope(desk.organisation.id):
        assert (
            order_submit(actor=desk.trader, intent=desk.intent(quantity=50, product=Product.DELIVERY)).status
            == "FILLED"
        )
    sales = [desk.intent(Side.SELL, 10, product=Product.DELIVERY) for _ in range(20)]
    orders = at_once(desk, [lambda i=sale: order_submit(actor=desk.trader, intent=i) for sale in sales])
    assert sorted(order.status for order in orders) == ["FILLED"] * 5 + ["REJECTED"] * 15
    with system_scope():
        assert Position.objects.get().quantity == 0
    assert_books_balance()


def test_doors_used_all_at_once_never_lock_each_other_out(desk: Desk) -> None:
    """Two accounts of one owner, so that the streams, the notifications and the audit chain are shared."""
    show_book(asks=(("100.00", 30),), bids=(("99.95", 30),))
    clerk = system_actor(desk.organisation.id, "clerk")
    assert desk.trader.user_id is not None
    with tenant_scope(desk.organisation.id):
        other = account_create(actor=clerk, owner_id=desk.trader.user_id, name="Second")
        funds_deposit(actor=clerk, account_id=other.id, paise=LAKH_PAISE)
    accounts = [desk.account.id, other.id]
    chance = random.Random(7)

    def submit() -> None:
        side, price = chance.choice(list(Side)), chance.choice([None, "99.50", "100.00", "100.50"])
        intent = desk.intent(side, chance.randint(1, 20), price=price, account_id=chance.choice(accounts))
        order_submit(actor=desk.trader, intent=intent)

    def modify() -> None:
        for order in orders_for(desk.trader).filter(status="OPEN")[:1]:
            order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=5))

    def close() -> None:
        for position in Position.objects.for_actor(desk.trader).exclude(quantity=0)[:1]:
            position_close(actor=desk.trader, position_id=position.id)

    def match() -> None:
        show_book(asks=(("99.50", 30),), bids=(("99.45", 30),), ltp="99.50")
        with system_scope():
            sweep()
            orders_expire()

    def cancel_all() -> None:
        orders_cancel_all(actor=desk.trader)

    def deposit() -> None:
        funds_deposit(actor=clerk, account_id=chance.choice(accounts), paise=100)

    works = [submit] * 60 + [modify, close, match, cancel_all, deposit] * 8
    chance.shuffle(works)
    refused = [result for result in at_once(desk, works) if result is not None]
    assert all(isinstance(error, SaudaError) for error in refused)
    assert_books_balance()
    with tenant_scope(desk.organisation.id):
        assert audit_fault(desk.organisation.id) is None


def test_hundred_written_options_with_margin_for_ten_write_at_most_ten(desk: Desk) -> None:
    contract = make_instrument(
        "NFO:NIFTY26NOV24500CE", expiry=clock.trading_date() + timedelta(days=7), lot_size=65
    )
    show_book(key="NSE:NIFTY", ltp="24000.00", close="24000.00", bids=(), asks=())
    show_book(key=contract.key, ltp="45.00", bids=(("45.00", 100_000),), asks=(("45.10", 100_000),))
    with tenant_scope(desk.organisation.id):
        funds_deposit(actor=desk.owner, account_id=desk.account.id, paise=14 * LAKH_PAISE)
    intents = [
        desk.intent(Side.SELL, 65, key=contract.key, product=Product.NORMAL, price=price)
        for price in ("45.00", "46.00") * 50
    ]
    orders = at_once(desk, [lambda i=i: order_submit(actor=desk.trader, intent=i) for i in intents])
    accepted = [order for order in orders if order.status != "REJECTED"]
    assert 5 <= len(accepted) <= 11
    assert {order.status_code for order in orders if order not in accepted} == {"insufficient_funds"}
    with system_scope():
        balance = LedgerBalance.objects.get()
        assert MarginBlock.objects.get().amount_paise == balance.margin_paise > 0
    assert balance.available_paise >= 0
    assert_books_balance()
