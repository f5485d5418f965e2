"""Where the parts meet: exits and squaring off, closing in slices, changing an exit by hand, releasing late."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from core import clock
from core.errors import Conflict, InvalidInput
from core.tenancy import system_scope
from notifications.models import Notification, NotificationKind
from tests.orders.desk import Desk, show_book
from tests.orders.watch import create, held, hold, leg, live, price, status, tick
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.process_cache import forget_reference_data
from trading.orders.models import Trigger
from trading.orders.paper.matcher import sweep
from trading.orders.services import (
    OrderModification,
    conversion_submit,
    order_modify,
    order_submit,
    orders_release,
    position_close,
)
from trading.orders.services.order.verification import orders_verify
from trading.orders.services.positions.square_off import square_off_run
from trading.portfolio.models import Position
from trading.portfolio.services import ledger_verify

DAY = datetime(2026, 11, 16, tzinfo=UTC)
EARLY, MORNING, LATE = (
    DAY + timedelta(hours=2),
    DAY + timedelta(hours=4, minutes=30),
    DAY + timedelta(hours=9, minutes=50),
)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Callable[[datetime], None]:
    """Set the market's clock; the market keeps its hours."""
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr("trading.instruments.selectors.sessions.now", lambda: moment)

    set_to(MORNING)
    return set_to


def bracket(desk: Desk) -> Trigger:
    return create(desk, "BRACKET", leg("ENTRY", price=100), leg("STOP", 95), leg("TARGET", 105), side=Side.BUY)


def sound() -> None:
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []


@pytest.mark.parametrize(
    "change",
    [
        OrderModification(quantity=30),
        OrderModification(quantity=5),
        OrderModification(price=Decimal(104)),
        OrderModification(order_type=OrderType.MARKET),
        OrderModification(order_type=OrderType.SL, price=Decimal(94), trigger_price=Decimal(95)),
    ],
)
def test_an_exit_is_changed_by_its_trigger_alone(desk: Desk, change: OrderModification) -> None:
    price(100)
    trigger = bracket(desk)
    (target,) = live(trigger)
    with pytest.raises(Conflict) as refused:
        order_modify(actor=desk.trader, order_id=target.id, modification=change)
    assert refused.value.code == "exit_of_trigger"
    assert [(order.quantity, order.price) for order in live(trigger)] == [(10, Decimal(105))]


def test_an_entry_is_changed_by_its_order_and_the_exits_follow(desk: Desk) -> None:
    price(101)
    trigger = bracket(desk)
    (entry,) = live(trigger)
    order_modify(actor=desk.trader, order_id=entry.id, modification=OrderModification(quantity=25))
    price(100)

    with system_scope():
        sweep()
    assert held(desk) == 25
    assert [order.quantity for order in live(trigger)] == [25]
    tick(95)
    assert held(desk) == 0
    sound()


def test_an_after_market_order_that_was_released_is_squared_off_too(
    desk: Desk, at: Callable[[datetime], None]
) -> None:
    at(EARLY)
    show_book(at=EARLY)
    waits = order_submit(actor=desk.trader, intent=desk.intent(price="90", after_market=True))
    assert waits.status_code == "after_market", waits.status_message
    at(MORNING)
    show_book(at=MORNING)
    with system_scope():
        assert orders_release(MORNING) == 1
    waits.refresh_from_db()
    assert waits.status == "OPEN"
    at(LATE)
    show_book(at=LATE)
    with system_scope():
        assert square_off_run(LATE) == 1
    waits.refresh_from_db()
    assert (waits.status, waits.status_code) == ("CANCELLED", "square_off")


def test_squaring_off_a_bracket_raises_no_alarm(desk: Desk, at: Callable[[datetime], None]) -> None:
    show_book(at=MORNING)
    trigger = bracket(desk)
    assert held(desk) == 10
    at(LATE)
    show_book(at=LATE)
    with system_scope():
        assert square_off_run(LATE) == 1
    assert held(desk) == 0
    assert status(trigger) == "CANCELLED"
    assert not Notification.objects.filter(kind=NotificationKind.ALARM).exists()


def test_a_close_in_slices_has_one_name(desk: Desk) -> None:
    desk.instrument.freeze_quantity = 4
    show_book(asks=[("100.00", 100)], bids=[("99.95", 100)])
    hold(desk, 10)
    desk.instrument.save()

    forget_reference_data()
    (position,) = Position.objects.filter(account=desk.account)
    first = position_close(actor=desk.trader, position_id=position.id, client_order_id="out")
    assert held(desk) == 0
    again = position_close(actor=desk.trader, position_id=position.id, client_order_id="out")
    assert first.id == again.id


def test_an_entry_does_not_move_beyond_its_own_stop(desk: Desk) -> None:
    price(101)
    trigger = bracket(desk)
    (entry,) = live(trigger)
    with pytest.raises(InvalidInput) as refused:
        order_modify(actor=desk.trader, order_id=entry.id, modification=OrderModification(price=Decimal(94)))
    assert refused.value.code == "trigger_crossed"


def test_a_conversion_says_that_nothing_guards_the_position_any_more(desk: Desk) -> None:
    price(100)
    hold(desk)
    guard = create(desk, "OCO", leg("STOP", 95), leg("TARGET", 105))
    (position,) = Position.objects.filter(account=desk.account)
    conversion_submit(actor=desk.trader, position_id=position.id, product=Product.DELIVERY, quantity=4)
    assert (status(guard), Trigger.objects.get(id=guard.id).remaining_quantity) == ("ACTIVE", 6)
    conversion_submit(actor=desk.trader, position_id=position.id, product=Product.DELIVERY)
    assert status(guard) == "CANCELLED"
    assert Notification.objects.filter(body__contains="DELIVERY, where nothing guards them yet").exists()
    sound()


def test_an_entry_against_an_open_position_leaves_no_exit_beyond_it(desk: Desk) -> None:
    price(100)
    hold(desk, 10, side=Side.SELL)
    trigger = bracket(desk)
    assert held(desk) == 0
    assert (status(trigger), live(trigger)) == ("CANCELLED", [])
    sound()
