"""Intraday positions are closed for those who have not: a warning, the door, the fee, new attempts, a report."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from core import clock
from core.tenancy import system_scope
from notifications.models import Notification, NotificationKind
from tests.orders.desk import Desk, show_book
from tests.orders.watch import create, leg, status
from trading.brokers.domain.terms import Product, Side
from trading.instruments.domain.sessions import Segment
from trading.instruments.process_cache import forget_reference_data
from trading.orders.models import Fill, Order, SquareOff, Trigger
from trading.orders.monitor.sweep import sweep_triggers
from trading.orders.services import order_submit
from trading.orders.services.order.verification import orders_verify
from trading.orders.services.positions.square_off import square_off_run
from trading.portfolio.domain.position_events import PositionEventKind
from trading.portfolio.models import Position, PositionEvent
from trading.portfolio.selectors.dated import square_off_times
from trading.portfolio.services import ledger_verify

# Monday 16 November 2026 in India: the cash market without derivatives is squared off at 15:20.
DAY = datetime(2026, 11, 16, tzinfo=UTC)
MORNING, WARNED, LATE = (
    DAY + timedelta(hours=4, minutes=30),
    DAY + timedelta(hours=9, minutes=40),
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


def run(moment: datetime) -> int:
    with system_scope():
        return square_off_run(moment)


def bought(desk: Desk, quantity: int = 10, at: datetime = MORNING) -> Position:
    show_book(at=at)
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=quantity))
    assert order.status == "FILLED", order.status_message
    return Position.objects.get(account=desk.account)


@pytest.mark.parametrize(
    ("segment", "time"),
    [(Segment.EQUITY, "15:20"), (Segment.EQUITY_FNO, "15:10"), (Segment.EQUITY_DERIVATIVES, "15:30")],
)
def test_the_default_times_end_before_the_closing_auction(
    db: None, at: Callable[[datetime], None], segment: Segment, time: str
) -> None:
    times = square_off_times(segment, DAY.date())
    assert times is not None
    assert f"{times.square_off_at.astimezone(clock.IST):%H:%M}" == time
    assert times.warn_at < times.square_off_at < times.session_ends


def test_a_session_beside_the_rule_is_squared_off_before_its_end(db: None, at: Callable[[datetime], None]) -> None:
    # Muhurat trading of 2024: 18:00 to 19:00.
    times = square_off_times(Segment.EQUITY, datetime(2024, 11, 1, tzinfo=UTC).date())
    assert times is not None
    assert f"{times.square_off_at.astimezone(clock.IST):%H:%M}" == "18:50"


def test_nothing_is_squared_off_in_a_market_that_never_closes_unless_asked(db: None, settings: Settings) -> None:
    assert square_off_times(Segment.EQUITY, DAY.date()) is None
    settings.SQUARE_OFF_SIMULATED = True
    assert square_off_times(Segment.EQUITY, DAY.date()) is not None


def test_owners_are_warned_once(desk: Desk, at: Callable[[datetime], None]) -> None:
    bought(desk)
    assert run(MORNING) == 0
    assert run(WARNED) == 1
    assert run(WARNED + timedelta(minutes=1)) == 0
    (told,) = Notification.objects.filter(title__startswith="Intraday")
    assert told.title == "Intraday positions are closed at 15:20"
    assert Position.objects.get().quantity == 10


def test_positions_are_closed_through_the_door_and_charged(desk: Desk, at: Callable[[datetime], None]) -> None:
    bought(desk)
    order_submit(actor=desk.trader, intent=desk.intent(price="90"))
    at(LATE)
    show_book(at=LATE)
    assert run(LATE) == 1
    assert run(LATE + timedelta(minutes=2)) == 0
    closing = Order.objects.get(side=Side.SELL)
    assert (closing.origin, closing.status, closing.placed_by) == ("SYSTEM", "FILLED", "square-off")
    assert Order.objects.get(price=90).status_code == "square_off"
    fee = PositionEvent.objects.get(kind=PositionEventKind.SQUARE_OFF_FEE)
    assert fee.charges_paise == 59_00
    position = Position.objects.get()
    fills = sum(fill.charges_paise for fill in Fill.objects.all())
    assert (position.quantity, position.charges_paise) == (0, fills + 59_00)
    row = SquareOff.objects.get()
    assert (row.orders, row.left, row.finished_at) == (1, 0, LATE)
    assert ledger_verify() == []
    assert orders_verify() == []


def test_a_close_that_cannot_trade_is_tried_again_with_an_alarm_and_reported_at_the_end(
    desk: Desk, at: Callable[[datetime], None]
) -> None:
    bought(desk)
    at(LATE)
    show_book(at=LATE, bids=())
    run(LATE)
    row = SquareOff.objects.get()
    assert (row.attempts, row.left, row.finished_at) == (1, 1, None)
    assert run(LATE + timedelta(seconds=5)) == 0
    assert Notification.objects.filter(title__contains="could not be closed").count() == 1
    again = LATE + timedelta(seconds=40)
    at(again)
    run(again)
    row.refresh_from_db()
    assert row.attempts == 2
    assert Notification.objects.filter(title__contains="could not be closed").count() == 1
    ended = DAY + timedelta(hours=10, minutes=1)
    at(ended)
    run(ended)
    row.refresh_from_db()
    assert row.finished_at == ended
    assert Notification.objects.filter(title__contains="carried overnight").exists()
    assert not PositionEvent.objects.exists()


def test_liquidity_that_comes_back_ends_it(desk: Desk, at: Callable[[datetime], None]) -> None:
    bought(desk)
    at(LATE)
    show_book(at=LATE, bids=())
    run(LATE)
    again = LATE + timedelta(seconds=40)
    at(again)
    show_book(at=again)
    run(again)
    assert Position.objects.get().quantity == 0
    assert SquareOff.objects.get().finished_at == again


def test_no_new_intraday_position_after_the_cutoff(desk: Desk, at: Callable[[datetime], None]) -> None:
    bought(desk)
    at(LATE)
    show_book(at=LATE)
    late = order_submit(actor=desk.trader, intent=desk.intent())
    assert (late.status, late.status_code) == ("REJECTED", "intraday_cutoff")
    carried = order_submit(actor=desk.trader, intent=desk.intent(product=Product.DELIVERY))
    assert carried.status == "FILLED"
    leaving = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 10))
    assert leaving.status == "FILLED"


def test_what_would_open_after_the_cutoff_alarms_once_and_ends(desk: Desk, at: Callable[[datetime], None]) -> None:
    show_book(at=MORNING)
    trigger = create(desk, "SINGLE", leg("SINGLE", "98"), side=Side.BUY)
    for minute in range(4):
        moment = LATE + timedelta(minutes=minute)
        at(moment)
        show_book(ltp="97", at=moment)
        with system_scope():
            sweep_triggers()
    assert status(trigger) == "EXPIRED"
    assert Trigger.objects.get().status_code == "intraday_cutoff"
    assert Order.objects.filter(trigger=trigger).count() == 1
    alarms = Notification.objects.filter(kind=NotificationKind.ALARM, user_id=desk.account.owner_id)
    assert [note.body.endswith("The trigger has ended with its session.") for note in alarms] == [True]


def test_a_guard_is_not_too_late_after_the_cutoff(desk: Desk, at: Callable[[datetime], None]) -> None:
    bought(desk)
    trigger = create(desk, "SINGLE", leg("SINGLE", "98"))
    at(LATE)
    show_book(ltp="97", bids=[("97.00", 1000)], asks=[("97.05", 1000)], at=LATE)
    with system_scope():
        sweep_triggers()
    assert (status(trigger), Position.objects.get().quantity) == ("COMPLETED", 0)


def test_delivery_positions_are_left_alone(desk: Desk, at: Callable[[datetime], None]) -> None:
    show_book(at=MORNING)
    order_submit(actor=desk.trader, intent=desk.intent(product=Product.DELIVERY))
    at(LATE)
    assert run(LATE) == 0
    assert Position.objects.get().quantity == 10


def test_each_slice_above_the_freeze_quantity_costs_its_fee(desk: Desk, at: Callable[[datetime], None]) -> None:
    bought(desk, quantity=10)
    type(desk.instrument).objects.filter(pk=desk.instrument.pk).update(freeze_quantity=4)
    forget_reference_data()
    at(LATE)
    show_book(at=LATE)
    run(LATE)
    assert Position.objects.get().quantity == 0
    closings = Order.objects.filter(side=Side.SELL, status="FILLED").count()
    assert closings == 3
    assert PositionEvent.objects.filter(kind=PositionEventKind.SQUARE_OFF_FEE).count() == closings
