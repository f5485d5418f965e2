"""What a run is held to: its capital from what it has open and in the market, and changing it while it runs."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from accounts.models import AuditEntry, User
from core import clock
from core.errors import Conflict, PermissionDenied
from core.money import to_paise
from notifications.models import Notification
from tests.access.world import client_of
from tests.factories import actor_for, make_instrument, make_member
from tests.orders.desk import Desk, make_desk, show_book
from tests.strategies.runs.desk import decide, make_run, started_run, wanted
from tests.strategies.runs.strategies import installed
from tests.strategies.runs.test_driver import driven, tell
from trading.brokers.domain.terms import Side
from trading.orders.models import Order
from trading.strategies.domain.runs.limits import RunLimits, approval_band, loosened
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import Mode, RunState
from trading.strategies.models import RunMark, RunNote, Signal, StrategyRun
from trading.strategies.selectors.runs.worth import run_worth
from trading.strategies.services.runs import run_limits_change, run_pause, signal_approve


@pytest.fixture(autouse=True)
def _strategies() -> Iterator[None]:
    with installed():
        yield


@pytest.fixture
def client(desk: Desk) -> Client:
    return client_of(User.objects.get(id=desk.trader.user_id))


def patched(client: Client, run: StrategyRun, **body: Any) -> Any:
    return client.patch(f"/api/v1/strategy-runs/{run.id}", body, content_type="application/json")


# What an order of 10 at 100 takes of an intraday run: a fifth of its value, and a little for charges.
def test_an_order_that_needs_more_than_is_left_of_the_capital_is_refused_and_recorded(desk: Desk) -> None:
    show_book()
    run = started_run(desk, capital=Decimal(300))
    first, second = (
        decide(run, wanted("a", decision_price=Decimal(100))),
        decide(run, wanted("b", decision_price=Decimal(100))),
    )
    assert first[0].state == SignalState.ORDERED, first[0].reason
    assert (second[0].state, second[0].code) == (SignalState.REFUSED, "capital_exceeded")
    assert "left of its capital" in second[0].reason
    assert Order.objects.count() == 1
    out = decide(run, wanted("c", Side.SELL, decision_price=Decimal(100)))[0]
    assert out.state == SignalState.ORDERED, "getting out needs no capital"
    again = decide(run, wanted("d", decision_price=Decimal(100)))[0]
    assert again.state == SignalState.ORDERED, "what was closed is free again"


def test_capital_that_rests_in_an_order_is_in_use(desk: Desk) -> None:
    show_book()
    run = started_run(desk, capital=Decimal(300))
    resting, other = decide(run, wanted("a", price=90))[0], decide(run, wanted("b", price=90))[0]
    assert (resting.state, other.code) == (SignalState.ORDERED, "capital_exceeded")
    assert Order.objects.get().hold_paise > 0


def test_what_the_run_has_lost_is_no_capital_any_more(desk: Desk) -> None:
    show_book()
    run = started_run(desk, capital=Decimal(300))
    StrategyRun.objects.update(net_paise=-150_00)
    [signal] = decide(run, wanted("a", decision_price=Decimal(100)))
    assert signal.code == "capital_exceeded"


def test_of_signals_that_wait_the_capital_is_asked_again_when_each_is_approved(desk: Desk) -> None:
    show_book()
    run = started_run(desk, capital=Decimal(300), mode=Mode.APPROVE)
    first, second = (decide(run, wanted(name, decision_price=Decimal(100)))[0] for name in "ab")
    assert (first.state, second.state) == (SignalState.WAITING, SignalState.WAITING)
    assert signal_approve(actor=desk.trader, signal_id=first.id).state == SignalState.ORDERED
    refused = signal_approve(actor=desk.trader, signal_id=second.id)
    assert (refused.state, refused.code) == (SignalState.REFUSED, "capital_exceeded")
    assert (refused.answered_by, Order.objects.count()) == (desk.trader.label, 1)
    assert AuditEntry.objects.filter(action="signal.refused").count() == 1


def test_a_lower_limit_holds_for_what_waits_too(desk: Desk) -> None:
    show_book()
    make_instrument("NSE:INFY")
    run = started_run(desk, mode=Mode.APPROVE)
    first, second = decide(run, wanted("a"))[0], decide(run, wanted("b", symbol="NSE:INFY"))[0]
    run_limits_change(actor=desk.trader, run_id=run.id, changes={"max_open_positions": 1})
    assert signal_approve(actor=desk.trader, signal_id=first.id).state == SignalState.ORDERED
    assert signal_approve(actor=desk.trader, signal_id=second.id).code == "max_open_positions"


@pytest.mark.parametrize(
    ("before", "after", "looser"),
    [
        (RunLimits(), RunLimits(max_orders_day=5), ()),
        (RunLimits(max_orders_day=5), RunLimits(max_orders_day=4), ()),
        (RunLimits(max_orders_day=5), RunLimits(max_orders_day=6), ("max_orders_day",)),
        (RunLimits(max_loss=Decimal(5)), RunLimits(), ("max_loss",)),
        (RunLimits(approval_band=Decimal(1)), RunLimits(max_loss=Decimal(1)), ("approval_band",)),
    ],
)
def test_more_than_before_is_looser_and_none_is_most(
    before: RunLimits, after: RunLimits, looser: tuple[str, ...]
) -> None:
    assert loosened(before, after) == looser


def test_a_tighter_limit_is_taken_at_the_next_decision_and_told(desk: Desk) -> None:
    show_book()
    run = started_run(desk)
    decide(run, wanted("a"))
    run_limits_change(actor=desk.trader, run_id=run.id, changes={"max_orders_day": 1})
    [signal] = decide(run, wanted("b"))
    assert signal.code == "max_orders_day"
    assert RunNote.objects.get(run=run, kind="LIMIT").message.endswith("orders a day none → 1.")
    entry = AuditEntry.objects.get(action="strategy_run.limits_changed")
    assert (entry.data["before"], entry.data["after"]) == ({"max_orders_day": None}, {"max_orders_day": 1})
    assert not Notification.objects.filter(title__contains="loosened").exists()


def test_nothing_is_loosened_unless_it_is_said_on_purpose_and_then_people_are_told(desk: Desk) -> None:
    run = started_run(desk, limits=RunLimits(max_loss=Decimal(1000), max_orders_day=3))
    for changes in ({"max_loss": Decimal(1001)}, {"max_loss": None}, {"capital": Decimal(100_001)}):
        with pytest.raises(Conflict) as refusal:
            run_limits_change(actor=desk.trader, run_id=run.id, changes=changes)  # type: ignore[arg-type]
        assert refusal.value.code == "loosening_unconfirmed"
    run.refresh_from_db()
    assert (run.limits.max_loss, run.capital) == (Decimal(1000), Decimal(100_000))
    changed = run_limits_change(
        actor=desk.trader, run_id=run.id, changes={"max_loss": None, "max_orders_day": 2}, may_loosen=True
    )
    assert (changed.limits.max_loss, changed.limits.max_orders_day) == (None, 2)
    assert AuditEntry.objects.get(action="strategy_run.limits_changed").data["loosened"] == ["max_loss"]
    assert Notification.objects.get(title__contains="loosened").kind == "risk"


def test_a_looser_limit_of_the_run_does_not_reach_the_houses_own(desk: Desk, settings: Any) -> None:
    settings.PRE_TRADE_GATES = ["tests.orders.desk.ModestGate"]
    show_book()
    run = started_run(desk, limits=RunLimits(max_orders_day=1))
    run_limits_change(
        actor=desk.trader,
        run_id=run.id,
        changes={"max_orders_day": None, "capital": Decimal(10**9)},
        may_loosen=True,
    )
    [signal] = decide(run, wanted("a", quantity=101))
    assert (signal.state, signal.code) == (SignalState.REFUSED, "too_many")


def test_a_run_that_is_driven_takes_a_changed_loss_limit_and_capital_over(desk: Desk) -> None:
    run = started_run(desk, strategy="test_ticker", parameters={"quantity": 10})
    driver = driven(run)
    tell(driver, show_book())
    cheap = show_book(ltp="94.00", bids=(("93.95", 1000),), asks=(("94.00", 1000),))
    run_pause(actor=desk.trader, run_id=run.id)
    tell(driver, cheap)
    StrategyRun.objects.filter(id=run.id).update(state=RunState.RUNNING)
    run_limits_change(
        actor=desk.trader, run_id=run.id, changes={"max_loss": Decimal(50), "capital": Decimal(90_000)}
    )
    driver.turn({}, rung=True)
    run.refresh_from_db()
    assert driver.host.context.capital == Decimal(90_000)
    assert (run.state, run.state_code) == (RunState.STOPPED, "max_loss")


def test_only_who_may_run_strategies_on_the_account_changes_them(desk: Desk) -> None:
    run = started_run(desk)
    for role in (Role.VIEWER, Role.ANALYST, Role.RISK_MANAGER, Role.ADMIN):
        member = make_member(role, desk.organisation)
        with pytest.raises(PermissionDenied):
            run_limits_change(actor=actor_for(member), run_id=run.id, changes={"max_orders_day": 1})
        assert patched(client_of(member.user), run, limits={"max_orders_day": 1}).status_code == 403
        assert client_of(member.user).get(f"/strategies/runs/{run.id}/limits/").status_code == 403
    colleague = client_of(make_member(Role.TRADER, desk.organisation).user)
    stranger = client_of(User.objects.get(id=make_desk(key="NSE:TCS").trader.user_id))
    for somebody in (colleague, stranger):
        assert patched(somebody, run, limits={"max_orders_day": 1}).status_code == 404
        assert somebody.get(f"/strategies/runs/{run.id}/limits/").status_code == 404
        assert somebody.post(f"/strategies/runs/{run.id}/limits/", {}).status_code == 404
    assert (
        client_of(make_member(Role.OWNER, desk.organisation).user)
        .get(f"/strategies/runs/{run.id}/limits/")
        .status_code
        == 200
    )
    run.refresh_from_db()
    assert run.max_orders_day is None


def test_limits_are_changed_over_rest_and_what_is_left_out_stays(desk: Desk, client: Client) -> None:
    run = make_run(desk, limits=RunLimits(max_loss=Decimal(5000), max_orders_day=9))
    answer = patched(client, run, capital="90000", limits={"max_loss": "4000", "approval_band": "0.5"})
    assert answer.status_code == 200, answer.content
    limits = answer.json()["limits"]
    assert (answer.json()["capital"], limits["max_loss"], limits["max_orders_day"]) == ("90000.00", "4000.00", 9)
    assert limits["approval_band"] == "0.50"
    refused = patched(client, run, limits={"max_orders_day": None})
    assert (refused.status_code, refused.json()["code"]) == (409, "loosening_unconfirmed")
    assert "limits.max_orders_day" in refused.json()["errors"]
    loosened = patched(client, run, limits={"max_orders_day": None}, loosen=True)
    assert loosened.json()["limits"]["max_orders_day"] is None


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "nothing_to_change", None),
        ({"capital": "0"}, "capital_invalid", "capital"),
        ({"capital": None}, None, "capital"),
        ({"capital": "NaN"}, None, "capital"),
        ({"signal_seconds": 1}, "signal_seconds_invalid", "signal_seconds"),
        ({"limits": {"max_loss": "-1"}}, "limit_invalid", "limits.max_loss"),
        ({"limits": {"max_orders_day": 1.5}}, None, None),
        ({"limits": {"approval_band": "0.001"}}, "limit_invalid", "limits.approval_band"),
        ({"limits": {"approval_band": "101"}}, "limit_invalid", "limits.approval_band"),
        ({"limits": {"max_los": "1"}}, None, None),
        ({"limits": "all"}, None, None),
        ({"max_loss": "1"}, None, "max_loss"),
        ({"state": "RUNNING"}, None, "state"),
    ],
)
def test_what_cannot_be_a_limit_is_refused_and_nothing_changes(
    desk: Desk, client: Client, body: dict[str, Any], code: str | None, field: str | None
) -> None:
    run = make_run(desk)
    answer = patched(client, run, **body)
    assert answer.status_code == 400, answer.content
    if code is not None:
        assert answer.json()["code"] == code
    if field is not None:
        assert field in answer.json()["errors"]
    assert not AuditEntry.objects.filter(action="strategy_run.limits_changed").exists()


def test_the_page_shows_the_limits_and_changes_them(desk: Desk, client: Client) -> None:
    run = make_run(desk, limits=RunLimits(max_loss=Decimal(5000)))
    at = f"/strategies/runs/{run.id}/limits/"
    assert at in client.get(f"/strategies/runs/{run.id}/").content.decode()
    assert 'value="5000' in client.get(at).content.decode()
    asked = {"capital": "100000", "signal_seconds": "120", "max_loss": "", "approval_band": "1"}
    refused = client.post(at, asked)
    assert refused.status_code == 422
    assert "This allows more than before." in refused.content.decode()
    wrong = client.post(at, {**asked, "max_loss": "-3"})
    assert (wrong.status_code, run.limits.max_loss) == (422, Decimal(5000))
    done = client.post(at, {**asked, "loosen": "on"}, follow=True)
    assert "± 1%" in done.content.decode()
    run.refresh_from_db()
    assert run.limits == RunLimits(approval_band=Decimal(1))


def test_a_band_is_told_to_the_paisa() -> None:
    limits = RunLimits(approval_band=Decimal("0.5"))
    assert approval_band(limits, Decimal("99.95")) == (Decimal("99.45"), Decimal("100.45"))
    assert approval_band(limits, None) is None
    assert approval_band(RunLimits(), Decimal(1)) is None


def test_a_signal_is_not_approved_while_the_price_has_moved_beyond_the_band(desk: Desk, client: Client) -> None:
    show_book()
    run = started_run(desk, mode=Mode.APPROVE, limits=RunLimits(approval_band=Decimal(1)))
    [signal] = decide(run, wanted("a", decision_price=Decimal(100)))
    shown = client.get(f"/api/v1/signals?run={run.id}").json()["results"][0]
    assert (shown["approve_from"], shown["approve_to"]) == ("99.00", "101.00")
    assert "99.00 to 101.00" in client.get(f"/strategies/runs/{run.id}/").content.decode()
    for price in ("101.05", "98.95"):
        show_book(ltp=price)
        answer = client.post(f"/api/v1/signals/{signal.id}/approve")
        assert (answer.status_code, answer.json()["code"]) == (409, "price_moved")
    assert Signal.objects.get().state == SignalState.WAITING
    assert not Order.objects.exists()
    show_book(ltp="101.00")
    assert client.post(f"/api/v1/signals/{signal.id}/approve").json()["state"] == "ORDERED"


def test_without_a_fresh_price_nothing_is_approved_that_has_a_band(desk: Desk) -> None:
    run = started_run(desk, mode=Mode.APPROVE, limits=RunLimits(approval_band=Decimal(1)))
    [signal] = decide(run, wanted("a", price=90, decision_price=Decimal(100)))
    with pytest.raises(Conflict) as refusal:
        signal_approve(actor=desk.trader, signal_id=signal.id)
    assert refusal.value.code == "price_unknown"
    assert not Order.objects.exists()


def test_a_changed_capital_is_neither_profit_nor_loss_on_the_curve(desk: Desk) -> None:
    run = started_run(desk, capital=Decimal(200_000))
    for minute, net in enumerate((Decimal(0), Decimal(-500), Decimal(1_000))):
        RunMark.objects.create(
            organisation_id=run.organisation_id,
            run=run,
            at=clock.now() - timedelta(minutes=5 - minute),
            equity_paise=run.capital_paise + to_paise(net),
            net_paise=to_paise(net),
        )
    StrategyRun.objects.filter(id=run.id).update(capital_paise=300_000_00, net_paise=1_000_00)
    run.refresh_from_db()
    worth = run_worth(run)
    assert [int(value) for _, value in worth.curve] == [300_000, 299_500, 301_000, 301_000]
    assert (worth.low, worth.high, worth.equity) == (299_500, 301_000, 301_000)
