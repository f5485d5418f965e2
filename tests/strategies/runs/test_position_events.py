"""What something other than a trade does to a run's positions reaches its strategy, once, and its profit."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core import clock
from core.tenancy import system_scope
from tests.orders.desk import KEY, Desk, show_book
from tests.strategies.runs.desk import started_run
from tests.strategies.runs.strategies import installed
from tests.strategies.runs.test_driver import driven, tell
from trading.brokers.domain.terms import Product
from trading.instruments.models import CorporateAction
from trading.orders.services import position_close
from trading.portfolio.models import Position
from trading.portfolio.services.corporate_actions import corporate_action_apply
from trading.strategies.models import StrategyRun
from trading.strategies.runner.driver import RunDriver

MONDAY = datetime(2026, 11, 23, 6, 30, 30, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 6, 30, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _strategies() -> Iterator[None]:
    with installed():
        yield
    clock.clear_virtual()


def holding_run(desk: Desk) -> tuple[StrategyRun, RunDriver]:
    """A run that bought ten shares for delivery on Monday."""
    clock.set_virtual(MONDAY, 1e-6)
    run = started_run(
        desk, strategy="test_patient", product=Product.DELIVERY, parameters={"quantity": 10}, symbols=(KEY,)
    )
    driver = driven(run)
    tell(driver, show_book())
    assert driver.host.holding(KEY).quantity == 10
    clock.set_virtual(TUESDAY, 1e-6)
    return run, driver


def applied(desk: Desk, **action: Any) -> None:
    with system_scope():
        tally = corporate_action_apply(
            CorporateAction.objects.create(instrument=desk.instrument, ex_date=date(2026, 11, 24), **action)
        )
    assert not tally.left
    assert not tally.failed


def compared(driver: RunDriver) -> None:
    """The half minute between two comparisons is over."""
    driver._next_compare = 0.0
    tell(driver)


def row_of(run: StrategyRun) -> Position:
    return Position.objects.get(strategy=run.name)


def test_a_split_reaches_the_strategy_at_the_next_comparison_and_not_before(desk: Desk) -> None:
    run, driver = holding_run(desk)
    applied(desk, kind=CorporateAction.Kind.SPLIT, ratio_after=2, ratio_held=1)
    tell(driver)
    assert (row_of(run).quantity, driver.host.holding(KEY).quantity) == (20, 10)
    compared(driver)
    assert driver.host.holding(KEY).quantity == 20
    assert driver.host.holdings.states[KEY].open_value_paise == row_of(run).open_value_paise
    compared(driver)
    assert driver.host.holding(KEY).quantity == 20, "told once"
    run.refresh_from_db()
    restarted = driven(run)
    assert restarted.host.holding(KEY).quantity == 20, "and remembered"


def test_a_dividend_is_part_of_what_the_run_has_made(desk: Desk) -> None:
    run, driver = holding_run(desk)
    before = driver.host.holdings.states[KEY].realised_pnl_paise
    applied(desk, kind=CorporateAction.Kind.DIVIDEND, amount=Decimal(5))
    compared(driver)
    row, state = row_of(run), driver.host.holdings.states[KEY]
    assert (state.realised_pnl_paise, state.charges_paise) == (row.realised_pnl_paise, row.charges_paise)
    assert state.realised_pnl_paise == before + 50_00
    compared(driver)
    assert driver.host.holdings.states[KEY].realised_pnl_paise == before + 50_00


def test_a_trade_that_was_not_told_yet_is_no_event(desk: Desk) -> None:
    run, driver = holding_run(desk)
    clock.set_virtual(MONDAY, 1e-6)
    show_book()
    driver._next_compare = 0.0
    closing = position_close(actor=desk.trader, position_id=row_of(run).id)
    assert closing.status == "FILLED", closing.status_message
    driver.turn({}, rung=True)
    assert driver.host.holding(KEY).quantity == 0
    state = driver.host.holdings.states[KEY]
    assert (state.realised_pnl_paise, state.charges_paise) == (
        row_of(run).realised_pnl_paise,
        row_of(run).charges_paise,
    )
