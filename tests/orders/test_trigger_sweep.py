"""The sweep lets the database compare: it reads the legs that a price reaches, all of them, and no others."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.tenancy import system_scope
from tests.orders.desk import Desk
from tests.orders.watch import TICK, create, hold, leg, price, status
from trading.orders.models import TriggerLeg
from trading.orders.monitor.book import books_of
from trading.orders.monitor.sweep import sweep_triggers
from trading.orders.selectors.triggers import reached_legs, watched_keys, watched_legs

pytestmark = pytest.mark.django_db
KEY = "NSE:RELIANCE"


@pytest.fixture
def watched(desk: Desk) -> Desk:
    """Stops, targets and trailing stops on both sides of a price of 100."""
    price(100)
    hold(desk, 50)
    for at in (90, 95, Decimal("97.55")):
        create(desk, "SINGLE", leg("SINGLE", at, direction="BELOW"))
    for at in (105, Decimal("107.05")):
        create(desk, "SINGLE", leg("SINGLE", at, direction="ABOVE"))
    create(desk, "TRAILING", leg("STOP", trail_points=3))
    create(desk, "TRAILING", leg("STOP", trail_percent=5))
    return desk


def test_the_database_finds_exactly_the_legs_that_the_rules_in_memory_would_fire_or_move(watched: Desk) -> None:
    with system_scope():
        assert watched_keys() == {KEY}
        for step in range(-240, 241):
            ltp = 100 + step * TICK
            book = books_of(watched_legs())[KEY]
            expected = {crossing.leg_id for crossing in book.look(ltp)} | book.moved.keys()
            assert {found.leg_id for found in reached_legs({KEY: ltp})} == expected, ltp


def test_prices_of_other_instruments_and_of_none_reach_nothing(watched: Desk) -> None:
    with system_scope():
        assert reached_legs({}) == []
        assert reached_legs({"NSE:OTHER": Decimal(1)}) == []


def test_the_sweep_reads_no_leg_that_waits_and_fires_what_the_listener_missed(watched: Desk) -> None:
    missed = TriggerLeg.objects.get(trigger_price=Decimal("97.55"))
    price(100)
    with system_scope(), CaptureQueriesContext(connection) as queries:
        assert sweep_triggers() == 0
    assert not any("trail_percent" in each["sql"] for each in queries)
    price("97.50")
    with system_scope():
        assert sweep_triggers() == 1
        assert sweep_triggers() == 0
    missed.refresh_from_db()
    assert missed.status == "FIRED" or status(missed.trigger) == "COMPLETED"
    assert TriggerLeg.objects.filter(status="ARMED").count() == 6
