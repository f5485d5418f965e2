"""One run: clients trade, the broker misbehaves, processes and services die; then all is well and is checked."""

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
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from django.db import connection
from django.test import override_settings

from core.tenancy import system_scope, tenant_scope
from tests.faults.order_server import KEYS
from tests.orders.desk import Desk, make_desk
from trading.brokers.simulator.book import Book, Refusal
from trading.brokers.simulator.faults import Faults
from trading.brokers.simulator.journal import Journal
from trading.brokers.simulator.server import SimulatorServer
from trading.orders.models import AccountRoute, Order, OrderRoute
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_create, funds_deposit

from .checker import UNSETTLED, violations
from .history import ClientJournal, History, record

ROOT = Path(__file__).resolve().parents[3]
CRORE_PAISE = 1_00_00_000_00
WORK_SECONDS = 2.2
SETTLE_SECONDS = 25.0
ROUTERS = 2
CLIENTS = 3


class Services(Protocol):
    """What stands under the processes and can be taken from them."""

    environment: dict[str, str]

    def blows(self) -> list[Callable[[random.Random], None]]:
        """What can be done to them."""
        ...

    def heal(self) -> None:
        """Let all be well again."""
        ...


@dataclass
class Outcome:
    """What came of a run; `broken` is empty when every invariant held."""

    seed: int
    broken: list[str]
    history: History
    blows: Counter[str]
    answers: Counter[str]
    seconds: float


class Nursery:
    """Starts processes and knows those that live."""

    def __init__(self, warming: Desk, environment: dict[str, str], log: Path) -> None:
        self._log = log.open("a")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.chaos.processes", json.dumps(actor_of(warming, warming.account))],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == "ready", log.read_text()[-2000:]

    def start(self, **order: Any) -> int:
        """Fork a process; returns its id once it works."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End everything."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._log.close()


@dataclass
class Client:
    """Sends requests one after another; what was not answered is asked again, word for word."""

    number: int
    account: str
    chance: random.Random
    journal: ClientJournal
    answers: Counter[str] = field(default_factory=Counter)
    unanswered: dict[str, Any] | None = None
    resting: list[str] = field(default_factory=list)
    count: int = 0

    def run(self, address: Callable[[], str], is_over: Callable[[], bool], deadline: Callable[[], float]) -> None:
        """Trade until it is over, then see that everything is answered."""
        while not is_over() or (self.unanswered is not None and time.monotonic() < deadline()):
            with suppress(OSError, ValueError):
                self._converse(address(), is_over)
            time.sleep(0.01)

    def _converse(self, address: str, is_over: Callable[[], bool]) -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(address)
            with connection.makefile("rw") as stream:
                while not (is_over() and self.unanswered is None) and self._exchange(stream):
                    time.sleep(self.chance.random() * 0.03)

    def _exchange(self, stream: Any) -> bool:
        if self.unanswered is None:
            request = self._next()
            self.journal.intend(request)
            self.unanswered = request
        stream.write(json.dumps(self.unanswered) + "\n")
        stream.flush()
        line = stream.readline()
        if not line.endswith("\n"):
            return False
        request, self.unanswered = self.unanswered, None
        answer = json.loads(line)
        self.journal.learn(request, answer)
        self.answers[f"{request['do']} {answer.get('error') or answer['code'] or answer['status']}"] += 1
        if request["do"] == "submit" and "id" in answer:
            self.resting.append(answer["id"])
            if self.chance.random() < 0.1:
                # A caller that is not sure asks again.
                self.unanswered = request
        return True

    def _next(self) -> dict[str, Any]:
        chance = self.chance
        if len(self.resting) > 3 and chance.random() < 0.3:
            order = self.resting.pop(0)
            if chance.random() < 0.6:
                return {"do": "cancel", "order": order}
            return {"do": "modify", "order": order, "quantity": chance.randint(1, 60), "price": None}
        self.count += 1
        return {
            "do": "submit",
            "account": self.account,
            "client_order_id": f"client-{self.number}-{self.count}",
            "key": chance.choice(KEYS),
            "side": chance.choice(["BUY", "BUY", "SELL"]),
            "quantity": chance.randint(1, 60),
            "product": "INTRADAY",
            "validity": chance.choice(["DAY", "DAY", "DAY", "IOC"]),
            "price": None if chance.random() < 0.2 else f"{chance.randint(1970, 2030) * 5 / 100:.2f}",
        }


class Run:
    """The stage of one seed."""

    def __init__(self, seed: int, nursery: Nursery, services: Services, directory: Path) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.nursery, self.services, self.directory = nursery, services, directory
        self.book = Book(Journal(directory / "broker.jsonl"), seed=seed, pieces=True)
        self.faults = Faults(seed)
        self.server = SimulatorServer(self.book, self.faults)
        with override_settings(BROKER_SIMULATOR_URL=self.server.url):
            self.desk, self.account = live_desk()
        self.is_over = self.is_calm = False
        self.deadline = float("inf")
        self.blows: Counter[str] = Counter()
        self.pids: dict[str, int] = {}
        self.address = ""
        self.serial = 0

    def play(self) -> Outcome:
        """From the first order to the verdict."""
        began = time.monotonic()
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            for name in ("web", "feed", *(f"router-{number}" for number in range(ROUTERS))):
                self.start(name)
            self.wait_until_open()
            clients = [self.client(number) for number in range(CLIENTS)]
            threads = [threading.Thread(target=self.trade, args=[client]) for client in clients]
            threads.append(threading.Thread(target=self.move_market))
            for thread in threads:
                thread.start()
            self.strike()
            self.heal()
            for thread in threads[:-1]:
                thread.join()
            self.is_calm = True
            threads[-1].join()
            broken, history = self.verdict([client.journal for client in clients])
        finally:
            self.is_over = self.is_calm = True
            self.deadline = 0
            for pid in self.pids.values():
                slay(pid)
            self.server.shutdown()
            self.server.server_close()
        answers = sum((client.answers for client in clients), Counter[str]())
        return Outcome(self.seed, broken, history, self.blows, answers, time.monotonic() - began)

    def wait_until_open(self) -> None:
        """Let the first reconciliation pass, so that there is something to spoil."""
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            with system_scope():
                if AccountRoute.objects.filter(account_id=self.account.id, is_reconciled=True).exists():
                    return
            time.sleep(0.02)
        raise TimeoutError("the account was never reconciled")

    def client(self, number: int) -> Client:
        journal = ClientJournal(self.directory / f"client-{number}.jsonl")
        return Client(number, str(self.account.id), random.Random(self.seed * 10 + number), journal)

    def trade(self, client: Client) -> None:
        client.run(lambda: self.address, lambda: self.is_over, lambda: self.deadline)

    def start(self, name: str) -> None:
        """Start a process of that name; a web process listens at a new address."""
        self.serial += 1
        address = str(self.directory / f"{self.serial}.sock")
        self.pids[name] = self.nursery.start(
            role=name.partition("-")[0],
            address=address,
            actor=actor_of(self.desk, self.account),
            seed=self.seed * 1000 + self.serial,
            simulator=self.server.url,
        )
        if name == "web":
            self.address = address

    # --- what goes wrong -----------------------------------------------------------------------------------------

    def strike(self) -> None:
        """Blow upon blow until the time is up."""
        self.faults.at_random(self.chance.choice([0.1, 0.25, 0.4]), 0.5)
        until = time.monotonic() + WORK_SECONDS
        blows = [self.kill, self.kill, self.freeze, self.weather, *map(self._of_services, self.services.blows())]
        while time.monotonic() < until:
            time.sleep(0.1 + self.chance.random() * 0.4)
            self.chance.choice(blows)()

    def kill(self) -> None:
        name = self.chance.choice(sorted(self.pids))
        self.blows[f"SIGKILL {name.partition('-')[0]}"] += 1
        slay(self.pids[name])
        time.sleep(self.chance.random() * 0.1)
        self.start(name)

    def freeze(self) -> None:
        name = self.chance.choice(sorted(self.pids))
        self.blows[f"SIGSTOP {name.partition('-')[0]}"] += 1
        os.kill(self.pids[name], signal.SIGSTOP)
        time.sleep(self.chance.random() * 0.6)
        os.kill(self.pids[name], signal.SIGCONT)

    def weather(self) -> None:
        self.blows["broker"] += 1
        with self.server.lock:
            self.faults.at_random(self.chance.choice([0.0, 0.3, 0.6]), 0.5)

    def _of_services(self, blow: Callable[[random.Random], None]) -> Callable[[], None]:
        def strike() -> None:
            self.blows[blow.__name__] += 1
            blow(self.chance)

        return strike

    def heal(self) -> None:
        """All processes and services are back, and the broker behaves."""
        with self.server.lock:
            self.faults.clear()
        self.services.heal()
        if not connection.is_usable():
            connection.close()
        for name, pid in list(self.pids.items()):
            if not is_alive(pid):
                self.start(name)
        self.is_over = True
        self.deadline = time.monotonic() + SETTLE_SECONDS

    # --- the market, and people at the broker's own terminal -----------------------------------------------------

    def move_market(self) -> None:
        chance = random.Random(self.seed + 1)
        while not self.is_calm:
            with self.server.lock, suppress(Refusal):
                self.book.price(chance.choice(KEYS), Decimal(100) + Decimal("0.05") * chance.randint(-25, 25))
                if chance.random() < 0.05:
                    self.meddle(chance)
            time.sleep(0.015)

    def meddle(self, chance: random.Random) -> None:
        orders = self.book.orders(self.account.id.hex)
        working = [row for row in orders if row["status"] == "OPEN"]
        if not working or chance.random() < 0.4:
            terms = {"quantity": chance.randint(1, 20), "order_type": "LIMIT", "price": "99.50"}
            body = {"symbol": chance.choice(KEYS), "side": "BUY", "product": "INTRADAY", "validity": "DAY", **terms}
            self.book.place(self.account.id.hex, body, manual=True)
        elif chance.random() < 0.5:
            self.book.cancel(self.account.id.hex, chance.choice(working)["order_id"])
        else:
            row = chance.choice(working)
            quantity = row["filled_quantity"] + chance.randint(1, 30)
            self.book.modify(self.account.id.hex, row["order_id"], {**row, "quantity": quantity})

    # --- the verdict ---------------------------------------------------------------------------------------------

    def verdict(self, journals: list[ClientJournal]) -> tuple[list[str], History]:
        """What is broken once everything had its time; a run that is sound earlier need not wait."""
        while True:
            time.sleep(0.15)
            late = time.monotonic() > self.deadline
            if late or self.is_settled():
                with self.server.lock:
                    journal = self.book.journal()
                history = record(self.account, journals, journal)
                broken = violations(history)
                if late or not broken:
                    return broken, history

    def is_settled(self) -> bool:
        with system_scope():
            unsettled = Order.objects.filter(account_id=self.account.id, status__in=sorted(UNSETTLED)).exists()
            asked = OrderRoute.objects.filter(account_id=self.account.id, order__status__in=["OPEN"]).filter(
                cancel_requested_at__isnull=False
            )
            return not unsettled and not asked.exists()


def live_desk() -> tuple[Desk, TradingAccount]:
    """A trader with ten crore at the simulated broker."""
    desk = make_desk(paise=CRORE_PAISE)
    with tenant_scope(desk.organisation.id):
        account = account_create(
            actor=desk.owner,
            owner_id=desk.trader.user_id,
            name="Live",
            broker=TradingAccount.Broker.SIMULATOR,
        )
        funds_deposit(actor=desk.owner, account_id=account.id, paise=10 * CRORE_PAISE)
    return desk, account


def actor_of(desk: Desk, account: TradingAccount) -> dict[str, str]:
    """Who trades, as a process is told."""
    return {
        "user": str(desk.trader.user_id),
        "organisation": str(desk.organisation.id),
        "account": str(account.id),
    }


def slay(pid: int) -> None:
    """SIGKILL, however often."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether the process is there; a killed one is not even a zombie, because its parent ignores SIGCHLD."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def run_database_url() -> str:
    """The URL of the database that this process is connected to."""
    name = connection.settings_dict["NAME"]
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    return f"{base.rpartition('/')[0]}/{name}?{query}"
