"""`manage.py bench orders`: a whole paper order against the plain insert of its row."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from statistics import quantiles
from time import perf_counter, sleep
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, OutputWrapper
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test.utils import CaptureQueriesContext, override_settings
from rest_framework import serializers
from rest_framework.generics import CreateAPIView
from rest_framework.test import APIRequestFactory

from accounts.domain.actor import Actor, system_actor
from accounts.services import organisation_create, user_create
from core import clock
from core.bus import get_bus
from core.db.postgresql.base import DatabaseWrapper as PostgreSQL
from core.ids import new_id
from core.store import get_store
from core.tenancy import tenant_scope
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.models import Instrument
from trading.marketdata.domain.quote import DepthLevel, Quote
from trading.marketdata.services import quote_publish
from trading.orders.domain.intent import OrderIntent
from trading.orders.models import Order
from trading.orders.services import order_submit
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_create, funds_deposit

SYMBOLS = ("BENCHA", "BENCHB", "BENCHC", "BENCHD")
CRORE_PAISE = 1_00_00_000_00
ROUNDS = 3
WARM_UP = 20
# Often enough that no quote grows stale on a busy machine; not timed.
QUOTE_EVERY = 1.0


class OrderBench:
    """Each round measures both, one after the other, so that a slow moment of the machine meets both.

    Orders arrive on time whether or not earlier ones are done; what is timed is the service, from call to commit.
    """

    help = "A paper MARKET order from intent to fill, ledger and audit, against DRF's insert of an order row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--orders", type=int, default=300, help="orders a round (default 300)")
        parser.add_argument("--accounts", type=int, default=20, help="accounts that trade in turn (default 20)")
        parser.add_argument("--rate", type=float, default=50, help="orders a second (default 50)")
        parser.add_argument("--threads", type=int, default=4, help="server threads; on SQLite one (default 4)")

    def run(
        self, out: OutputWrapper, *, orders: int, accounts: int, rate: float, threads: int, **options: Any
    ) -> None:
        threads = threads if connection.vendor == "postgresql" else 1
        with scratch_database():
            desk = _Desk(accounts)
            with tenant_scope(desk.actor.organisation_id):
                works = (desk.trade, desk.insert)
                for work in works:
                    desk.measure(work, times=WARM_UP, rate=rate, threads=1)
                trips = desk.round_trips()
                rounds = [
                    [desk.measure(work, times=orders, rate=rate, threads=threads) for work in works]
                    for _ in range(ROUNDS)
                ]
        out.write(
            f"{connection.vendor}, {ROUNDS} rounds of {orders} orders at {rate:g}/s from {accounts} accounts, "
            f"{threads} threads, milliseconds"
        )
        out.write(" round  order p50      p95      p99  insert p50      p95      p99  order/insert p50")
        for number, (ours, plain) in enumerate(rounds, 1):
            figures = "".join(f"{value:>9.2f}" for value in (*ours, *plain))
            out.write(f"{number:>6}  {figures}  {ours[0] / plain[0]:>16.2f}")
        out.write(f"\nround trips to the database of one filled MARKET order: {trips}")


@contextmanager
def scratch_database() -> Iterator[None]:
    """A database beside the configured one, dropped afterwards, and a quote store in memory: no trace is left."""
    name = connection.settings_dict["NAME"]
    with override_settings(REDIS_URL=None, SIMULATED_MARKET_ALWAYS_OPEN=True):
        get_store.cache_clear()
        get_bus.cache_clear()
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            yield
        finally:
            database = connections[DEFAULT_DB_ALIAS]
            if isinstance(database, PostgreSQL):
                database.close_pool()
            connection.creation.destroy_test_db(name, verbosity=0)


class _Row(serializers.ModelSerializer[Order]):
    class Meta:
        model = Order
        fields = "__all__"


class _PlainInsert(CreateAPIView[Order]):
    """What a tutorial would write: a serializer of the model, no gates, no money, no events."""

    queryset = Order.objects.all()
    serializer_class = _Row
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


class _Desk:
    """Accounts that buy and sell one unit in turn, each the same symbol for ever."""

    def __init__(self, accounts: int) -> None:
        owner = user_create(email="bench@example.test", password=new_id().hex)
        organisation = organisation_create(name="Bench", slug="bench", owner=owner)
        self.actor: Actor = system_actor(organisation.id, "bench")
        with tenant_scope(organisation.id):
            self.accounts = [self._account(owner.id, number) for number in range(accounts)]
        self.instruments = [
            Instrument.objects.create(
                key=f"NSE:{symbol}",
                exchange="NSE",
                symbol=symbol,
                name=symbol,
                instrument_type="EQ",
                tick_size=Decimal("0.05"),
            )
            for symbol in SYMBOLS
        ]
        self._numbers = count()
        self._quoted_at = 0.0
        self._view = _PlainInsert.as_view()
        self._requests = APIRequestFactory()

    def _account(self, owner_id: UUID, number: int) -> TradingAccount:
        account = account_create(actor=self.actor, owner_id=owner_id, name=f"Bench {number}")
        funds_deposit(actor=self.actor, account_id=account.id, paise=CRORE_PAISE)
        return account

    def trade(self) -> None:
        """The real path."""
        turn, place = divmod(next(self._numbers), len(self.accounts))
        order = order_submit(
            actor=self.actor,
            intent=OrderIntent(
                account_id=self.accounts[place].id,
                key=self.instruments[place % len(SYMBOLS)].key,
                side=Side.SELL if turn % 2 else Side.BUY,
                quantity=1,
                order_type=OrderType.MARKET,
                product=Product.INTRADAY,
                client_order_id=new_id().hex,
            ),
        )
        if order.status != "FILLED":
            raise CommandError(f"the order was {order.status}: {order.status_code} {order.status_message}")

    def insert(self) -> None:
        """The reference: validate and insert one row."""
        now = clock.now().isoformat()
        answer = self._view(
            self._requests.post(
                "/",
                {
                    "organisation": str(self.actor.organisation_id),
                    "account": str(self.accounts[0].id),
                    "instrument": self.instruments[0].id,
                    "client_order_id": new_id().hex,
                    "side": "BUY",
                    "quantity": 1,
                    "order_type": "MARKET",
                    "product": "INTRADAY",
                    "status": "REJECTED",
                    "placed_by": "bench",
                    "created_at": now,
                    "updated_at": now,
                },
                format="json",
            )
        )
        if answer.status_code != 201:
            raise CommandError(f"the plain insert failed: {answer.data}")

    def measure(
        self, work: Callable[[], None], *, times: int, rate: float, threads: int
    ) -> tuple[float, float, float]:
        """p50, p95 and p99 in milliseconds of `times` calls that come in at `rate` a second."""
        start = perf_counter()
        arrivals = iter([start + number / rate for number in range(times)])
        self._show_book()
        if threads == 1:
            took = self._serve(work, arrivals)
        else:
            with ThreadPoolExecutor(threads) as pool:
                servers = [pool.submit(self._serve_in_thread, work, arrivals) for _ in range(threads)]
                took = [each for server in servers for each in server.result()]
        steps = quantiles(took, n=100)
        return steps[49], steps[94], steps[98]

    def _serve_in_thread(self, work: Callable[[], None], arrivals: Iterator[float]) -> list[float]:
        try:
            with tenant_scope(self.actor.organisation_id):
                return self._serve(work, arrivals)
        finally:
            connections.close_all()

    def _serve(self, work: Callable[[], None], arrivals: Iterator[float]) -> list[float]:
        """Take the next call that nobody has taken, wait until it is due, do it."""
        took = []
        for due in arrivals:
            if perf_counter() - self._quoted_at > QUOTE_EVERY:
                self._show_book()
            sleep(max(due - perf_counter(), 0))
            took.append(self._timed(work))
        return took

    @staticmethod
    def _timed(work: Callable[[], None]) -> float:
        started = perf_counter()
        work()
        return (perf_counter() - started) * 1000

    def round_trips(self) -> int:
        """Round trips to the database that one order makes."""
        with CaptureQueriesContext(connection) as queries:
            self.trade()
        # Django notes a BEGIN that leaves with the first statement.
        return sum(each["sql"] != "BEGIN" for each in queries)

    def _show_book(self) -> None:
        self._quoted_at = perf_counter()
        price = Decimal(100)
        quote_publish(
            [
                Quote(
                    key=instrument.key,
                    ltp=price,
                    open=price,
                    high=price,
                    low=price,
                    close=price,
                    bids=(DepthLevel(price, 100_000),),
                    asks=(DepthLevel(price + instrument.tick_size, 100_000),),
                    timestamp=clock.now(),
                    received_at=clock.wall_now(),
                    source="simulated",
                )
                for instrument in self.instruments
            ]
        )
