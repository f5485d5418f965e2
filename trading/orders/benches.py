"""`manage.py bench orders`: a whole paper order against the plain insert of its row."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import cycle
from statistics import quantiles
from time import perf_counter
from typing import Any

from django.core.management.base import CommandError, OutputWrapper
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from rest_framework import serializers
from rest_framework.generics import CreateAPIView
from rest_framework.test import APIRequestFactory

from accounts.domain.actor import Actor, system_actor
from accounts.services import organisation_create, user_create
from core import clock
from core.bus import get_bus
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

KEY = "NSE:BENCH"
CRORE_PAISE = 1_00_00_000_00
ROUNDS = 3
WARM_UP = 20
# Often enough that no quote grows stale on a busy machine; not timed.
QUOTE_EVERY = 25


class OrderBench:
    """Each round measures both, one after the other, so that a slow moment of the machine meets both."""

    help = "A paper MARKET order from intent to fill, ledger and audit, against DRF's insert of an order row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--orders", type=int, default=300, help="orders a round (default 300)")

    def run(self, out: OutputWrapper, *, orders: int, **options: Any) -> None:
        with scratch_database():
            desk = _Desk()
            with tenant_scope(desk.actor.organisation_id):
                desk.measure(WARM_UP, desk.trade)
                desk.measure(WARM_UP, desk.insert)
                statements = desk.statements()
                rounds = [
                    (desk.measure(orders, desk.trade), desk.measure(orders, desk.insert)) for _ in range(ROUNDS)
                ]
        out.write(f"{connection.vendor}, {ROUNDS} rounds of {orders} orders, milliseconds\n")
        out.write(" round  order p50      p95  insert p50      p95  order/insert p50")
        for number, ((p50, p95), (plain50, plain95)) in enumerate(rounds, 1):
            out.write(
                f"{number:>6} {p50:>10.2f} {p95:>8.2f} {plain50:>11.2f} {plain95:>8.2f} {p50 / plain50:>17.2f}"
            )
        out.write(f"\nSQL statements in one filled MARKET order: {statements}")


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
    """An account that buys and sells the same unit for ever."""

    def __init__(self) -> None:
        owner = user_create(email="bench@example.test", password=new_id().hex)
        organisation = organisation_create(name="Bench", slug="bench", owner=owner)
        self.actor: Actor = system_actor(organisation.id, "bench")
        with tenant_scope(organisation.id):
            self.account: TradingAccount = account_create(actor=self.actor, owner_id=owner.id, name="Bench")
            funds_deposit(actor=self.actor, account_id=self.account.id, paise=CRORE_PAISE)
        self.instrument = Instrument.objects.create(
            key=KEY, exchange="NSE", symbol="BENCH", name="Bench", instrument_type="EQ", tick_size=Decimal("0.05")
        )
        self._sides = cycle([Side.BUY, Side.SELL])
        self._view = _PlainInsert.as_view()
        self._requests = APIRequestFactory()

    def trade(self) -> None:
        """The real path."""
        order = order_submit(
            actor=self.actor,
            intent=OrderIntent(
                account_id=self.account.id,
                key=KEY,
                side=next(self._sides),
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
                    "account": str(self.account.id),
                    "instrument": self.instrument.id,
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

    def measure(self, times: int, one: Callable[[], None]) -> tuple[float, float]:
        """p50 and p95 in milliseconds."""
        took = []
        for number in range(times):
            if number % QUOTE_EVERY == 0:
                self._show_book()
            started = perf_counter()
            one()
            took.append((perf_counter() - started) * 1000)
        steps = quantiles(took, n=20)
        return steps[9], steps[18]

    def statements(self) -> int:
        with CaptureQueriesContext(connection) as queries:
            self.trade()
        return len(queries)

    def _show_book(self) -> None:
        price = Decimal(100)
        quote = Quote(
            key=KEY,
            ltp=price,
            open=price,
            high=price,
            low=price,
            close=price,
            bids=(DepthLevel(price, 1000),),
            asks=(DepthLevel(price + self.instrument.tick_size, 1000),),
            timestamp=clock.now(),
            received_at=clock.wall_now(),
            source="simulated",
        )
        quote_publish([quote])
