from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from core.store import get_store
from core.tenancy import tenant_scope
from tests.orders.desk import Desk, make_desk, show_book
from trading.instruments.process_cache import forget_reference_data
from trading.marketdata.domain.wire import QUOTES_HASH


@pytest.fixture
def open_market(settings: Settings) -> None:
    """A market that is open, with the house's own gate."""
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.PRE_TRADE_GATES = ["riskmgmt.gates.LimitGate"]
    get_store().delete(QUOTES_HASH)
    forget_reference_data()


@pytest.fixture
def desk(db: None, open_market: None) -> Iterator[Desk]:
    """A funded desk with a book to trade against, in its own scope."""
    desk = make_desk()
    show_book()
    with tenant_scope(desk.organisation.id):
        yield desk
