"""A desk whose trades analytics tells of."""

import pytest
from pytest_django.fixtures import Settings

from analytics.selectors.memory import FOLDS
from tests.orders.desk import Desk, make_desk, show_book


@pytest.fixture
def desk(db: None, settings: Settings) -> Desk:
    """A trader with ten lakh in a market that is open, and nothing remembered of anybody's book."""
    settings.PRE_TRADE_GATES = ["tests.orders.desk.OpenGate"]
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    FOLDS.forget()
    made = make_desk()
    show_book()
    return made
