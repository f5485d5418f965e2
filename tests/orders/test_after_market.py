"""After-market orders: queued between sessions, released at the opening, by the gates' leave."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from core import clock
from core.errors import Conflict, InvalidInput
from core.tenancy import system_scope
from notifications.models import Notification
from tests.factories import make_instrument
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.instruments.models import CalendarDay
from trading.instruments.process_cache import forget_reference_data
from trading.marketdata.domain.quote import Quote
from trading.orders.models import Order, OrderEvent, RouterEpoch
from trading.orders.services import (
    OrderModification,
    order_cancel,
    order_modify,
    order_preview,
    order_submit,
    orders_expire,
    orders_release,
)
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import LedgerBalance, TradingAccount
from trading.portfolio.services import ledger_verify

FRIDAY_EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=clock.IST)
MONDAY = date(2026, 11, 23)
MONDAY_NIGHT = datetime(2026, 11, 23, 2, 0, tzinfo=clock.IST)
MONDAY_OPEN = datetime(2026, 11, 23, 9, 15, 5, tzinfo=clock.IST)
MONDAY_EVENING = datetime(2026, 11, 23, 16, 30, tzinfo=clock.IST)


@pytest.fixture(autouse=True)
def _real_hours(settings: Settings) -> Iterator[None]:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False
    settings.PRE_TRADE_GATES = ["riskmgmt.gates.LimitGate"]
    turn_to(FRIDAY_EVENING)
    yield
    clock.clear_virtual()


@pytest.fixture(autouse=True)
def _books_balance(desk: Desk) -> Iterator[None]:
    yield
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []
        assert LedgerBalance.objects.get().blocked_paise == sum(Order.objects.values_list("hold_paise", flat=True))


def turn_to(moment: datetime) -> None:
    clock.set_virtual(moment, 1)


def market(ltp: str = "100.00", **book: object) -> Quote:
    return show_book(ltp=ltp, at=clock.now().replace(microsecond=0), **book)  # type: ignore[arg-type]


def queue(desk: Desk, side: Side = Side.BUY, quantity: int = 10, **changes: object) -> Order:
    market()
    order = order_submit(actor=desk.trader, intent=desk.intent(side, quantity, after_market=True, **changes))
    assert (order.status, order.status_code) == ("PENDING_ROUTE", "after_market"), order.status_message
    return order


def released() -> int:
    with system_scope():
        return orders_release()


def event_types(order: Order) -> list[str]:
    return list(OrderEvent.objects.filter(order_id=order.id).order_by("seq").values_list("type", flat=True))


def test_order_waits_for_the_next_session_and_holds_its_funds(desk: Desk) -> None:
    order = queue(desk, price="99.50")
    assert (order.valid_on, order.is_after_market, order.broker_order_id) == (MONDAY, True, "")
    assert order.hold_paise > 0
    assert event_types(order) == ["ACCEPTED"]


def test_queued_order_is_released_at_the_opening_and_trades(desk: Desk) -> None:
    order = queue(desk)
    for moment in (FRIDAY_EVENING + timedelta(hours=3), MONDAY_NIGHT):
        turn_to(moment)
        assert released() == 0
    turn_to(MONDAY_OPEN)
    market(asks=(("100.50", 100),), bids=(("100.40", 100),), ltp="100.45")
    assert (released(), released()) == (1, 0)
    order.refresh_from_db()
    assert (order.status, order.average_price, order.hold_paise) == ("FILLED", Decimal("100.50"), 0)
    assert event_types(order) == ["ACCEPTED", "RELEASED", "ROUTED", "OPENED", "TRADED"]
    assert order.status_code == ""


def test_band_of_a_market_order_is_measured_at_the_opening(desk: Desk) -> None:
    order = queue(desk)
    turn_to(MONDAY_OPEN)
    market(asks=(("120.00", 100),), bids=(("119.00", 100),), ltp="120.00")
    assert released() == 1
    order.refresh_from_db()
    assert (order.status, order.average_price) == ("FILLED", Decimal(120))


def test_order_waits_for_the_first_fresh_price(desk: Desk) -> None:
    order = queue(desk)
    turn_to(MONDAY_OPEN)
    show_book(at=clock.now().replace(microsecond=0), age=timedelta(minutes=1))
    assert released() == 0
    order.refresh_from_db()
    assert order.status == "PENDING_ROUTE"


def test_order_whose_session_passes_without_a_price_expires(desk: Desk) -> None:
    order = queue(desk, price="99.50")
    turn_to(MONDAY_EVENING)
    assert released() == 1
    order.refresh_from_db()
    assert (order.status, order.hold_paise) == ("EXPIRED", 0)


def test_released_order_that_rests_ends_with_its_session_and_not_before(desk: Desk) -> None:
    order = queue(desk, price="98.00")
    turn_to(MONDAY_OPEN)
    market()
    assert released() == 1
    with system_scope():
        assert orders_expire() == 0
    turn_to(MONDAY_EVENING)
    with system_scope():
        assert orders_expire() == 1
    order.refresh_from_db()
    assert order.status == "EXPIRED"


def test_gates_are_asked_again_at_the_opening_and_a_refusal_is_told(desk: Desk, settings: Settings) -> None:
    order = queue(desk)
    settings.PRE_TRADE_GATES = ["tests.orders.desk.ShutGate"]
    turn_to(MONDAY_OPEN)
    market()
    assert released() == 1
    order.refresh_from_db()
    assert (order.status, order.status_code, order.hold_paise) == ("REJECTED", "desk_closed", 0)
    with system_scope():
        assert Notification.objects.filter(title__startswith="Refused").exists()


def test_stop_that_the_opening_jumps_over_is_refused(desk: Desk) -> None:
    stop = queue(desk, Side.SELL, order_type=OrderType.SL_M, trigger_price=Decimal(98))
    turn_to(MONDAY_OPEN)
    market("97.00", bids=(("96.95", 100),), asks=(("97.00", 100),))
    assert released() == 1
    stop.refresh_from_db()
    assert (stop.status, stop.status_code) == ("REJECTED", "trigger_crossed")


def test_queued_order_can_be_cancelled(desk: Desk) -> None:
    order = order_cancel(actor=desk.trader, order_id=queue(desk).id)
    assert (order.status, order.hold_paise) == ("CANCELLED", 0)
    turn_to(MONDAY_OPEN)
    market()
    assert released() == 0


def test_queued_order_can_be_modified_in_every_term_and_stays_queued(desk: Desk) -> None:
    order = queue(desk, price="99.50")
    change = OrderModification(
        quantity=20, order_type=OrderType.SL, trigger_price=Decimal(102), price=Decimal(103), disclosed_quantity=5
    )
    changed = order_modify(actor=desk.trader, order_id=order.id, modification=change)
    assert (changed.status, changed.status_code) == ("PENDING_ROUTE", "after_market")
    assert (changed.order_type, changed.trigger_price, changed.price) == ("SL", Decimal(102), Decimal(103))
    assert changed.hold_paise > order.hold_paise
    turn_to(MONDAY_OPEN)
    market()
    assert released() == 1
    changed.refresh_from_db()
    assert changed.status == "TRIGGER_PENDING"


def test_without_the_flag_a_closed_market_refuses(desk: Desk) -> None:
    market()
    order = order_submit(actor=desk.trader, intent=desk.intent())
    assert (order.status, order.status_code) == ("REJECTED", "market_closed")


def test_with_the_flag_an_open_market_refuses(desk: Desk) -> None:
    turn_to(MONDAY_OPEN)
    market()
    order = order_submit(actor=desk.trader, intent=desk.intent(after_market=True))
    assert (order.status, order.status_code) == ("REJECTED", "market_open")
    assert "without after_market" in order.status_message


def test_calendar_that_ends_refuses_clearly(desk: Desk) -> None:
    CalendarDay.objects.filter(date__year__gte=2026).delete()
    forget_reference_data()
    market()
    order = order_submit(actor=desk.trader, intent=desk.intent(after_market=True))
    assert (order.status, order.status_code) == ("REJECTED", "calendar_unknown")


def test_contract_that_expires_before_its_session_is_refused(desk: Desk) -> None:
    future = make_instrument("NFO:NIFTY26NOVFUT", expiry=date(2026, 11, 20), lot_size=65)
    show_book(key=future.key, at=clock.now().replace(microsecond=0))
    intent = desk.intent(quantity=65, key=future.key, product=Product.NORMAL, after_market=True)
    order = order_submit(actor=desk.trader, intent=intent)
    assert (order.status, order.status_code) == ("REJECTED", "instrument_expired")


def test_ioc_does_not_wait_for_a_session(desk: Desk) -> None:
    market()
    with pytest.raises(InvalidInput) as refused:
        order_submit(actor=desk.trader, intent=desk.intent(after_market=True, validity=Validity.IOC))
    assert refused.value.code == "validity_not_allowed"


def test_funds_held_by_a_queued_order_are_not_there_for_another(desk: Desk) -> None:
    queue(desk, quantity=6_000, price="100.00", product=Product.DELIVERY)
    order = order_submit(
        actor=desk.trader,
        intent=desk.intent(quantity=6_000, price="100.00", product=Product.DELIVERY, after_market=True),
    )
    assert (order.status, order.status_code) == ("REJECTED", "insufficient_funds")


def test_preview_says_what_a_submission_would(desk: Desk) -> None:
    market()
    assert order_preview(actor=desk.trader, intent=desk.intent(after_market=True)).allowed
    assert not order_preview(actor=desk.trader, intent=desk.intent()).allowed


def test_cancelling_a_released_order_that_has_ended_is_a_conflict(desk: Desk) -> None:
    order = queue(desk)
    turn_to(MONDAY_OPEN)
    market()
    released()
    with pytest.raises(Conflict) as late:
        order_cancel(actor=desk.trader, order_id=order.id)
    assert late.value.code == "order_filled"


def test_what_was_queued_before_a_restore_goes_to_no_broker_by_itself(desk: Desk) -> None:
    order = queue(desk)
    RouterEpoch.objects.create(number=1, fingerprint="the database before", began_at=clock.now(), reason="first")
    TradingAccount.objects.filter(id=desk.account.id).update(
        mode=TradingAccount.Mode.LIVE, broker=TradingAccount.Broker.SIMULATOR
    )
    turn_to(MONDAY_OPEN)
    market()
    assert released() == 0
    order.refresh_from_db()
    assert order.status == "UNKNOWN"
    assert "RELEASED" not in event_types(order)
