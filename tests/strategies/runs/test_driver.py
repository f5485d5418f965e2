"""Driving runs in one process: what a strategy is told, what becomes of its orders, and what a restart leaves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from core import clock
from core.tenancy import system_scope
from tests.orders.desk import KEY, Desk, make_desk, show_book
from tests.strategies.runs.desk import started_run
from tests.strategies.runs.strategies import installed
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.quote import Quote
from trading.marketdata.services import candles_write
from trading.orders.models import Fill, Order
from trading.orders.services import order_cancel, position_close
from trading.portfolio.models import Position
from trading.strategies.domain.host import StrategyFailed
from trading.strategies.domain.runs.limits import RunLimits
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import Mode, RunState
from trading.strategies.models import RunFill, RunMark, RunNote, Signal, StrategyRun
from trading.strategies.runner import bars as runner_bars
from trading.strategies.runner.driver import RunDriver
from trading.strategies.services.runs import run_pause, run_start, run_stop, signal_approve, signal_decline
from trading.strategies.services.runs.lease import Lease, runs_claim
from trading.strategies.services.runs.rows import LeaseLost

NOON = datetime(2026, 11, 23, 6, 30, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _strategies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(runner_bars, "_WRITTEN_AFTER", 0.0)
    with installed():
        yield
    clock.clear_virtual()


def claimed(run: StrategyRun) -> Lease:
    """The lease of a run that nobody else drives, whoever had it before."""
    with system_scope():
        StrategyRun.objects.filter(id=run.id).update(lease_until=None)
        return next(lease for lease in runs_claim(holder="tests", most=99) if lease.run_id == run.id)


def driven(run: StrategyRun) -> RunDriver:
    """A driver that is open."""
    driver = RunDriver(claimed(run))
    driver.open()
    return driver


def ticked(desk: Desk, **changes: Any) -> StrategyRun:
    return started_run(desk, strategy="test_ticker", **changes)


def tell(driver: RunDriver, quote: Quote | None = None) -> None:
    """One turn, with a look at the rows, as after a bell."""
    driver.turn({quote.key: quote} if quote else {}, rung=True)


def minute(key_id: int, start: datetime, close: int = 100) -> None:
    """Store one minute."""
    price = close * 10_000
    row = [key_id, int(start.timestamp()), price, price, price, price, 10, 0]
    candles_write(np.array([row], dtype=np.int64))


def test_prices_become_hooks_orders_fills_and_positions_of_the_runs_own(desk: Desk) -> None:
    run = ticked(desk)
    driver = driven(run)
    for _ in range(3):
        tell(driver, show_book())
    assert Order.objects.filter(strategy=run.name).count() == 3
    assert Position.objects.get(strategy=run.name).quantity == 1
    assert driver.host.holding(KEY).quantity == 1
    run.refresh_from_db()
    assert run.remembered["host"]["remembered"] == {"fills": 3}
    assert list(RunFill.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]
    assert run.open_positions == 1
    assert RunMark.objects.filter(run=run).exists()


def test_what_the_run_is_worth_is_what_its_position_and_charges_say(desk: Desk) -> None:
    run = ticked(desk)
    driver = driven(run)
    tell(driver, show_book())
    tell(driver, show_book())
    position = Position.objects.get(strategy=run.name)
    run.refresh_from_db()
    assert position.quantity == 0
    assert run.net_paise == position.realised_pnl_paise - position.charges_paise
    assert run.net_day_paise == run.net_paise


def test_a_restart_goes_on_where_it_was_and_tells_no_trade_twice(desk: Desk) -> None:
    run = ticked(desk)
    first = driven(run)
    tell(first, show_book())
    second = driven(run)
    assert second.host.holding(KEY).quantity == 1
    tell(second, show_book())
    assert Position.objects.get(strategy=run.name).quantity == 0
    run.refresh_from_db()
    assert run.remembered["host"]["remembered"] == {"fills": 2}
    with pytest.raises(LeaseLost):
        tell(first, show_book())
    assert Order.objects.filter(strategy=run.name).count() == 2


def test_a_turn_that_died_before_it_was_written_is_told_again_and_doubles_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.set_virtual(NOON, 1e-6)
    run = started_run(desk, strategy="test_once", interval=Interval.M1)
    first = driven(run)
    tell(first, show_book())
    minute(desk.instrument.pk, NOON.replace(second=0))
    clock.set_virtual(NOON + timedelta(seconds=60), 1e-6)

    def dies(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("trading.strategies.runner.driver.told_save", dies)
        with pytest.raises(KeyboardInterrupt):
            tell(first, show_book())
    assert Order.objects.filter(strategy=run.name).count() == 1
    assert not RunFill.objects.exists()
    second = driven(run)
    tell(second, show_book())
    assert Order.objects.filter(strategy=run.name).count() == 1
    assert RunFill.objects.count() == Fill.objects.filter(order__strategy=run.name).count()
    run.refresh_from_db()
    assert run.remembered["host"]["remembered"]["bars"] == 1
    assert second.host.holding(KEY).quantity == 10


def test_bars_are_told_once_when_they_are_over_and_stored(desk: Desk) -> None:
    clock.set_virtual(NOON, 1e-6)
    run = started_run(desk, strategy="test_once", interval=Interval.M1)
    driver = driven(run)
    minute(desk.instrument.pk, NOON.replace(second=0))
    tell(driver, show_book())
    assert not Signal.objects.exists()
    clock.set_virtual(NOON + timedelta(seconds=32), 1e-6)
    tell(driver, show_book())
    assert not Signal.objects.exists(), "it may not be stored yet"
    clock.set_virtual(NOON + timedelta(seconds=60), 1e-6)
    tell(driver, show_book())
    tell(driver, show_book())
    [signal] = Signal.objects.all()
    end = int(NOON.replace(second=0).timestamp()) + 60
    assert signal.key == f"bars {end}|{KEY}|BUY|1"
    assert signal.decision_price == Decimal(100)
    run.refresh_from_db()
    assert run.bars_through == end


def test_after_an_hour_away_old_bars_are_history_and_not_acted_on(desk: Desk) -> None:
    clock.set_virtual(NOON, 1e-6)
    run = started_run(desk, strategy="test_once", interval=Interval.M1)
    driven(run)
    for late in range(1, 40):
        minute(desk.instrument.pk, NOON.replace(second=0) + timedelta(minutes=late))
    clock.set_virtual(NOON + timedelta(hours=1), 1e-6)
    tell(driven(run), show_book())
    assert not Signal.objects.exists()


def test_the_end_of_an_order_is_told_whoever_ended_it(desk: Desk) -> None:
    clock.set_virtual(NOON, 1e-6)
    run = started_run(desk, strategy="test_once", interval=Interval.M1, parameters={"limit": 90})
    driver = driven(run)
    minute(desk.instrument.pk, NOON.replace(second=0))
    clock.set_virtual(NOON + timedelta(seconds=60), 1e-6)
    tell(driver, show_book())
    order = Order.objects.get(strategy=run.name)
    assert [view.id for view in driver.host.orders()] == [str(Signal.objects.get().id)]
    order_cancel(actor=desk.trader, order_id=order.id)
    tell(driver)
    assert driver.host.orders() == []
    run.refresh_from_db()
    assert str(run.remembered["host"]["remembered"]["ended"]).startswith("CANCELLED")


def test_a_close_by_hand_is_heard_of(desk: Desk) -> None:
    clock.set_virtual(NOON, 1e-6)
    run = started_run(desk, strategy="test_once", interval=Interval.M1)
    driver = driven(run)
    minute(desk.instrument.pk, NOON.replace(second=0))
    clock.set_virtual(NOON + timedelta(seconds=60), 1e-6)
    tell(driver, show_book())
    assert driver.host.holding(KEY).quantity == 10
    position_close(actor=desk.trader, position_id=Position.objects.get(strategy=run.name).id)
    tell(driver)
    assert driver.host.holding(KEY).quantity == 0


def test_a_paused_run_hears_and_sends_nothing(desk: Desk) -> None:
    run = ticked(desk)
    driver = driven(run)
    run_pause(actor=desk.trader, run_id=run.id)
    tell(driver, show_book())
    assert Signal.objects.get().code == "run_paused"
    assert not Order.objects.exists()
    run_start(actor=desk.trader, run_id=run.id)
    tell(driver, show_book())
    assert Order.objects.count() == 1


def test_a_stopped_run_is_let_go(desk: Desk) -> None:
    run = ticked(desk)
    driver = driven(run)
    tell(driver, show_book())
    run_stop(actor=desk.trader, run_id=run.id, flatten=True)
    tell(driver, show_book())
    assert driver.is_over
    assert Position.objects.get(strategy=run.name).quantity == 0


def test_a_stop_that_nobody_finished_is_finished_by_the_driver(desk: Desk) -> None:
    run = ticked(desk)
    driver = driven(run)
    tell(driver, show_book())
    StrategyRun.objects.filter(id=run.id).update(state=RunState.STOPPING, flatten_asked=True)
    tell(driver, show_book())
    run.refresh_from_db()
    assert (driver.is_over, run.state) == (True, RunState.STOPPED)
    assert Position.objects.get(strategy=run.name).quantity == 0


def test_an_approval_on_the_page_becomes_a_position_that_the_strategy_knows(desk: Desk) -> None:
    run = ticked(desk, mode=Mode.APPROVE)
    driver = driven(run)
    tell(driver, show_book())
    [waiting] = driver.host.orders()
    signal = Signal.objects.get()
    assert waiting.id == str(signal.id)
    signal_approve(actor=desk.trader, signal_id=signal.id)
    driver.turn({}, rung=True)
    assert driver.host.orders() == []
    assert driver.host.holding(KEY).quantity == 1


def test_a_declined_and_an_expired_signal_leave_nothing_waiting(desk: Desk) -> None:
    run = ticked(desk, mode=Mode.APPROVE)
    driver = driven(run)
    tell(driver, show_book())
    signal_decline(actor=desk.trader, signal_id=Signal.objects.get().id)
    driver.turn({}, rung=True)
    assert driver.host.orders() == []
    tell(driver, show_book())
    Signal.objects.filter(state=SignalState.WAITING).update(expires_at=clock.now() - timedelta(seconds=1))
    driver.turn({}, rung=True)
    assert driver.host.orders() == []
    assert set(Signal.objects.values_list("state", flat=True)) == {SignalState.DECLINED, SignalState.EXPIRED}


def test_what_was_decided_and_not_sent_is_sent_by_the_next_process(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ticked(desk)
    driver = driven(run)

    def dies(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("trading.strategies.runner.desk.signals_send", dies)
        with pytest.raises(KeyboardInterrupt):
            tell(driver, show_book())
    assert Signal.objects.get().state == SignalState.READY
    again = driven(run)
    assert Signal.objects.get().state == SignalState.ORDERED
    assert again.host.holding(KEY).quantity == 1
    assert Order.objects.count() == 1


def test_a_strategy_that_raises_says_where(desk: Desk) -> None:
    driver = driven(started_run(desk, strategy="test_breaks"))
    with pytest.raises(StrategyFailed, match="on_tick: ZeroDivisionError: by design"):
        tell(driver, show_book())


@pytest.mark.parametrize(
    ("limits", "state"),
    [
        (RunLimits(max_loss=Decimal(50)), RunState.STOPPED),
        (RunLimits(max_loss_day=Decimal(50)), RunState.PAUSED),
    ],
)
def test_a_loss_limit_flattens_the_run_and_ends_or_pauses_it(
    desk: Desk, limits: RunLimits, state: RunState
) -> None:
    run = ticked(desk, parameters={"quantity": 10}, limits=limits)
    driver = driven(run)
    tell(driver, show_book())
    StrategyRun.objects.filter(id=run.id).update(state=RunState.RUNNING)
    cheap = show_book(ltp="94.00", bids=(("93.95", 1000),), asks=(("94.00", 1000),))
    driver.desk.quotes[KEY] = cheap
    driver.turn({}, rung=True)
    run.refresh_from_db()
    assert run.state == state
    assert run.state_code in ("max_loss", "max_loss_day")
    assert Position.objects.get(strategy=run.name).quantity == 0


def test_lines_of_the_strategy_are_in_the_journal(desk: Desk) -> None:
    run = ticked(desk)
    tell(driven(run), show_book())
    assert RunNote.objects.filter(run=run, kind="LOG", message="started").exists()


def test_a_run_of_shares_for_delivery_and_one_intraday_do_not_touch(desk: Desk) -> None:
    other = make_desk(key="NSE:TCS")
    assert other.instrument.key != desk.instrument.key
    run = ticked(desk, product=Product.DELIVERY)
    driver = driven(run)
    tell(driver, show_book())
    assert Position.objects.get(strategy=run.name).product == Product.DELIVERY
