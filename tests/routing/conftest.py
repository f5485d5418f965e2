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


@pytest.fixture
def live(transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveDesk]:
    """A trader with a funded account at a simulated broker, reconciled and open."""
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
