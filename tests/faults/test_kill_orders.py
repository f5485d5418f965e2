"""SIGKILL at any moment of the order path: nothing acknowledged is lost, nothing is doubled, the books balance.

The seed is printed; `SAUDA_SEED=… pytest tests/faults/test_kill_orders.py` draws the same requests and moments
(what the kernel interleaves in between is its own). `SAUDA_KILLS` sets how many; `SAUDA_KILLS_PER_CHECK=1` checks
after each.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

from accounts.selectors import audit_fault
from core.tenancy import system_scope
from tests.faults.order_server import KEYS
from tests.orders.desk import Desk, make_desk
from trading.orders.domain.states import FINAL
from trading.orders.management.commands.verify_ledger import one_snapshot
from trading.orders.models import Fill, Order
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.services import ledger_verify

KILLS = int(os.environ.get("SAUDA_KILLS", "200"))
# What is lost or doubled stays so: looking at every fifth kill finds as much as looking at each.
KILLS_PER_CHECK = int(os.environ.get("SAUDA_KILLS_PER_CHECK", "5"))
CLIENTS = 2
ROOT = Path(__file__).resolve().parents[2]
CRORE_PAISE = 1_00_00_000_00


@dataclass
class Journal:
    """What a client meant to do (on disk before it is sent) and what it was told."""

    path: Path
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    intended: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)

    def write(self, request: dict[str, Any]) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(request) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if request["do"] == "submit":
            self.intended.add(request["client_order_id"])

    def learn(self, request: dict[str, Any], answer: dict[str, Any]) -> None:
        self.answers[f"{request['do']} {answer.get('error') or answer['status']}"] += 1
        if "error" in answer:
            return
        if request["do"] == "submit":
            earlier = self.acknowledged.setdefault(request["client_order_id"], answer)
            assert earlier["id"] == answer["id"], "one name, two orders"
        elif request["do"] == "cancel":
            self.cancelled.add(answer["id"])


class Client:
    """Sends requests one after another; after a crash it asks again what was not answered."""

    answered = threading.Event()

    def __init__(self, number: int, account: UUID, chance: random.Random, path: Path) -> None:
        self.journal = Journal(path)
        self.open_orders: list[str] = []
        self._number = number
        self._account = str(account)
        self._chance = chance
        self._count = 0
        self._unanswered: dict[str, Any] | None = None

    def run(self, address: str) -> None:
        """Send until the server dies."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(20)
                connection.connect(address)
                with connection.makefile("rw") as stream:
                    while self._exchange(stream):
                        pass
        except OSError:
            return

    def _exchange(self, stream: Any) -> bool:
        if self._unanswered is None:
            request = self._next()
            self.journal.write(request)
            self._unanswered = request
        request = self._unanswered
        stream.write(json.dumps(request) + "\n")
        stream.flush()
        line = stream.readline()
        if not line.endswith("\n"):
            return False
        self._unanswered = None
        self.answered.set()
        answer = json.loads(line)
        self.journal.learn(request, answer)
        if answer.get("status") in {"OPEN", "PARTIALLY_FILLED"}:
            self.open_orders.append(answer["id"])
        return True

    def _next(self) -> dict[str, Any]:
        chance = self._chance
        if self.open_orders and chance.random() < 0.4:
            order = self.open_orders.pop(chance.randrange(len(self.open_orders)))
            if chance.random() < 0.5:
                return {"do": "cancel", "order": order}
            return {"do": "modify", "order": order, "quantity": chance.randint(1, 60), "price": None}
        self._count += 1
        return {
            "do": "submit",
            "account": self._account,
            "client_order_id": f"client-{self._number}-{self._count}",
            "key": chance.choice(KEYS),
            "side": chance.choice(["BUY", "BUY", "SELL"]),
            "quantity": chance.randint(1, 60),
            "product": chance.choice(["INTRADAY", "INTRADAY", "DELIVERY"]),
            "validity": chance.choice(["DAY", "DAY", "IOC"]),
            "price": None if chance.random() < 0.5 else f"{chance.randint(1980, 2020) * 5 / 100:.2f}",
        }


class Server:
    """The forking server and its present worker."""

    def __init__(self, desk: Desk, seed: int) -> None:
        actor = {
            "user": str(desk.trader.user_id),
            "organisation": str(desk.organisation.id),
            "account": str(desk.account.id),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.order_server", json.dumps(actor), str(seed)],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": _test_database_url(), "REDIS_URL": str(settings.REDIS_URL)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._line() == "ready"

    def spawn(self, address: str) -> int:
        """Start a worker that listens at `address`; returns its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{address}\n")
        self._process.stdin.flush()
        return int(self._line())

    def stop(self) -> None:
        """End the server together with a worker that a failed test has left behind."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _test_database_url() -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path="/" + connection.settings_dict["NAME"]))


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("SAUDA_SEED", random.SystemRandom().randrange(10**6)))


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    desk = make_desk(paise=10 * CRORE_PAISE)
    make_desk(key=KEYS[1])
    return desk


@pytest.fixture
def server(desk: Desk, seed: int) -> Iterator[Server]:
    server = Server(desk, seed)
    yield server
    server.stop()


def test_orders_survive_kill_9(desk: Desk, server: Server, tmp_path: Path, seed: int) -> None:
    print(f"SAUDA_SEED={seed}")  # noqa: T201 - the way to replay a failure
    chance = random.Random(seed)
    clients = [
        Client(n, desk.account.id, random.Random(seed + n), tmp_path / f"journal-{n}") for n in range(CLIENTS)
    ]
    for kill in range(KILLS):
        address = str(tmp_path / f"{kill}.sock")
        worker = server.spawn(address)
        threads = [threading.Thread(target=client.run, args=[address]) for client in clients]
        for thread in threads:
            thread.start()
        if chance.random() < 0.9:
            Client.answered.wait(timeout=5)
        Client.answered.clear()
        time.sleep(chance.random() * 0.06)
        os.kill(worker, signal.SIGKILL)
        for thread in threads:
            thread.join()
        if kill % KILLS_PER_CHECK == 0:
            check(desk, [client.journal for client in clients])
    check(desk, [client.journal for client in clients])
    answers = sum((client.journal.answers for client in clients), Counter())
    assert sum(answers.values()) > KILLS / 2, answers
    assert Fill.objects.exists() is False, "the tenant's rows are not in view without its scope"
    with system_scope():
        assert Fill.objects.count() > KILLS / 4, answers


def check(desk: Desk, journals: list[Journal]) -> None:
    """Every promise, in one snapshot: the killed worker's last transaction may be just committing."""
    with system_scope(), one_snapshot():
        orders = {order.client_order_id: order for order in Order.objects.filter(account_id=desk.account.id)}
        by_id = {str(order.id): order for order in orders.values()}
        for journal in journals:
            for name, answer in journal.acknowledged.items():
                order = orders.get(name)
                assert order is not None, f"acknowledged order {name} is missing"
                assert str(order.id) == answer["id"], f"{name} is another order now"
                assert order.filled_quantity >= answer["filled"], f"{name} lost a fill"
                if answer["status"] in FINAL:
                    assert order.status == answer["status"], f"{name} left its final state"
            for order_id in journal.cancelled:
                assert by_id[order_id].status == "CANCELLED"
        intended = set().union(*(journal.intended for journal in journals))
        assert set(orders) <= intended, "an order nobody asked for"
        assert not {order.status for order in orders.values()} & {"PENDING_ROUTE", "ROUTING", "UNKNOWN"}
        assert [str(finding) for finding in (*ledger_verify(), *orders_verify())] == []
        assert audit_fault(desk.organisation.id) is None
