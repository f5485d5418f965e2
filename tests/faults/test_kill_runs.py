"""A run goes on where it was, whenever the process that drives it is killed: no order is lost, none is doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection
from pytest_django.fixtures import Settings

from core.tenancy import tenant_scope
from tests.faults.test_kill_triggers import kill, until
from tests.orders.desk import Desk, make_desk
from tests.strategies.runs.desk import started_run
from tests.strategies.runs.strategies import installed
from trading.brokers.domain.terms import Side
from trading.instruments.process_cache import forget_reference_data
from trading.orders.models import Fill, Order
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import Position
from trading.portfolio.services import ledger_verify
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import RunState
from trading.strategies.models import RunFill, RunOrder, Signal, StrategyRun
from trading.strategies.services.runs import run_stop

ROOT = Path(__file__).parents[2]
KILLS = 8
SEED = 20261121


@pytest.fixture(autouse=True)
def _open_market(settings: Settings) -> Iterator[None]:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.PRE_TRADE_GATES = ["tests.orders.desk.OpenGate"]
    forget_reference_data()
    with installed():
        yield


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    desk = make_desk()
    with tenant_scope(desk.organisation.id):
        yield desk


@pytest.fixture
def start() -> Iterator[Callable[[int], int]]:
    """Starts a runner and tells its process id. What is left of them ends after the test."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path="/" + connection.settings_dict["NAME"]))
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.strategy_runner"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database,
            "REDIS_URL": str(django_settings.REDIS_URL),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    stdin, stdout = server.stdin, server.stdout
    assert stdout.readline() == "ready\n"

    def start(seed: int) -> int:
        stdin.write(f"{seed}\n")
        stdin.flush()
        return int(stdout.readline())

    yield start
    os.killpg(server.pid, signal.SIGKILL)
    server.communicate()


def test_a_killed_runner_loses_nothing_and_doubles_nothing(desk: Desk, start: Callable[[int], int]) -> None:
    run = started_run(desk, strategy="test_ticker")
    chance = random.Random(SEED)
    for number in range(KILLS):
        process = start(SEED + number)
        before = Order.objects.count()
        assert until(lambda before=before: Order.objects.count() > before + 2, seconds=30), "nothing trades"  # type: ignore[misc]
        time.sleep(chance.random() * 0.3)
        kill(process)
    process = start(SEED - 1)
    before = Order.objects.count()
    assert until(lambda: Order.objects.count() > before, seconds=30)
    run_stop(actor=desk.trader, run_id=run.id)
    assert until(lambda: _stands_still(run), seconds=20)
    kill(process)
    _check(run)
    ledger_verify()
    orders_verify()


def _stands_still(run: StrategyRun) -> bool:
    run.refresh_from_db()
    before = Signal.objects.count()
    time.sleep(0.5)
    return run.state == RunState.STOPPED and Signal.objects.count() == before


def _check(run: StrategyRun) -> None:
    orders = list(Order.objects.filter(strategy=run.name))
    signals = list(Signal.objects.filter(run=run).order_by("seq"))
    assert [signal.seq for signal in signals] == list(range(1, len(signals) + 1))
    assert {signal.state for signal in signals} <= {
        SignalState.ORDERED,
        SignalState.REFUSED,
        SignalState.EXPIRED,
    }, "nothing is left between deciding and sending"
    # Exactly one order for each signal that was sent, by the signal's name, and no order of anything else.
    sent = [signal for signal in signals if signal.order_id is not None]
    assert sorted(signal.order_id for signal in sent) == sorted(order.id for order in orders)
    names = {order.id: order.client_order_id for order in orders}
    assert all(names[signal.order_id] == signal.client_order_id for signal in sent)
    _check_alternation(run)
    _check_told(run)


def _check_alternation(run: StrategyRun) -> None:
    """The strategy buys one when it is flat and sells one when it is not: a doubled order would show here."""
    held = 0
    for fill in Fill.objects.filter(order__strategy=run.name).order_by("order__signal__seq", "id"):
        held += Side(fill.side).sign * fill.quantity
        assert held in (0, 1)
    assert Position.objects.get(strategy=run.name).quantity == held


def _check_told(run: StrategyRun) -> None:
    """Trades are told in an unbroken sequence and none that was told is not there; the last turn may be untold."""
    seqs = list(RunFill.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))
    fills = Fill.objects.filter(order__strategy=run.name).count()
    assert fills - 2 <= len(seqs) <= fills
    run.refresh_from_db()
    assert run.remembered["host"]["remembered"]["fills"] == len(seqs)
    assert RunOrder.objects.filter(run=run).count() >= len(seqs)
