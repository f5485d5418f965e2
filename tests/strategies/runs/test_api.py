"""Runs and signals over REST and on their pages."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from core.clock import wall_now
from tests.access.world import client_of
from tests.orders.desk import Desk, make_desk, show_book
from tests.strategies.runs.desk import decide, started_run, wanted
from trading.orders.models import Order
from trading.strategies.domain.runs.states import Mode, RunState
from trading.strategies.models import StrategyRun


@pytest.fixture
def client(desk: Desk) -> Client:
    return client_of(User.objects.get(id=desk.trader.user_id))


def _body(desk: Desk, **changes: Any) -> dict[str, Any]:
    body = {
        "account": str(desk.account.id),
        "name": "First",
        "strategy": "ma_cross",
        "parameters": {"fast": 5, "slow": 20},
        "symbols": [desk.instrument.key],
        "interval": "5m",
        "product": "INTRADAY",
        "capital": "100000",
        "limits": {"max_loss": "5000", "max_orders_day": 10},
        "schedule": {"weekdays": ["MON", "FRI"], "start": "09:30", "stop": "15:00", "flatten": True},
    }
    return {**body, **changes}


def test_a_run_lives_its_life_over_rest(desk: Desk, client: Client) -> None:
    made = client.post("/api/v1/strategy-runs", _body(desk), content_type="application/json")
    assert made.status_code == 201, made.content
    run = made.json()
    assert (run["state"], run["capital"], run["limits"]["max_loss"]) == ("DRAFT", "100000.00", "5000.00")
    assert run["schedule"] == {
        "weekdays": ["MON", "FRI"],
        "start": "09:30",
        "stop": "15:00",
        "special_sessions": True,
        "flatten": True,
    }
    at = f"/api/v1/strategy-runs/{run['id']}"
    states = [client.post(f"{at}/{act}").json()["state"] for act in ("start", "pause", "start")]
    assert states == ["RUNNING", "PAUSED", "RUNNING"]
    flattened = client.post(f"{at}/flatten").json()
    assert (flattened["run"]["state"], flattened["closed"]) == ("PAUSED", [])
    stopped = client.post(f"{at}/stop", {"flatten": True}, content_type="application/json")
    assert stopped.json()["state"] == "STOPPED"
    again = client.post(f"{at}/stop", {}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "run_stopped")
    assert [each["id"] for each in client.get("/api/v1/strategy-runs?state=stopped").json()["results"]] == [
        run["id"]
    ]
    assert client.get("/api/v1/strategy-runs?state=running").json()["results"] == []
    lines = client.get(f"{at}/journal").json()["results"]
    assert lines[-1]["message"].startswith("Created by")


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"strategy": "nonsense"}, 404, "unknown_strategy", None),
        ({"symbols": ["NSE:NOSUCH"]}, 404, "unknown_symbol", None),
        ({"symbols": []}, 400, "symbols_unfit", "symbols"),
        ({"capital": "-5"}, 400, "capital_invalid", "capital"),
        ({"capital": "NaN"}, 400, None, "capital"),
        ({"capital": 1e30}, 400, None, "capital"),
        ({"interval": "7m"}, 400, None, "interval"),
        ({"mode": "YOLO"}, 400, None, "mode"),
        ({"parameters": {"fast": "x"}}, 400, "parameter_invalid", None),
        ({"parameters": []}, 400, None, "parameters"),
        ({"limits": {"max_loss": "0"}}, 400, "limit_invalid", "limits.max_loss"),
        ({"schedule": {"weekdays": ["NODAY"]}}, 400, None, None),
        ({"schedule": {"start": "15:00", "stop": "09:15"}}, 400, "schedule_invalid", "schedule.stop"),
        ({"account": str(uuid4())}, 404, "unknown_account", None),
    ],
)
def test_what_cannot_be_is_refused_with_a_code_and_a_field(
    desk: Desk, client: Client, changes: dict[str, Any], status: int, code: str | None, field: str | None
) -> None:
    answer = client.post("/api/v1/strategy-runs", _body(desk, **changes), content_type="application/json")
    assert answer.status_code == status, answer.content
    problem = answer.json()
    if code is not None:
        assert problem["code"] == code
    if field is not None:
        assert field in problem["errors"]
    assert not StrategyRun.objects.exists()


def test_signals_are_listed_approved_and_declined(desk: Desk, client: Client) -> None:
    show_book()
    run = started_run(desk, mode=Mode.APPROVE)
    first, second = decide(run, wanted("bars 1|buy"))[0], decide(run, wanted("bars 2|buy"))[0]
    listed = client.get("/api/v1/signals?strategy=ma_cross&state=waiting").json()["results"]
    assert [each["seq"] for each in listed] == [2, 1]
    approved = client.post(f"/api/v1/signals/{first.id}/approve").json()
    assert (approved["state"], approved["decision_price"]) == ("ORDERED", None)
    assert approved["order"] == str(Order.objects.get().id)
    assert client.post(f"/api/v1/signals/{second.id}/decline").json()["state"] == "DECLINED"
    again = client.post(f"/api/v1/signals/{second.id}/approve")
    assert (again.status_code, again.json()["code"]) == (409, "signal_declined")


def test_a_stranger_gets_404_for_everything_of_it(desk: Desk) -> None:
    run = started_run(desk, mode=Mode.APPROVE)
    signal = decide(run, wanted("bars 1|buy"))[0]
    stranger = client_of(User.objects.get(id=make_desk(key="NSE:TCS").trader.user_id))
    at = f"/api/v1/strategy-runs/{run.id}"
    assert stranger.get(at).status_code == 404
    assert stranger.get("/api/v1/signals").json()["results"] == []
    for act in ("start", "pause", "stop", "flatten"):
        assert stranger.post(f"{at}/{act}", {}, content_type="application/json").status_code == 404
    assert stranger.post(f"/api/v1/signals/{signal.id}/approve").status_code == 404
    assert stranger.get(f"/strategies/runs/{run.id}/").status_code == 404


def test_the_pages_make_start_and_show_a_run(desk: Desk, client: Client) -> None:
    assert b"Moving-average cross" in client.get("/strategies/runs/new/").content
    form = client.get("/strategies/runs/new/?strategy=ma_cross")
    assert b"setting_fast" in form.content
    sent = {
        "strategy": "ma_cross",
        "name": "By hand",
        "account": str(desk.account.id),
        "symbols": desk.instrument.key,
        "interval": "5m",
        "product": "INTRADAY",
        "capital": "50000",
        "mode": "APPROVE",
        "signal_seconds": "60",
        "weekdays": ["0", "1"],
        "setting_fast": "5",
        "setting_slow": "20",
        **{
            name: value
            for name, value in form.context["form"].initial.items()
            if name.startswith("setting_") and name not in ("setting_fast", "setting_slow")
        },
        "setting_sides": "both",
        "setting_average": "sma",
    }
    made = client.post("/strategies/runs/new/", sent)
    assert made.status_code == 302, made.context["form"].errors
    run = StrategyRun.objects.get()
    assert run.parameters["fast"] == 5
    client.post(f"/strategies/runs/{run.id}/start/")
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    page = client.get(f"/strategies/runs/{run.id}/").content.decode()
    assert "By hand" in page
    assert "not driven" not in page, "a process has a moment to take it up"
    for state in (RunState.PAUSED, RunState.RUNNING):
        StrategyRun.objects.update(state=state, heartbeat_at=wall_now() - timedelta(seconds=6))
        assert "not driven" in client.get(f"/strategies/runs/{run.id}/").content.decode()
        assert "not driven" in client.get("/strategies/runs/").content.decode()
    assert b"By hand" in client.get("/strategies/runs/", headers={"HX-Request": "true"}).content
    wrong = client.post("/strategies/runs/new/", {**sent, "name": "By hand"})
    assert wrong.status_code == 422
    assert b"another run" in wrong.content
