"""The beginning and the end of a day: run once, late or twice, by the clock or by hand."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from pytest_django.fixtures import Settings

from core import clock
from core.tenancy import system_scope, tenant_scope
from tests.factories import make_instrument
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Product
from trading.instruments.models import CorporateAction, InstrumentType
from trading.marketdata.models import SettlementPrice
from trading.orders.models import Order
from trading.orders.services import order_submit
from trading.orders.services.order.verification import orders_verify
from trading.orders.services.positions.days import day_close, day_open, days_close, days_to_close
from trading.portfolio.models import DayRun, Position, PositionEvent
from trading.portfolio.services import ledger_verify
from trading.portfolio.services.corporate_actions import corporate_action_apply

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


def at(day: date, hour: int = 5) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Callable[[datetime], None]:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr("trading.instruments.selectors.sessions.now", lambda: moment)

    set_to(at(MONDAY))
    return set_to


def buy(desk: Desk, product: Product = Product.DELIVERY, **changes: object) -> Order:
    show_book(at=clock.now())
    return order_submit(actor=desk.trader, intent=desk.intent(product=product, **changes))


def test_a_day_is_closed_when_it_is_over_and_once(desk: Desk, now: Callable[[datetime], None]) -> None:
    with system_scope():
        assert day_close(MONDAY) is None
        now(at(MONDAY, 11))
        assert day_close(MONDAY) is not None
        assert day_close(MONDAY) is None
        assert day_close(MONDAY, again=True) is not None
    assert DayRun.objects.get().finished_at == at(MONDAY, 11)


def test_days_that_were_missed_are_caught_up_with_in_order(db: None, now: Callable[[datetime], None]) -> None:
    now(at(MONDAY, 11))
    with system_scope():
        assert days_close() >= 1
        now(at(date(2026, 11, 19), 11))
        assert list(days_to_close()) == [TUESDAY, date(2026, 11, 18), date(2026, 11, 19)]
        days_close()
        assert list(days_to_close()) == []


def test_a_day_without_its_settlement_price_stays_open_until_it_comes(
    desk: Desk, now: Callable[[datetime], None]
) -> None:
    index = make_instrument("NSE:NIFTY", instrument_type=InstrumentType.INDEX)
    option = make_instrument("NFO:NIFTY26NOV24000CE", expiry=MONDAY, lot_size=10)
    show_book(key=option.key, at=clock.now())
    show_book(key=index.key, ltp="24000", at=clock.now() - timedelta(days=1))
    bought = order_submit(
        actor=desk.trader, intent=desk.intent(key=option.key, quantity=10, product=Product.NORMAL)
    )
    assert bought.status == "FILLED", bought.status_message
    now(at(MONDAY, 11))
    with system_scope():
        report = day_close(MONDAY)
        assert report is not None
        assert DayRun.objects.get().finished_at is None
        SettlementPrice.objects.create(instrument=index, date=MONDAY, price=Decimal(24100))
        day_close(MONDAY)
    assert DayRun.objects.get().finished_at is not None
    assert Position.objects.get(instrument=option).quantity == 0
    assert ledger_verify() == []
    assert orders_verify() == []


def test_orders_in_a_share_that_goes_ex_are_cancelled_before_it_is_adjusted(
    desk: Desk, now: Callable[[datetime], None]
) -> None:
    buy(desk)
    resting = buy(desk, price="90")
    CorporateAction.objects.create(
        instrument=desk.instrument, kind="SPLIT", ex_date=TUESDAY, ratio_held=1, ratio_after=2
    )
    now(at(TUESDAY, 0))
    with system_scope():
        day_open(TUESDAY)
        day_open(TUESDAY)
    resting.refresh_from_db()
    assert (resting.status, resting.status_code, resting.hold_paise) == ("CANCELLED", "corporate_action", 0)
    assert Position.objects.get().quantity == 20
    assert PositionEvent.objects.count() == 1
    assert DayRun.objects.get(job="OPENING").finished_at is not None
    assert orders_verify() == []


def test_a_dividend_cancels_no_order(desk: Desk, now: Callable[[datetime], None]) -> None:
    resting = buy(desk, price="90")
    CorporateAction.objects.create(
        instrument=desk.instrument, kind="DIVIDEND", ex_date=TUESDAY, amount=Decimal("2.5")
    )
    now(at(TUESDAY, 0))
    with system_scope():
        day_open(TUESDAY)
    resting.refresh_from_db()
    assert resting.status == "OPEN"


def test_an_action_that_comes_too_late_is_reported_and_looked_at_again(
    desk: Desk, now: Callable[[datetime], None]
) -> None:
    now(at(TUESDAY))
    buy(desk)
    CorporateAction.objects.create(
        instrument=desk.instrument, kind="SPLIT", ex_date=TUESDAY, ratio_held=1, ratio_after=2
    )
    with system_scope():
        day_open(TUESDAY)
    run = DayRun.objects.get()
    assert run.finished_at is None
    assert "traded_since" in str(run.report)
    assert Position.objects.get().quantity == 10


def test_an_applied_action_cannot_be_undone(desk: Desk, now: Callable[[datetime], None]) -> None:
    action = CorporateAction.objects.create(
        instrument=desk.instrument, kind="DIVIDEND", ex_date=MONDAY, amount=Decimal(5), applied_at=at(MONDAY)
    )
    for forbidden in (action.delete, lambda: CorporateAction.objects.update(amount=Decimal(6))):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            forbidden()


def test_the_commands_do_what_the_clock_does(desk: Desk, now: Callable[[datetime], None]) -> None:
    buy(desk)
    with pytest.raises(CommandError, match="not over yet"):
        call_command("settle_day", date=MONDAY)
    now(at(TUESDAY, 11))
    out = StringIO()
    call_command("settle_day", date=MONDAY, stdout=out)
    assert '"deliveries_settled": 1' in out.getvalue()
    call_command("square_off", stdout=out)
    assert "EQUITY: square-off 15:20" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_pay_one_dividend_pay_it_once(now: Callable[[datetime], None]) -> None:
    desk = make_desk()
    with tenant_scope(desk.organisation.id):
        buy(desk)
    action = CorporateAction.objects.create(
        instrument=desk.instrument, kind="DIVIDEND", ex_date=TUESDAY, amount=Decimal(5)
    )
    now(at(TUESDAY, 0))
    together = threading.Barrier(2)

    def run() -> None:
        together.wait()
        try:
            with system_scope():
                corporate_action_apply(action)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with system_scope():
        assert PositionEvent.objects.count() == 1
        assert Position.objects.get().realised_pnl_paise == 50_00
        assert ledger_verify() == []
