"""The checker finds nothing in a sound run, and each planted bug in a run that has it."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from core.tenancy import tenant_scope
from tests.faults.chaos.checker import violations
from tests.faults.chaos.history import ClientJournal, History, record
from tests.faults.chaos.plants import PLANTS
from tests.routing.conftest import committed_live, desk_at_broker
from tests.routing.live import LiveDesk
from trading.brokers.simulator.faults import FaultKind
from trading.orders.models import Order
from trading.orders.services import order_cancel
from trading.orders.services.live.routing_round import account_round

assert committed_live
assert desk_at_broker


def played(live: LiveDesk, path: Path, plant: Any) -> History:
    """A short piece with a bit of everything: lost answers, a cancel, a foreign order, fills in parts, a repeat."""
    journal = ClientJournal(path)
    with plant:
        orders = [_submit(live, journal, f"order-{number}", quantity=10 + number) for number in range(5)]
        _submit(live, journal, "order-0", quantity=10)
        orders.append(_submit(live, journal, "patient", quantity=90, price="80.00"))
        live.fault("place", FaultKind.LOST_AFTER)
        live.fault("place", FaultKind.GARBAGE)
        live.fault("place", FaultKind.LOST_BEFORE)
        for order in Order.objects.filter(id__in=[order.id for order in orders]).order_by("created_at"):
            live.send(order)
        live.manual(quantity=7)
        for _ in range(4):
            live.reconcile()
        _cancel(live, orders[4])
        for _ in range(2):
            account_round(live.account.id)
        for event in live.journal()[:2]:
            live.book.fill(event["order_id"], 3, live.book.last_price("NSE:RELIANCE"))
        live.price("89.00")
        for _ in range(4):
            live.reconcile()
    with live.server.lock:
        return record(live.account, [journal], live.book.journal())


def _submit(live: LiveDesk, journal: ClientJournal, name: str, **terms: Any) -> Order:
    request = {"do": "submit", "client_order_id": name}
    if name not in journal.intents:
        journal.intend(request)
    order = live.submit(client_order_id=name, **{"price": "90.00", **terms})
    journal.learn(request, {"id": str(order.id)})
    return order


def _cancel(live: LiveDesk, order: Order) -> None:
    if Order.objects.filter(id=order.id).exclude(status__in=["REJECTED", "FILLED"]).exists():
        with tenant_scope(live.desk.organisation.id):
            order_cancel(actor=live.desk.trader, order_id=order.id)


def test_a_sound_run_is_found_sound(committed_live: LiveDesk, tmp_path: Path) -> None:
    history = played(committed_live, tmp_path / "client", nullcontext())
    assert violations(history) == []
    assert {row["status"] for row in history.orders} >= {"FILLED", "CANCELLED", "REJECTED"}
    assert any(row["foreign"] for row in history.orders)
    assert len(history.fills) > 3


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_bug_is_caught(committed_live: LiveDesk, tmp_path: Path, name: str) -> None:
    plant, invariant = PLANTS[name]
    found = violations(played(committed_live, tmp_path / "client", plant(committed_live)))
    assert any(line.startswith(invariant) for line in found), found
