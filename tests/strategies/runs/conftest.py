from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from core.store import get_store
from core.tenancy import tenant_scope
from tests.orders.desk import Desk, make_desk
from trading.instruments.process_cache import forget_reference_data
from trading.marketdata.domain.wire import QUOTES_HASH

OPEN_GATE = "tests.orders.desk.OpenGate"


@pytest.fixture(autouse=True)
def _open_market(settings: Settings) -> None:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.PRE_TRADE_GATES = [OPEN_GATE]
    get_store().delete(QUOTES_HASH)
    forget_reference_data()


@pytest.fixture
def desk(db: None) -> Iterator[Desk]:
    """A funded desk, with the tenant scope entered as the middleware would."""
    desk: Desk = make_desk()
    with tenant_scope(desk.organisation.id):
        yield desk
