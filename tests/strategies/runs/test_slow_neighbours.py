"""One strategy that does not come back holds up itself alone: the others are told every price meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connections

from core.tenancy import tenant_scope
from tests.orders.desk import Desk, make_desk, show_book
from tests.strategies.runs.desk import started_run
from tests.strategies.runs.strategies import Blocked, installed
from trading.orders.models import Order
from trading.strategies.models import StrategyRun
from trading.strategies.runner.runner import Runner


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    made: Desk = make_desk()
    return made


@pytest.fixture(autouse=True)
def _strategies() -> Iterator[None]:
    with installed():
        yield


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it does not come to pass"
        time.sleep(0.05)


def test_runs_go_on_trading_while_a_strategy_hangs_in_its_hook(desk: Desk) -> None:
    Blocked.entered, Blocked.released = threading.Event(), threading.Event()
    with tenant_scope(desk.organisation.id):
        slow = started_run(desk, name="Slow", strategy="test_blocked")
        quick = [started_run(desk, name=f"Quick {number}", strategy="test_ticker") for number in range(3)]
    runner = Runner()
    runner.start()

    def orders(run: StrategyRun) -> int:
        show_book()
        with tenant_scope(desk.organisation.id):
            return Order.objects.filter(strategy=run.name).count()

    try:
        until(lambda: show_book() is not None and Blocked.entered.is_set())
        began = {run.name: orders(run) for run in quick}
        for run in quick:
            until(lambda run=run: orders(run) >= began[run.name] + 3)
        assert Blocked.entered.is_set()
        assert not Blocked.released.is_set()
        assert orders(slow) == 0
    finally:
        Blocked.released.set()
        runner.stop()
        connections.close_all()
    assert len(quick) == 3
