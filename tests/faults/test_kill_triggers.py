"""A stop fires whatever is killed: the listener, the sweep, or both of them again and again."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from pytest_django.fixtures import Settings

from core.tenancy import system_scope, tenant_scope
from tests.orders.desk import Desk, make_desk
from tests.orders.watch import create, held, hold, leg, price
from trading.brokers.domain.terms import Product
from trading.instruments.process_cache import forget_reference_data
from trading.marketdata.domain.quote import Quote
from trading.orders.models import Order, Trigger, TriggerLeg
from trading.orders.monitor.listener import TriggerMonitor
from trading.orders.monitor.sweep import sweep_triggers
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.services import ledger_verify

ROOT = Path(__file__).parents[2]
LIVE_TRIGGERS = 50
KILLS = 6


@pytest.fixture(autouse=True)
def _open_market(settings: Settings) -> None:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.PRE_TRADE_GATES = ["tests.orders.desk.OpenGate"]
    forget_reference_data()


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    desk = make_desk()
    with tenant_scope(desk.organisation.id):
        price(100)
        yield desk


@pytest.fixture
def start() -> Iterator[Callable[[str], int]]:
    """Starts a watching process and waits until it looks: its id. What is left of them ends after the test."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path="/" + connection.settings_dict["NAME"]))
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.trigger_watcher"],
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

    def start(kind: str) -> int:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(f"{kind}\n")
        server.stdin.flush()
        return int(server.stdout.readline())

    yield start
    os.killpg(server.pid, signal.SIGKILL)
    server.communicate()


def until(true: Callable[[], bool], *, seconds: float = 20) -> bool:
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def kill(process: int) -> None:
    os.kill(process, signal.SIGKILL)
    assert until(lambda: not is_running(process))


def is_running(process: int) -> bool:
    """Whether the process is there still."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(("victim", "left"), [("listener", "sweep"), ("sweep", "listener")])
def test_when_one_of_the_two_is_killed_the_other_fires(
    desk: Desk, start: Callable[[str], int], victim: str, left: str
) -> None:
    hold(desk)
    create(desk, "SINGLE", leg("SINGLE", 95))
    doomed, other = start(victim), start(left)
    kill(doomed)
    price(94)
    assert until(lambda: held(desk) == 0), f"the {left} did not fire"
    assert is_running(other)


def test_restarts_in_the_midst_of_live_triggers_lose_none(desk: Desk, start: Callable[[str], int]) -> None:
    seed = int(os.environ.get("SAUDA_SEED", random.SystemRandom().randrange(10**6)))
    print(f"SAUDA_SEED={seed}")  # noqa: T201 - the way to replay a failure
    chance = random.Random(seed)
    hold(desk, LIVE_TRIGGERS, product=Product.DELIVERY)
    for number in range(LIVE_TRIGGERS):
        at = Decimal(99) - number * Decimal("0.10")
        create(desk, "SINGLE", leg("SINGLE", at), quantity=1, product=Product.DELIVERY)
    lowest = Decimal(99) - LIVE_TRIGGERS * Decimal("0.10")
    for turn in range(KILLS):
        watcher = start("listener" if turn % 2 else "sweep")
        price(Decimal(99) - (99 - lowest) * (turn + 1) / KILLS // Decimal("0.05") * Decimal("0.05"))
        time.sleep(chance.random() * 0.25)
        kill(watcher)
    start("listener")
    end = time.monotonic() + 30
    while Trigger.objects.exclude(status="COMPLETED").exists() and time.monotonic() < end:
        price(lowest)
        time.sleep(0.2)
    assert list(Trigger.objects.exclude(status="COMPLETED")) == []
    exits = Order.objects.filter(trigger__isnull=False)
    assert exits.count() == LIVE_TRIGGERS, "each has fired exactly once"
    assert set(exits.values_list("status", "filled_quantity")) == {("FILLED", 1)}
    assert held(desk) == 0
    with system_scope():
        assert [str(finding) for finding in (*ledger_verify(), *orders_verify())] == []


def test_a_restart_loses_at_most_a_second_of_a_trailing_stops_peak(desk: Desk) -> None:
    hold(desk)
    trigger = create(desk, "TRAILING", leg("STOP", trail_points=5))
    quotes = [price(at) for at in (110, 120)]
    monitor = TriggerMonitor()
    monitor.on_quotes({quotes[0].key: quotes[0]})
    assert TriggerLeg.objects.get(trigger=trigger).peak_price == 110
    monitor._kept_at -= 1
    monitor.on_quotes({quotes[1].key: quotes[1]})
    assert TriggerLeg.objects.get(trigger=trigger).peak_price == 120
    fresh = TriggerMonitor()
    fall = price(115)
    fresh.on_quotes({fall.key: fall})
    assert held(desk) == 0


def test_listeners_and_sweeps_that_race_fire_once(desk: Desk) -> None:
    hold(desk, 20)
    for number in range(10):
        create(desk, "SINGLE", leg("SINGLE", 95 - number), quantity=2)
    monitors = [TriggerMonitor() for _ in range(2)]
    calm = price(100)
    for monitor in monitors:
        monitor.on_quotes({calm.key: calm})
    fall = price(80)
    ready = threading.Barrier(4)

    def listen(monitor: TriggerMonitor, quote: Quote) -> None:
        ready.wait()
        monitor.on_quotes({quote.key: quote})
        connections.close_all()

    def sweep() -> None:
        ready.wait()
        with system_scope():
            sweep_triggers()
        connections.close_all()

    threads = [threading.Thread(target=listen, args=(monitor, fall)) for monitor in monitors]
    threads += [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    exits = Order.objects.filter(trigger__isnull=False)
    assert sorted(exits.values_list("status", "quantity")) == [("FILLED", 2)] * 10
    assert held(desk) == 0
