"""Getting out: always possible, never more than is held, and never a way to trade without funds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core import clock
from core.tenancy import system_scope
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.terms import Product, Side
from trading.orders.models import Fill, Order
from trading.orders.paper.matcher import sweep
from trading.orders.services import (
    OrderModification,
    order_cancel,
    order_modify,
    order_submit,
    position_close,
)
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import LedgerBalance, Position
from trading.portfolio.services import funds_withdraw, ledger_verify

DEEP = 1_000_000


@pytest.fixture(autouse=True)
def _books_balance(desk: Desk) -> Iterator[None]:
    yield
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []


def balance() -> LedgerBalance:
    return LedgerBalance.objects.get()


def swept() -> int:
    with system_scope():
        return sweep()


def hold_of(order: Order) -> int:
    order.refresh_from_db()
    return order.hold_paise


def long(desk: Desk, quantity: int = 100) -> None:
    show_book(asks=(("100.00", DEEP),), bids=(("99.95", DEEP),))
    assert order_submit(actor=desk.trader, intent=desk.intent(quantity=quantity)).status == "FILLED"


def spend_all_but(desk: Desk, paise: int) -> None:
    funds_withdraw(actor=desk.owner, account_id=desk.account.id, paise=balance().available_paise - paise)


def test_exit_whose_position_another_exit_took_is_funded_as_an_opening_order(desk: Desk) -> None:
    long(desk)
    target = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 100, price="101.00"))
    assert target.hold_paise == 0
    assert order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 100)).status == "FILLED"
    assert Position.objects.get().quantity == 0
    assert hold_of(target) >= 101 * 100 * 20
    show_book(bids=(("101.00", DEEP),), asks=(("101.05", DEEP),), ltp="101.00")
    spend_all_but(desk, 0)
    assert swept() == 100
    # Only charges may be owed: the margin of the new short position was held for.
    assert balance().available_paise > -10_000


def test_exit_that_cannot_be_funded_any_more_is_taken_out_of_the_market(desk: Desk) -> None:
    long(desk)
    show_book(bids=(("99.95", DEEP),), asks=(("100.00", DEEP),))
    far = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 100, price="109.00"))
    spend_all_but(desk, 100 * 20_00 + 100_00)
    sold = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 100))
    assert sold.status == "FILLED"
    spent = balance().available_paise
    assert spent >= 0
    far.refresh_from_db()
    assert far.hold_paise >= 109 * 100 * 20 or far.status == "CANCELLED"


def test_order_that_turns_a_position_keeps_the_hold_of_its_opening_part(desk: Desk) -> None:
    long(desk, 100)
    order = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 300, price="101.00"))
    held = order.hold_paise
    assert held >= 200 * 101 * 20
    show_book(bids=(("101.00", 100),), asks=(("101.05", 100),), ltp="101.00")
    assert swept() == 100
    assert hold_of(order) >= 200 * 101 * 20
    show_book(bids=(("101.00", 50),), asks=(("101.05", 100),), ltp="101.00")
    assert swept() == 50
    assert 150 * 101 * 20 <= hold_of(order) < held


def test_shrinking_an_exit_beside_a_funded_order_needs_no_funds(desk: Desk) -> None:
    long(desk, 100)
    exit_order = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 100, price="101.00"))
    order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 100, price="102.00"))
    spend_all_but(desk, 0)
    shrunk = order_modify(actor=desk.trader, order_id=exit_order.id, modification=OrderModification(quantity=50))
    assert (shrunk.quantity, shrunk.hold_paise) == (50, 0)


def test_growing_an_exit_is_funded_for_what_it_opens(desk: Desk) -> None:
    long(desk, 100)
    exit_order = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 50, price="101.00"))
    second = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 50, price="102.00"))
    assert (exit_order.hold_paise, second.hold_paise) == (0, 0)
    grown = order_modify(actor=desk.trader, order_id=exit_order.id, modification=OrderModification(quantity=150))
    assert grown.hold_paise + hold_of(second) >= 100 * 101 * 20
    order_cancel(actor=desk.trader, order_id=second.id)


@pytest.mark.parametrize("gates", [["tests.orders.desk.OpenGate"], ["riskmgmt.gates.LimitGate"]])
def test_closing_takes_resting_exits_along_and_needs_no_funds(desk: Desk, settings, gates: list[str]) -> None:
    settings.PRE_TRADE_GATES = gates
    long(desk)
    target = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 100, price="105.00"))
    spend_all_but(desk, 0)
    closing = position_close(actor=desk.trader, position_id=Position.objects.get().id)
    assert (closing.status, closing.status_code) == ("FILLED", "")
    target.refresh_from_db()
    assert (target.status, target.status_code) == ("CANCELLED", "position_closed")
    assert Position.objects.get().quantity == 0


def test_refused_close_leaves_the_resting_exits_in_the_market(desk: Desk, settings) -> None:
    long(desk)
    target = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 100, price="105.00"))
    settings.PRE_TRADE_GATES = ["tests.orders.desk.ShutGate"]
    closing = position_close(actor=desk.trader, position_id=Position.objects.get().id)
    assert (closing.status, closing.status_code) == ("REJECTED", "desk_closed")
    target.refresh_from_db()
    assert target.status == "OPEN"


@pytest.mark.parametrize("product", [Product.INTRADAY, Product.DELIVERY])
def test_account_in_debt_can_still_get_out(desk: Desk, settings, product: Product) -> None:
    settings.PRE_TRADE_GATES = ["riskmgmt.gates.LimitGate"]
    long_order = desk.intent(quantity=100, product=product)
    show_book(asks=(("100.00", DEEP),), bids=(("99.95", DEEP),))
    assert order_submit(actor=desk.trader, intent=long_order).status == "FILLED"
    spend_all_but(desk, 0)
    show_book(asks=(("60.00", DEEP),), bids=(("59.95", DEEP),), ltp="60.00")
    half = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 50, product=product))
    assert half.status == "FILLED", half.status_message
    if product is Product.INTRADAY:
        assert balance().available_paise < 0
    rest = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 50, product=product))
    assert rest.status == "FILLED", rest.status_message


def test_resting_day_order_of_an_earlier_day_expires_instead_of_trading(desk: Desk) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=10, price="99.50"))
    Order.objects.filter(id=order.id).update(valid_on=clock.trading_date() - timedelta(days=1))
    show_book(asks=(("99.00", 100),))
    assert swept() == 0
    order.refresh_from_db()
    assert (order.status, order.hold_paise) == ("EXPIRED", 0)
    assert not Fill.objects.exists()


def test_replay_of_an_old_day_does_not_trade_todays_orders(desk: Desk) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=10, price="99.50"))
    try:
        clock.set_virtual(datetime(2016, 8, 22, 4, 0, tzinfo=UTC), 1)
        show_book(asks=(("99.00", 100),), at=datetime(2016, 8, 22, 4, 0, tzinfo=UTC))
        assert swept() == 0
    finally:
        clock.clear_virtual()
    order.refresh_from_db()
    assert order.status == "EXPIRED"


def test_turning_order_that_its_own_loss_makes_unaffordable_is_refused_with_a_reason(desk: Desk) -> None:
    long(desk, 100)
    spend_all_but(desk, 300_00)
    show_book(asks=(("10.00", DEEP),), bids=(("9.95", 100),), ltp="10.00")
    order = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 200, price="9.95"))
    assert order.filled_quantity in (0, 100)
    assert order.status in ("REJECTED", "CANCELLED")
    assert order.status_code == "insufficient_funds"
    assert Order.objects.filter(id=order.id).exists()
    assert Decimal(hold_of(order)) == 0
