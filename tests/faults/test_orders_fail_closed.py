"""When something that an order needs is gone, there is no order: a clean 503, and not a row more than before."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry, User
from core import clock
from core.bus import get_bus
from core.errors import Unavailable
from core.store import RedisStore, get_store
from core.tenancy import system_scope, tenant_scope
from riskmgmt.models import RiskDecision
from tests.orders.desk import Desk, OpenGate, make_desk, show_book
from tests.services import start_redis
from trading.brokers.domain.terms import Side
from trading.instruments.process_cache import forget_reference_data
from trading.orders.domain.gate import GateDecision, OrderContext, StoredOrder
from trading.orders.models import Fill, Order, OrderEvent
from trading.orders.services import order_submit
from trading.portfolio.models import FundsHold, LedgerEntry, Position, TradingAccount

WRITTEN = (Order, OrderEvent, Fill, FundsHold, LedgerEntry, Position, RiskDecision, AuditEntry)


class UnhappyRecordGate(OpenGate):
    """Allows the order, and then cannot store what it has decided."""

    def record(self, order: StoredOrder, decisions: Sequence[GateDecision]) -> None:
        raise RuntimeError("disk full")


class LostConnectionGate(OpenGate):
    """The database goes away while the gate is asked."""

    def check(self, context: OrderContext) -> list[GateDecision]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as another:
            another.execute("SELECT pg_terminate_backend(%s)", [pid])
        return super().check(context)


class RedisStoppingGate(OpenGate):
    """Redis goes away after everything has been read from it and before the commit."""

    stop: ClassVar[Callable[[], None]]

    def check(self, context: OrderContext) -> list[GateDecision]:
        type(self).stop()
        return super().check(context)


class SilentGate(OpenGate):
    """Says nothing at all."""

    def check(self, context: OrderContext) -> list[GateDecision]:
        return []


@pytest.fixture(autouse=True)
def _open_market(settings: Settings) -> None:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.PRE_TRADE_GATES = ["tests.orders.desk.OpenGate"]
    forget_reference_data()


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    desk = make_desk()
    show_book()
    return desk


def client_of(desk: Desk) -> Client:
    client = Client(raise_request_exception=False)
    user = User.objects.get(pk=desk.trader.user_id)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def post(client: Client, desk: Desk) -> Any:
    order = {
        "account": str(desk.account.id),
        "symbol": desk.instrument.key,
        "side": "BUY",
        "quantity": 10,
        "order_type": "MARKET",
        "product": "INTRADAY",
    }
    return client.post("/api/v1/orders", order, content_type="application/json")


def counts() -> dict[str, int]:
    with system_scope():
        return {model.__name__: model.objects.count() for model in WRITTEN}


@pytest.fixture
def mortal_redis(settings: Settings) -> Iterator[Any]:
    """A Redis of this test's own, in use for quotes and limits; yields what stops it."""
    url, stop = start_redis()
    settings.REDIS_URL = f"{url}/0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": settings.REDIS_URL}}
    get_store.cache_clear()
    yield stop
    get_store.cache_clear()


def test_without_redis_an_order_is_a_503_and_writes_nothing(mortal_redis: Any, desk: Desk) -> None:
    client = client_of(desk)
    before = counts()
    mortal_redis()
    answer = post(client, desk)
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert int(answer["Retry-After"]) > 0
    assert counts() == before


def test_without_the_quote_store_an_order_raises_and_writes_nothing(mortal_redis: Any, desk: Desk) -> None:
    before = counts()
    assert isinstance(get_store(), RedisStore)
    mortal_redis()
    with tenant_scope(desk.organisation.id), pytest.raises(Unavailable):
        order_submit(actor=desk.trader, intent=desk.intent(price="99.00"))
    assert counts() == before


def test_redis_lost_before_the_bells_ring_leaves_a_committed_order(
    mortal_redis: Any, desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The market clock asks the store each time, so that it meets the lost Redis in every run.
    monkeypatch.setattr(clock, "_REFRESH_SECONDS", 0.0)
    settings.PRE_TRADE_GATES = ["tests.faults.test_orders_fail_closed.RedisStoppingGate"]
    RedisStoppingGate.stop = mortal_redis
    get_bus.cache_clear()
    try:
        with tenant_scope(desk.organisation.id):
            order = order_submit(actor=desk.trader, intent=desk.intent())
            again = order_submit(actor=desk.trader, intent=desk.intent(client_order_id=order.client_order_id))
    finally:
        get_bus().close()
        get_bus.cache_clear()
    assert (order.status, again.id) == ("FILLED", order.id)


def test_clock_without_a_store_runs_on_for_its_grace_and_no_longer(
    mortal_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "_REFRESH_SECONDS", 0.0)
    monkeypatch.setattr(clock, "_cache", clock._Cache())
    origin = datetime(2016, 8, 22, 4, tzinfo=UTC)
    clock.set_virtual(origin, speed=1)
    mortal_redis()
    assert timedelta(0) <= clock.now() - origin < timedelta(seconds=30)
    monkeypatch.setattr(clock, "_GRACE_SECONDS", 0.0)
    with pytest.raises(Unavailable):
        clock.now()


def test_gate_whose_table_is_gone_lets_nothing_through(desk: Desk, settings: Settings) -> None:
    settings.PRE_TRADE_GATES = ["riskmgmt.gates.LimitGate"]
    before = counts()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE riskmgmt_risklimit RENAME TO hidden")
    try:
        with tenant_scope(desk.organisation.id), pytest.raises(DatabaseError):
            order_submit(actor=desk.trader, intent=desk.intent())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE hidden RENAME TO riskmgmt_risklimit")
    assert counts() == before


def test_connection_lost_in_the_middle_is_a_503_and_the_next_order_is_taken(desk: Desk, settings: Settings) -> None:
    client = client_of(desk)
    before = counts()
    settings.PRE_TRADE_GATES = ["tests.faults.test_orders_fail_closed.LostConnectionGate"]
    # The test client keeps the signals that would close a broken connection between requests.
    answer = post(client, desk)
    assert answer.status_code == 503, answer.content
    connection.close()
    assert counts() == before
    settings.PRE_TRADE_GATES = ["tests.orders.desk.OpenGate"]
    assert post(client, desk).json()["status"] == "FILLED"


def test_decision_that_cannot_be_stored_takes_the_order_back(desk: Desk, settings: Settings) -> None:
    settings.PRE_TRADE_GATES = ["tests.faults.test_orders_fail_closed.UnhappyRecordGate"]
    before = counts()
    assert post(client_of(desk), desk).status_code == 500
    assert counts() == before


def test_gate_that_says_nothing_is_no_consent(desk: Desk, settings: Settings) -> None:
    settings.PRE_TRADE_GATES = ["tests.faults.test_orders_fail_closed.SilentGate"]
    with tenant_scope(desk.organisation.id):
        order = order_submit(actor=desk.trader, intent=desk.intent())
    assert (order.status, order.status_code) == ("REJECTED", "no_verdict")


def test_account_of_an_unknown_kind_trades_nowhere(desk: Desk) -> None:
    with system_scope():
        TradingAccount.objects.filter(id=desk.account.id).update(broker="ELSEWHERE", mode="LIVE")
    with tenant_scope(desk.organisation.id):
        order = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL))
    assert (order.status, order.status_code) == ("REJECTED", "no_route")


def test_lock_that_is_never_granted_is_an_error_and_no_order(desk: Desk) -> None:
    before = counts()
    with psycopg.connect(database_url(), autocommit=False) as another:
        another.execute("SELECT set_config('sauda.tenant', '*', true)")
        another.execute("LOCK TABLE portfolio_ledgerbalance IN ACCESS EXCLUSIVE MODE")
        with tenant_scope(desk.organisation.id), connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
            with pytest.raises(OperationalError):
                order_submit(actor=desk.trader, intent=desk.intent())
    connection.close()
    assert counts() == before


def database_url() -> str:
    return os.environ["DATABASE_URL"].replace("/sauda?", f"/{connection.settings_dict['NAME']}?")
