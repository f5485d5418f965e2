"""The simulated broker itself: what it forgets, what it doubles, and who may reach it."""

from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from trading.brokers.registry import NoRoute, broker_for
from trading.brokers.simulator.book import Book
from trading.brokers.simulator.faults import Faults
from trading.brokers.simulator.journal import Journal

BODY = {
    "tag": "same",
    "symbol": "NSE:TCS",
    "side": "BUY",
    "product": "INTRADAY",
    "validity": "DAY",
    "quantity": 5,
    "order_type": "LIMIT",
    "price": "90.00",
}


class Account:
    def __init__(self, broker: str) -> None:
        self.id, self.broker = uuid4(), broker

    @property
    def is_paper(self) -> bool:
        return self.broker == "PAPER"


def test_an_order_sent_twice_is_two_orders() -> None:
    book = Book(Journal())
    assert book.place("a", BODY).order_id != book.place("a", BODY).order_id


def test_it_comes_back_with_its_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    book = Book(Journal(path))
    order = book.place("a", BODY)
    book.fill(order.order_id, 2, book.last_price("NSE:TCS"))
    with path.open("a") as file:
        file.write('{"event": "cut sh')
    again = Book(Journal(path))
    assert (again.orders("a"), again.trades("a"), again.positions("a")) == (
        book.orders("a"),
        book.trades("a"),
        book.positions("a"),
    )


def test_faults_follow_from_the_seed() -> None:
    drawn = []
    for _ in range(2):
        faults = Faults(7)
        faults.at_random(0.5, 1.0)
        drawn.append([faults.next("place") for _ in range(50)])
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("broker", ["PAPER", "ELSEWHERE", "SIMULATOR"])
def test_no_way_leads_where_none_is_configured(broker: str, settings: Settings) -> None:
    settings.BROKER_SIMULATOR_URL = ""
    with pytest.raises(NoRoute):
        broker_for(Account(broker))


def test_simulator_on_another_machine_needs_to_be_allowed(settings: Settings) -> None:
    settings.BROKER_SIMULATOR_URL = "http://192.0.2.1:8900"
    with pytest.raises(NoRoute):
        broker_for(Account("SIMULATOR"))
    settings.BROKER_SIMULATOR_REMOTE = True
    assert broker_for(Account("SIMULATOR")).name == "GENERIC"


def test_a_paper_account_reaches_no_broker_even_where_one_is_configured(settings: Settings) -> None:
    settings.BROKER_SIMULATOR_URL = "http://127.0.0.1:8900"
    with pytest.raises(NoRoute):
        broker_for(Account("PAPER"))
