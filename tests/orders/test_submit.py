"""An order comes in: what is refused, what is stored, what trades."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain.permissions import Role
from core.errors import InvalidInput, NotFound, PermissionDenied, Unprocessable
from core.tenancy import tenant_scope
from tests.factories import actor_for, make_member
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.orders.models import Fill, Order, OrderEvent
from trading.orders.services import order_submit
from trading.portfolio.models import FundsHold, LedgerBalance, Position
from trading.portfolio.services import ledger_verify


def test_market_order_fills_at_the_opposite_levels_and_books_position_and_charges(desk: Desk) -> None:
    quote = show_book(asks=(("100.00", 6), ("100.10", 10)))
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=10))

    assert (order.status, order.filled_quantity) == ("FILLED", 10)
    assert order.average_price == Decimal("100.04")
    fills = list(Fill.objects.order_by("price"))
    assert [(fill.price, fill.quantity) for fill in fills] == [(Decimal("100.00"), 6), (Decimal("100.10"), 4)]
    assert {fill.traded_at for fill in fills} == {quote.timestamp}
    position = Position.objects.get()
    assert (position.quantity, position.charges_paise) == (10, order.charges_paise)
    assert order.charges_paise == sum(fill.charges_paise for fill in fills) > 0
    assert not FundsHold.objects.exists()
    assert ledger_verify() == []


def test_every_state_on_the_way_is_an_event(desk: Desk) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent())
    events = OrderEvent.objects.filter(order=order).values_list("seq", "type", "status")
    assert list(events) == [
        (1, "ACCEPTED", "PENDING_ROUTE"),
        (2, "ROUTED", "ROUTING"),
        (3, "OPENED", "OPEN"),
        (4, "TRADED", "FILLED"),
    ]


def test_filled_market_order_needs_at_most_25_statements(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent())
    with CaptureQueriesContext(connection) as queries:
        order_submit(actor=desk.trader, intent=desk.intent())
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) <= 25, "\n".join(sql[:110] for sql in statements)


def test_market_order_beyond_its_protection_band_rests(desk: Desk) -> None:
    show_book(asks=(("100.00", 4), ("103.05", 100)))
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=10))
    assert (order.status, order.filled_quantity, order.worst_price) == ("PARTIALLY_FILLED", 4, Decimal("103.00"))
    assert order.hold_paise == FundsHold.objects.get().amount_paise > 0
    assert ledger_verify() == []


def test_limit_order_away_from_the_market_rests_and_holds_funds(desk: Desk) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent(price="99.50", product=Product.DELIVERY))
    assert (order.status, order.filled_quantity) == ("OPEN", 0)
    assert order.hold_paise >= 995_00
    assert LedgerBalance.objects.get().blocked_paise == order.hold_paise


def test_limit_order_never_fills_worse_than_its_limit(desk: Desk) -> None:
    show_book(asks=(("100.00", 5), ("100.05", 5), ("100.10", 5)))
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=15, price="100.05"))
    assert (order.status, order.filled_quantity) == ("PARTIALLY_FILLED", 10)
    assert max(Fill.objects.values_list("price", flat=True)) == Decimal("100.05")


def test_ioc_remainder_is_cancelled_and_holds_nothing(desk: Desk) -> None:
    show_book(asks=(("100.00", 4),))
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=10, validity=Validity.IOC))
    assert (order.status, order.filled_quantity, order.status_code) == ("CANCELLED", 4, "ioc_remainder")
    assert order.hold_paise == 0
    assert not FundsHold.objects.exists()


def test_same_key_and_body_returns_the_first_order(desk: Desk) -> None:
    show_book()
    intent = desk.intent(price="99.50")
    first = order_submit(actor=desk.trader, intent=intent)
    again = order_submit(actor=desk.trader, intent=replace(intent, price=Decimal("99.5")))
    assert again.id == first.id
    assert Order.objects.count() == 1


def test_same_key_with_another_body_is_refused(desk: Desk) -> None:
    show_book()
    intent = desk.intent(price="99.50")
    order_submit(actor=desk.trader, intent=intent)
    with pytest.raises(Unprocessable) as refused:
        order_submit(actor=desk.trader, intent=replace(intent, quantity=11))
    assert refused.value.code == "idempotency_mismatch"
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": 0}, "invalid_quantity"),
        ({"quantity": -5}, "invalid_quantity"),
        ({"quantity": 10**12}, "invalid_quantity"),
        ({"price": Decimal("NaN"), "order_type": OrderType.LIMIT}, "invalid_price"),
        ({"price": Decimal("Infinity"), "order_type": OrderType.LIMIT}, "invalid_price"),
        ({"price": Decimal(-1), "order_type": OrderType.LIMIT}, "invalid_price"),
        ({"price": Decimal("100.03"), "order_type": OrderType.LIMIT}, "price_off_tick"),
        ({"order_type": OrderType.LIMIT}, "price_required"),
        ({"order_type": OrderType.SL}, "price_required"),
        ({"order_type": OrderType.SL, "price": Decimal(101)}, "trigger_price_required"),
        ({"order_type": OrderType.SL_M}, "trigger_price_required"),
        ({"order_type": OrderType.SL_M, "trigger_price": Decimal("NaN")}, "invalid_trigger_price"),
        ({"order_type": OrderType.SL_M, "trigger_price": Decimal("101.01")}, "price_off_tick"),
        ({"order_type": OrderType.SL_M, "trigger_price": Decimal(101), "price": Decimal(102)}, "price_not_allowed"),
        ({"order_type": OrderType.SL, "trigger_price": Decimal(101), "price": Decimal(100)}, "stop_price_inverted"),
        ({"trigger_price": Decimal(90)}, "trigger_price_not_allowed"),
        ({"product": Product.NORMAL}, "product_not_allowed"),
        ({"client_order_id": ""}, "invalid_client_order_id"),
    ],
)
def test_malformed_orders_raise_and_write_nothing(desk: Desk, changes: dict[str, object], code: str) -> None:
    show_book()
    with pytest.raises(InvalidInput) as refused:
        order_submit(actor=desk.trader, intent=replace(desk.intent(), **changes))  # type: ignore[arg-type]
    assert refused.value.code == code
    assert not Order.objects.exists()


def test_unknown_symbol_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound) as missing:
        order_submit(actor=desk.trader, intent=replace(desk.intent(), key="NSE:NOSUCH"))
    assert missing.value.code == "unknown_symbol"


def test_outsiders_account_is_not_found_and_a_viewer_may_not_trade(desk: Desk) -> None:
    show_book()
    outsider = make_desk(key="NSE:TCS")
    with tenant_scope(outsider.organisation.id), pytest.raises(NotFound):
        order_submit(actor=outsider.trader, intent=desk.intent())
    colleague = actor_for(make_member(Role.TRADER, desk.organisation))
    with pytest.raises(NotFound):
        order_submit(actor=colleague, intent=desk.intent())
    viewer = actor_for(make_member(Role.VIEWER, desk.organisation))
    with pytest.raises(PermissionDenied):
        order_submit(actor=viewer, intent=desk.intent())
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("gates", "code"),
    [
        ([], "no_gate"),
        (["tests.orders.desk.ShutGate"], "desk_closed"),
        (["tests.orders.desk.OpenGate", "tests.orders.desk.BrokenGate"], "gate_failed"),
    ],
)
def test_orders_fail_closed(desk: Desk, settings, gates: list[str], code: str) -> None:
    show_book()
    settings.PRE_TRADE_GATES = gates
    order = order_submit(actor=desk.trader, intent=desk.intent())
    assert (order.status, order.status_code) == ("REJECTED", code)
    assert not Fill.objects.exists()
    assert not FundsHold.objects.exists()
    event = OrderEvent.objects.get()
    assert (event.type, event.data["code"]) == ("REFUSED", code)


def test_order_beyond_the_funds_is_refused(desk: Desk) -> None:
    show_book(asks=(("100.00", 1_000_000),))
    intent = desk.intent(quantity=20_000, product=Product.DELIVERY)
    order = order_submit(actor=desk.trader, intent=intent)
    assert (order.status, order.status_code) == ("REJECTED", "insufficient_funds")


def test_delivery_sale_beyond_the_holding_is_refused_with_other_sales_counted(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent(quantity=10, product=Product.DELIVERY))
    resting = desk.intent(Side.SELL, 6, price="101.00", product=Product.DELIVERY)
    assert order_submit(actor=desk.trader, intent=resting).status == "OPEN"
    order = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 5, product=Product.DELIVERY))
    assert (order.status, order.status_code) == ("REJECTED", "insufficient_holdings")
    fits = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 4, product=Product.DELIVERY))
    assert fits.status == "FILLED"


def test_market_order_without_a_quote_is_refused(desk: Desk) -> None:
    order = order_submit(actor=desk.trader, intent=desk.intent())
    assert (order.status, order.status_code) == ("REJECTED", "no_quote")


def test_nothing_trades_on_a_stale_quote(desk: Desk) -> None:
    show_book(age=timedelta(minutes=1))
    order = order_submit(actor=desk.trader, intent=desk.intent(price="100.00"))
    assert (order.status, order.filled_quantity) == ("OPEN", 0)


def test_two_exits_of_one_position_are_not_both_free(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent(quantity=10))
    first = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 10, price="101.00"))
    second = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 10, price="101.00"))
    assert first.hold_paise == 0
    assert second.hold_paise > 0


def test_position_can_be_left_without_any_free_funds(desk: Desk) -> None:
    show_book(asks=(("100.00", 100_000),), bids=(("99.95", 100_000),))
    balance = LedgerBalance.objects.get()
    quantity = balance.available_paise // 2_066 - 50
    bought = order_submit(actor=desk.trader, intent=desk.intent(quantity=quantity))
    assert bought.status == "FILLED"
    sold = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, quantity))
    assert sold.status == "FILLED"
    assert Position.objects.get().quantity == 0
    assert ledger_verify() == []
