"""Stops that the paper exchange holds: triggered by the last price, filled through a gap, funded or given up."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.tenancy import system_scope
from notifications.models import Notification
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.stops import is_reached
from trading.orders.models import Order, OrderEvent
from trading.orders.paper.matcher import PaperMatcher, sweep
from trading.orders.services import order_submit
from trading.portfolio.models import Position
from trading.portfolio.services import funds_withdraw, ledger_verify


@pytest.mark.parametrize(
    ("side", "ltp", "reached"),
    [
        (Side.BUY, "104.95", False),
        (Side.BUY, "105.00", True),
        (Side.BUY, "120.00", True),
        (Side.SELL, "105.05", False),
        (Side.SELL, "105.00", True),
        (Side.SELL, "90.00", True),
    ],
)
def test_a_stop_is_reached_at_its_trigger_and_beyond(side: Side, ltp: str, reached: bool) -> None:
    assert is_reached(side, Decimal(105), Decimal(ltp)) is reached


def place_stop(desk: Desk, side: Side, trigger: str, *, limit: str | None = None, quantity: int = 10) -> Order:
    """A stop that waits in the book."""
    intent = desk.intent(
        side,
        quantity,
        order_type=OrderType.SL if limit else OrderType.SL_M,
        trigger_price=Decimal(trigger),
        price=None,
    )
    if limit:
        intent = desk.intent(side, quantity, price=limit, order_type=OrderType.SL, trigger_price=Decimal(trigger))
    order = order_submit(actor=desk.trader, intent=intent)
    assert (order.status, order.triggered_at) == ("TRIGGER_PENDING", None)
    return order


def swept() -> int:
    with system_scope():
        return sweep()


def test_stop_waits_below_its_trigger_whatever_the_depth_offers(desk: Desk) -> None:
    show_book()
    order = place_stop(desk, Side.BUY, "101.00", limit="102.00")
    show_book(asks=(("99.00", 100),), ltp="99.00")
    assert swept() == 0
    order.refresh_from_db()
    assert order.status == "TRIGGER_PENDING"


@pytest.mark.parametrize("by_listener", [True, False])
def test_market_stop_fills_through_a_gap_within_the_band_of_the_price_that_triggered_it(
    desk: Desk, by_listener: bool
) -> None:
    matcher = PaperMatcher()
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent(quantity=10))
    stop = place_stop(desk, Side.SELL, "95.00")
    quote = show_book(bids=(("79.90", 100),), asks=(("80.00", 100),), ltp="80.00")
    if by_listener:
        matcher.on_quotes({quote.key: quote})
    else:
        assert swept() == 10
    stop.refresh_from_db()
    assert (stop.status, stop.average_price) == ("FILLED", Decimal("79.90"))
    assert stop.worst_price == Decimal("77.60")
    assert Position.objects.get().quantity == 0
    types = list(OrderEvent.objects.filter(order=stop).order_by("seq").values_list("type", flat=True))
    assert types[-2:] == ["TRIGGERED", "TRADED"]


def test_limit_stop_becomes_a_limit_order_that_rests(desk: Desk) -> None:
    show_book()
    stop = place_stop(desk, Side.BUY, "101.00", limit="101.50")
    show_book(asks=(("103.00", 100),), bids=(("102.00", 100),), ltp="102.50")
    assert swept() == 0
    stop.refresh_from_db()
    assert (stop.status, stop.triggered_at is not None) == ("OPEN", True)
    show_book(asks=(("101.45", 100),), ltp="101.45")
    assert swept() == 10


def test_a_snapshot_from_before_the_stop_does_not_trigger_it(desk: Desk) -> None:
    show_book()
    stop = place_stop(desk, Side.BUY, "101.00", limit="102.00")
    old = show_book(ltp="101.00", at=stop.created_at - timedelta(seconds=5))
    PaperMatcher().on_quotes({old.key: old})
    stop.refresh_from_db()
    assert stop.status == "TRIGGER_PENDING"


def test_an_opening_stop_that_cannot_be_funded_when_it_triggers_is_cancelled_and_told(desk: Desk) -> None:
    show_book()
    stop = place_stop(desk, Side.BUY, "101.00", quantity=1000)
    available = desk.account.__class__.objects.get(id=desk.account.id).balance.available_paise
    funds_withdraw(actor=desk.owner, account_id=desk.account.id, paise=available)
    show_book(asks=(("140.00", 5000),), ltp="140.00")
    assert swept() == 0
    stop.refresh_from_db()
    assert (stop.status, stop.status_code, stop.hold_paise) == ("CANCELLED", "insufficient_funds", 0)
    assert stop.triggered_at is not None
    assert Notification.objects.filter(title__startswith="Cancelled").exists()
    with system_scope():
        assert ledger_verify() == []


def test_closing_stop_needs_no_funds_to_trigger(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent(quantity=100, product=Product.INTRADAY))
    stop = place_stop(desk, Side.SELL, "95.00", quantity=100)
    available = desk.account.__class__.objects.get(id=desk.account.id).balance.available_paise
    funds_withdraw(actor=desk.owner, account_id=desk.account.id, paise=available)
    show_book(bids=(("90.00", 500),), ltp="90.00")
    assert swept() == 100
    stop.refresh_from_db()
    assert stop.status == "FILLED"
