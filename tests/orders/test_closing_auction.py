"""The closing auction: what it takes, what rests in it, one uncross at the closing price, the rest expires."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from core import clock
from core.tenancy import system_scope, tenant_scope
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.orders.domain.auction import AuctionOrder, uncross
from trading.orders.models import AuctionResult, Fill, Order
from trading.orders.paper.matcher import PaperMatcher, sweep
from trading.orders.services import order_submit, orders_expire
from trading.orders.services.order.verification import orders_verify
from trading.orders.services.paper.auction import auctions_run
from trading.portfolio.services import ledger_verify

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def standing(number: int, side: str, price: str, pending: int, *, market: bool = False) -> AuctionOrder:
    since = NOW + timedelta(seconds=number)
    return AuctionOrder(UUID(int=number), Side(side), market, Decimal(price), pending, since)


def test_market_orders_go_first_then_price_then_time() -> None:
    orders = [
        standing(1, "BUY", "100", 10),
        standing(2, "BUY", "101", 10),
        standing(3, "BUY", "102", 10, market=True),
        standing(4, "BUY", "101", 10),
        standing(5, "BUY", "99.95", 10),
        standing(6, "SELL", "100", 100),
        standing(7, "SELL", "100.05", 100),
    ]
    found = uncross(orders, price=Decimal(100), volume=35)
    assert {order.int: units for order, units in found.items()} == {3: 10, 2: 10, 4: 10, 1: 5, 6: 35}


@given(
    st.lists(
        st.tuples(st.sampled_from(["BUY", "SELL"]), st.integers(95, 105), st.integers(1, 50), st.booleans()),
        max_size=12,
    ),
    st.integers(0, 200),
)
def test_no_side_gets_more_than_the_auction_traded_and_nobody_beyond_a_limit(
    asked: list[tuple[str, int, int, bool]], volume: int
) -> None:
    orders = [
        standing(number, side, str(price), pending, market=market)
        for number, (side, price, pending, market) in enumerate(asked)
    ]
    found = uncross(orders, price=Decimal(100), volume=volume)
    for side in Side:
        assert sum(found.get(order.id, 0) for order in orders if order.side is side) <= volume
    for order in orders:
        units = found.get(order.id, 0)
        assert 0 <= units <= order.pending
        assert not units or (order.worst_price - 100) * order.side.sign >= 0


def ist(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, second, tzinfo=clock.IST)


def turn_to(hour: int, minute: int, second: int = 0) -> None:
    clock.set_virtual(ist(hour, minute, second), 0.001)


def market(ltp: str = "100.00", volume: int = 0, **book: object) -> None:
    quote = show_book(ltp=ltp, volume=volume, at=clock.now().replace(microsecond=0), **book)  # type: ignore[arg-type]
    PaperMatcher().on_quotes({quote.key: quote})


def swept() -> int:
    with system_scope():
        return sweep()


@pytest.fixture(autouse=True)
def _real_hours(settings: Settings, db: None) -> Iterator[None]:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False
    settings.PRE_TRADE_GATES = ["riskmgmt.gates.LimitGate"]
    turn_to(15, 10)
    yield
    clock.clear_virtual()


@pytest.fixture
def desk(desk: Desk) -> Iterator[Desk]:
    type(desk.instrument).objects.filter(pk=desk.instrument.pk).update(has_derivatives=True)
    desk.instrument.has_derivatives = True
    yield desk
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []


def place(desk: Desk, side: Side = Side.BUY, quantity: int = 10, **changes: object) -> Order:
    intent = desk.intent(side, quantity, product=Product.DELIVERY, **changes)
    return order_submit(actor=desk.trader, intent=intent)


@pytest.mark.parametrize(
    "changes",
    [
        {"order_type": OrderType.SL_M, "trigger_price": Decimal(105)},
        {"price": "100", "quantity": 100, "disclosed_quantity": 10},
        {"price": "100", "validity": Validity.IOC},
    ],
)
def test_the_auction_takes_no_stops_no_icebergs_and_nothing_immediate(
    desk: Desk, changes: dict[str, object]
) -> None:
    turn_to(15, 20)
    market()
    order = place(desk, **changes)
    assert (order.status, order.status_code) == ("REJECTED", "not_in_auction")


def test_one_uncross_at_the_closing_price_and_what_is_left_expires(desk: Desk) -> None:
    market(asks=(("100.00", 0),), bids=(("99.95", 500),), volume=1000)
    carried = place(desk, quantity=30, price="100.50")
    stop = place(desk, order_type=OrderType.SL_M, trigger_price=Decimal("104.00"))
    turn_to(15, 16)
    market(asks=(("99.00", 5000),), ltp="99.50", volume=1000)
    assert swept() == 0
    entered = place(desk, quantity=20)
    low = place(desk, quantity=20, price="99.00")
    assert {entered.status, low.status} == {"OPEN"}
    market(asks=(("99.00", 5000),), ltp="105.00", volume=1000)
    turn_to(15, 34, 50)
    market(ltp="100.10", volume=1045)
    assert swept() == 0
    turn_to(15, 35, 5)
    assert swept() == 45
    assert swept() == 0
    found = {
        order.id: (order.filled_quantity, order.average_price)
        for order in Order.objects.filter(id__in=[carried.id, entered.id, low.id])
    }
    assert found == {
        entered.id: (20, Decimal("100.10")),
        carried.id: (25, Decimal("100.10")),
        low.id: (0, None),
    }
    stop.refresh_from_db()
    assert stop.triggered_at is None
    with system_scope():
        orders_expire()
    assert set(Order.objects.exclude(id=entered.id).values_list("status", flat=True)) == {"EXPIRED"}
    result = AuctionResult.objects.get()
    assert (result.price, result.volume, result.bought, result.sold) == (Decimal("100.10"), 45, 45, 0)


def test_orders_wait_for_a_late_closing_price_and_then_expire_without_one(desk: Desk) -> None:
    market(volume=1000)
    order = place(desk, price="99.00")
    turn_to(15, 36)
    with system_scope():
        assert orders_expire() == 0
        AuctionResult.objects.all().delete()
        turn_to(15, 51)
        assert orders_expire() == 1
    order.refresh_from_db()
    assert order.status == "EXPIRED"


def test_an_uncross_interrupted_by_a_crash_is_finished_and_posts_nothing_twice(desk: Desk) -> None:
    other = make_desk()
    turn_to(15, 16)
    market(volume=1000)
    first = place(desk, quantity=10)
    with tenant_scope(other.organisation.id):
        second = place(other, quantity=10)
    swept()
    turn_to(15, 35, 1)
    market(volume=2000)
    with system_scope():
        assert auctions_run() == 20
        # As if the process had died after the first had been posted.
        AuctionResult.objects.update(settled_at=None)
        assert auctions_run() == 0
        assert Fill.objects.count() == 2
        assert {Order.objects.get(id=order.id).status for order in (first, second)} == {"FILLED"}
    with tenant_scope(desk.organisation.id):
        assert Order.objects.get(id=first.id).filled_quantity == 10
