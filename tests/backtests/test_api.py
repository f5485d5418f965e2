"""Backtests over REST and on their pages: what is asked, what is answered, and who is refused."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pdfplumber
import pyarrow.parquet as pq
import pytest
from django.test import Client

from accounts.domain.permissions import Role
from accounts.models import Membership
from backtests.models import Run
from backtests.services.work import run_work
from core.tenancy import system_scope, tenant_scope
from tests.access.world import client_of
from tests.factories import make_instrument, make_member
from trading.instruments.models import Instrument

from .made import make_run, make_search
from .market import FIRST, LAST, make_minutes

pytestmark = pytest.mark.django_db

ASKED = {
    "strategy": "ma_cross",
    "parameters": {"fast": 5, "slow": 20},
    "symbols": ["NSE:RELIANCE"],
    "interval": "5m",
    "from": FIRST.isoformat(),
    "to": LAST.isoformat(),
}


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def work(run_id: str) -> None:
    with system_scope():
        for _ in range(5):
            run_work(Run.objects.get(pk=run_id).pk)


def kept(member: Membership) -> Run:
    with tenant_scope(member.organisation_id):
        return make_run(member.organisation, instrument=share())


def kept_sweep(member: Membership) -> Run:
    with tenant_scope(member.organisation_id):
        return make_search(member.organisation, instrument=share(), kind="SWEEP")


def share() -> Instrument:
    return Instrument.objects.filter(key="NSE:RELIANCE").first() or make_instrument()


def test_a_backtest_is_queued_followed_and_read() -> None:
    make_minutes()
    client = client_of(make_member(Role.TRADER).user)
    answer = post(client, "backtests", ASKED)
    assert answer.status_code == 202, answer.json()
    run_id = answer.json()["id"]
    assert (answer.json()["status"], answer.json()["metrics"]) == ("QUEUED", None)
    work(run_id)
    told = client.get(f"/api/v1/backtests/{run_id}").json()
    assert (told["status"], told["progress"]) == ("DONE", 1.0)
    assert sum(Decimal(cost["amount"]) for cost in told["costs"]) == Decimal(told["metrics"]["charges"]) > 0
    trades = client.get(f"/api/v1/backtests/{run_id}/trades?limit=3").json()
    assert trades["count"] == told["metrics"]["trades"]
    following = client.get(trades["next"]).json()
    assert [row["number"] for row in trades["results"] + following["results"]] == [1, 2, 3, 4, 5, 6]
    equity = client.get(f"/api/v1/backtests/{run_id}/equity?points=50").json()
    assert equity["days"][-1][1] == told["metrics"]["final_equity"]
    assert len(equity["points"]) <= 60
    page = client.get(f"/backtests/{run_id}/")
    assert page.status_code == 200
    for tab in ("trades", "chart", "spread", "times", "falls", "chance", "orders", "costs", "log"):
        assert client.get(f"/backtests/{run_id}/panel/?tab={tab}").status_code == 200, tab
    chart = client.get(f"/backtests/{run_id}/chart/?symbol=NSE:RELIANCE").json()
    assert len(chart["bars"]) > 500
    assert chart["marks"]


def test_what_cannot_be_run_is_told_with_code_and_field() -> None:
    make_minutes()
    client = client_of(make_member(Role.TRADER).user)
    answer = post(client, "backtests", ASKED | {"parameters": {"fast": 1}})
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_out_of_bounds")
    assert "parameters.fast" in answer.json()["errors"]
    answer = post(
        client, "sweeps", ASKED | {"axes": {"fast": {"from": 2, "to": 200}, "slow": {"from": 3, "to": 500}}}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "sweep_too_large")


def test_exports_say_the_same_in_every_form_and_defuse_formulas() -> None:
    member = make_member(Role.ANALYST)
    run = kept(member)
    client = client_of(member.user)
    path = f"/api/v1/backtests/{run.pk}/export?rows=trades&to="
    lines = list(csv.DictReader(io.StringIO(client.get(f"{path}csv").content.decode())))
    table = pq.read_table(io.BytesIO(client.get(f"{path}parquet").content)).to_pylist()
    rows = json.loads(client.get(f"{path}json").content)
    assert [row["net"] for row in lines] == [str(row["net"]) for row in table] == [row["net"] for row in rows]
    assert lines[0]["net"] == "10.00"
    assert (lines[0]["exit_tag"], table[0]["exit_tag"]) == ("'=flip", "=flip")
    assert table[0]["opened"].isoformat() == "2026-11-02T09:25:00+05:30"


def test_a_backtest_has_its_tear_sheet_as_a_pdf() -> None:
    member = make_member(Role.ANALYST)
    run = kept(member)
    answer = client_of(member.user).get(f"/api/v1/backtests/{run.pk}/tear-sheet.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    with pdfplumber.open(io.BytesIO(answer.content)) as file:
        text = "".join(page.extract_text() for page in file.pages)
    assert run.name in text
    assert "A backtest: what a strategy would have done on past prices" in text


def test_who_may_only_look_starts_nothing_and_takes_nothing_away() -> None:
    member = make_member(Role.VIEWER)
    run = kept(member)
    client = client_of(member.user)
    assert client.get(f"/api/v1/backtests/{run.pk}").status_code == 200
    assert post(client, "backtests", ASKED).status_code == 403
    assert client.get(f"/api/v1/backtests/{run.pk}/export").status_code == 403
    assert client.delete(f"/api/v1/backtests/{run.pk}").status_code == 403


def test_an_outsider_finds_nothing() -> None:
    ours, theirs = make_member(Role.OWNER), make_member(Role.OWNER)
    run, sweep = kept(ours), kept_sweep(ours)
    client = client_of(theirs.user)
    paths = (
        f"/api/v1/backtests/{run.pk}",
        f"/api/v1/backtests/{run.pk}/trades",
        f"/api/v1/sweeps/{sweep.pk}",
        f"/backtests/{run.pk}/",
        f"/backtests/{run.pk}/panel/?tab=orders",
    )
    assert [client.get(path).status_code for path in paths] == [404] * len(paths)
    assert client.get("/api/v1/backtests").json()["results"] == []
    compared = client.get(f"/api/v1/backtests/compare?ids={run.pk}").json()
    assert compared["runs"] == []


def test_a_kind_is_found_at_its_own_address_only() -> None:
    member = make_member(Role.TRADER)
    sweep = kept_sweep(member)
    client = client_of(member.user)
    assert client.get(f"/api/v1/backtests/{sweep.pk}").status_code == 404
    told = client.get(f"/api/v1/sweeps/{sweep.pk}").json()
    assert told["best"]["parameters"] == {"fast": 9, "slow": 34}
    assert "probably luck" in told["search"]["warning"]


def test_the_form_judges_while_it_is_filled_in_and_starts_what_it_says() -> None:
    make_minutes()
    member = make_member(Role.TRADER)
    client = client_of(member.user)
    body = {
        "strategy": "ma_cross",
        "symbols": "reliance",
        "interval": "5m",
        "first": FIRST.isoformat(),
        "last": LAST.isoformat(),
        "capital": "1000000",
        "charging": "RATES",
        "funds": "REAL",
        "p_fast": "5",
        "p_slow": "20",
    }
    assert "This can run" in client.post("/backtests/new/check/", body).content.decode()
    wrong = client.post("/backtests/new/check/", body | {"p_fast": "1"}).content.decode()
    assert "Must be from 2 to 200." in wrong
    search = {"kind": "SWEEP", "x_fast:from": "4", "x_fast:to": "8", "x_fast:step": "2"}
    assert ">3<" in client.post("/backtests/new/check/", body | search).content.decode()
    assert not Run.objects.exists()
    started = client.post("/backtests/new/", body | search)
    with tenant_scope(member.organisation_id):
        run = Run.objects.get()
        assert started.headers["Location"] == f"/backtests/{run.pk}/"
        assert (run.kind, run.cells.count()) == (Run.Kind.SWEEP, 3)
