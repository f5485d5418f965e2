from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from core.store import get_store
from core.tenancy import system_scope
from tests.routing.live import LiveDesk, make_live_desk
from trading.brokers.adapters import generic
from trading.instruments.process_cache import forget_reference_data
from trading.marketdata.domain.wire import QUOTES_HASH
from trading.orders.services.live import instructions, router


@pytest.fixture
def live(db: None, desk_at_broker: LiveDesk, monkeypatch: pytest.MonkeyPatch) -> LiveDesk:
    """As `committed_live`, inside the transaction that takes a test's rows away again."""
    for module in (router, instructions):
        monkeypatch.setattr(module, "refuse_transaction", lambda: None)
    return desk_at_broker


@pytest.fixture
def committed_live(transactional_db: None, desk_at_broker: LiveDesk) -> LiveDesk:
    """A trader with a funded account at a simulated broker, reconciled and open."""
    return desk_at_broker


@pytest.fixture
def desk_at_broker(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveDesk]:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.PRE_TRADE_GATES = ["tests.orders.desk.OpenGate"]
    settings.BROKER_CALL_TIMEOUT = timedelta(milliseconds=400)
    settings.ROUTE_PRESUME_AFTER = timedelta(0)
    settings.ROUTE_PRESUME_READS = 3
    monkeypatch.setattr(generic, "BACKOFF_SECONDS", 0.001)
    get_store().delete(QUOTES_HASH)
    forget_reference_data()
    desk = make_live_desk(settings)
    with system_scope():
        yield desk
    desk.close()
