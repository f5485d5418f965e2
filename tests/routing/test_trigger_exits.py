"""Exits of triggers on a live account: one order at the broker for one exit, also when the answer is lost."""

from datetime import timedelta

import pytest

from core import clock
from core.tenancy import tenant_scope
from notifications.models import Notification, NotificationKind
from tests.orders.watch import ask, leg, status
from tests.routing.live import LiveDesk
from trading.brokers.domain.terms import Side
from trading.brokers.simulator.faults import FaultKind
from trading.orders.domain.triggers.intent import LegIntent
from trading.orders.models import Order, Trigger
from trading.orders.monitor.sweep import sweep_triggers
from trading.orders.services.order.verification import orders_verify
from trading.orders.services.triggers import fire, trigger_create
from trading.portfolio.models import Position
from trading.portfolio.services import ledger_verify

SINGLE = ("SINGLE", (leg("SINGLE", 95),))
OCO = ("OCO", (leg("STOP", 95), leg("TARGET", 110)))
EVERY_KIND = pytest.mark.parametrize(("kind", "legs"), [SINGLE, OCO], ids=["SINGLE", "OCO"])
LEGS = tuple[LegIntent, ...]


def guarded(live: LiveDesk, kind: str, legs: LEGS) -> Trigger:
    """Ten units held at the broker, and a trigger that guards them here."""
    live.price("100")
    live.send(live.submit())
    live.reconcile()
    assert held(live) == 10
    with tenant_scope(live.desk.organisation.id):
        intent = ask(live.desk, kind, *legs, account_id=live.account.id)
        return trigger_create(actor=live.desk.trader, intent=intent)


def held(live: LiveDesk) -> int:
    return sum(Position.objects.filter(account=live.account).values_list("quantity", flat=True))


def sold(live: LiveDesk) -> list[str]:
    """The tags of what reached the broker to leave the position."""
    return [str(event["tag"]) for event in live.journal() if event["side"] == Side.SELL]


def exits(trigger: Trigger) -> list[Order]:
    return list(Order.objects.filter(trigger=trigger).order_by("created_at", "id"))


def look(times: int = 3) -> None:
    for _ in range(times):
        sweep_triggers()


@EVERY_KIND
def test_a_fired_exit_is_sent_once(live: LiveDesk, kind: str, legs: LEGS) -> None:
    trigger = guarded(live, kind, legs)
    live.price("94")
    look()
    (order,) = exits(trigger)
    assert (order.status, sold(live)) == ("PENDING_ROUTE", [])
    live.send(order)
    look()
    live.reconcile()
    assert (sold(live), held(live), status(trigger)) == ([order.id.hex], 0, "COMPLETED")
    assert [str(finding) for finding in (*ledger_verify(), *orders_verify())] == []


@EVERY_KIND
@pytest.mark.parametrize("kind_of_loss", [FaultKind.LOST_AFTER, FaultKind.GARBAGE, FaultKind.ERROR_500_DONE])
def test_an_exit_whose_answer_is_lost_is_looked_up_and_not_fired_again(
    live: LiveDesk, monkeypatch: pytest.MonkeyPatch, kind: str, legs: LEGS, kind_of_loss: FaultKind
) -> None:
    trigger = guarded(live, kind, legs)
    live.price("94")
    look()
    live.fault("place", kind_of_loss)
    (order,) = exits(trigger)
    assert live.send(order).status == "UNKNOWN"
    # The market runs away from the exit, which is what has a resting one placed again.
    monkeypatch.setattr(fire, "CHASE_AFTER", timedelta(0))
    live.price("70")
    look()
    assert [each.id for each in exits(trigger)] == [order.id]
    live.reconcile()
    look()
    live.reconcile()
    assert (sold(live), held(live), status(trigger)) == ([order.id.hex], 0, "COMPLETED")


@EVERY_KIND
def test_an_exit_that_never_arrived_is_an_alarm_and_goes_out_anew_under_another_name(
    live: LiveDesk, monkeypatch: pytest.MonkeyPatch, kind: str, legs: LEGS
) -> None:
    trigger = guarded(live, kind, legs)
    live.price("94")
    look()
    live.fault("place", FaultKind.LOST_BEFORE)
    (lost,) = exits(trigger)
    assert live.send(lost).status == "UNKNOWN"
    live.reconcile()
    look()
    assert [each.id for each in exits(trigger)] == [lost.id], "while it is not known, nothing else is sent"
    live.reconcile()
    live.reconcile()
    assert (live.again(lost).status_code, status(trigger)) == ("presumed_not_placed", "ALARM")
    assert Notification.objects.filter(kind=NotificationKind.ALARM, user_id=live.account.owner_id).count() == 1
    retried = trigger.legs.get(status="REFUSED")
    retried.next_attempt_at = clock.now()
    retried.save()
    look()
    (again,) = exits(trigger)[1:]
    live.send(again)
    live.reconcile()
    assert (sold(live), held(live), status(trigger)) == ([again.id.hex], 0, "COMPLETED")
