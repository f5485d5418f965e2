"""The form of a run: several strategies, and what is wrong told at the box that it is about."""

import re
from datetime import date
from typing import Any

import pytest

from accounts.domain.permissions import Role
from accounts.models import Membership
from backtests.models import Run
from backtests.selectors.comparison import comparison
from backtests.services.work import run_work
from core.tenancy import tenant_scope
from tests.access.world import client_of
from tests.factories import actor_for, make_instrument, make_member
from trading.strategies.services.code import code_create

from .made import make_run
from .market import FIRST, LAST, make_minutes

pytestmark = pytest.mark.django_db

BODY = {
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
SECOND = {"s3-strategy": "ma_cross", "s3-symbols": "tcs", "s3-interval": "15m", "s3-p_fast": "4", "s3-p_slow": "9"}


@pytest.fixture
def trader() -> Membership:
    make_minutes()
    make_minutes("NSE:TCS", seed=2)
    return make_member(Role.TRADER)


def test_several_strategies_share_the_capital_of_one_run(trader: Membership) -> None:
    client = client_of(trader.user)
    assert "2. Moving-average cross" in client.post("/backtests/new/check/", BODY | SECOND).content.decode()
    started = client.post("/backtests/new/", BODY | SECOND)
    with tenant_scope(trader.organisation_id):
        run = Run.objects.get()
        assert started.headers["Location"] == f"/backtests/{run.pk}/"
        told = [(each.symbols, each.interval, each.parameters["fast"]) for each in run.strategies.all()]
        assert told == [(["NSE:RELIANCE"], "5m", 5), (["NSE:TCS"], "15m", 4)]
        run_work(run.pk)
        run.refresh_from_db()
        assert run.status == Run.Status.DONE, run.message
    page = client.get(f"/backtests/{run.pk}/").content.decode()
    assert page.count('class="settings-line"') == 2
    again = client.get(f"/backtests/new/?from={run.pk}").content.decode()
    assert 'name="s2-p_fast" value="4"' in again
    assert 'name="p_fast" value="5"' in again


def test_a_strategy_is_added_with_a_number_of_its_own_up_to_the_bound(trader: Membership) -> None:
    client = client_of(trader.user)
    added = client.post("/backtests/new/strategies/", BODY | SECOND)
    assert 'name="s4-strategy"' in added.content.decode()
    assert "backtests:changed" in added.headers["HX-Trigger-After-Settle"]
    settings = client.get("/backtests/new/settings/?number=4&s4-strategy=rsi_reversion").content.decode()
    assert 'name="s4-p_period"' in settings
    many = {f"s{number}-strategy": "ma_cross" for number in range(2, 9)}
    assert client.post("/backtests/new/strategies/", BODY | many).status_code == 204


def boxes(answer: Any) -> dict[str, str]:
    """What is said, by the box that it stands at."""
    found = re.findall(r'<li data-box="([^"]*)">.*?<span>(.*?)</span></li>', answer.content.decode())
    return dict(found)


@pytest.mark.parametrize(
    ("changed", "box", "words"),
    [
        ({"first": LAST.isoformat(), "last": FIRST.isoformat()}, "last", "ends before it begins"),
        ({"first": "2026-11-07", "last": "2026-11-08"}, "first", "was closed"),
        ({"first": "2026-10-05", "last": "2026-10-09"}, "symbols", "no bars of NSE:RELIANCE"),
        ({"symbols": "nobody"}, "symbols", "NSE:NOBODY"),
        ({"symbols": ""}, "symbols", "required"),
        ({"capital": "-5"}, "capital", "Must be from"),
        ({"capital": "1e30"}, "capital", "digits"),
        ({"p_fast": "1"}, "p_fast", "Must be from 2 to 200."),
        ({"p_fast": "quick"}, "p_fast", "whole number"),
        ({"p_fast": "50"}, "strategy", ""),
        ({"slippage_model": "TICKS", "slippage_value": "5000"}, "slippage_value", "Must be from 0"),
        ({"benchmark": "NSE:NOBODY"}, "benchmark", "NSE:NOBODY"),
        ({"strategy": "none"}, "strategy", "no such strategy"),
        (SECOND | {"s3-symbols": "nobody"}, "s3-symbols", "NSE:NOBODY"),
        (SECOND | {"s3-p_fast": "1"}, "s3-p_fast", "Must be from 2 to 200."),
        (SECOND | {"s3-interval": ""}, "s3-interval", "required"),
        ({"kind": "SWEEP"}, "", "at least one setting"),
        ({"kind": "SWEEP", "x_fast:from": "9", "x_fast:to": "2"}, "x_fast:from", "step"),
        (
            {"kind": "SWEEP", "x_fast:from": "2", "x_fast:to": "200", "x_slow:from": "3", "x_slow:to": "500"},
            "",
            "99,102 combinations",
        ),
        (
            {"kind": "WALK_FORWARD", "x_fast": "3,4", "in_sample": "900", "out_of_sample": "1"},
            "in_sample",
            "too few",
        ),
    ],
)
def test_what_is_wrong_stands_at_its_box(trader: Membership, changed: dict[str, str], box: str, words: str) -> None:
    client = client_of(trader.user)
    said = boxes(client.post("/backtests/new/check/", BODY | changed))
    assert list(said) == [box], said
    assert words in said[box]
    assert client.post("/backtests/new/", BODY | changed).status_code == 422
    with tenant_scope(trader.organisation_id):
        assert not Run.objects.exists()


def test_a_sweep_of_two_strategies_is_refused(trader: Membership) -> None:
    answer = client_of(trader.user).post(
        "/backtests/new/check/", BODY | SECOND | {"kind": "SWEEP", "x_fast": "3,4"}
    )
    assert "A sweep varies the settings of one strategy." in answer.content.decode()


FAILING = """
from trading.strategies.domain import Doc, Kind, Strategy
class Mine(Strategy):
    key = "mine"
    title = "My own"
    kind = Kind.TREND
    doc = Doc("Fails.", "At once.", "Always.")
    def on_bar(self, ctx, bar):
        {line}
"""


def test_pages_that_name_own_strategies_start_none(monkeypatch: pytest.MonkeyPatch) -> None:
    member = make_member(Role.OWNER)
    conflict = "def conflict(self): return None\n    def on_bar(self, ctx, bar):"
    with tenant_scope(member.organisation_id):
        source = FAILING.replace("def on_bar(self, ctx, bar):", conflict).replace("{line}", "pass")
        code_create(actor=actor_for(member), source=source)
    client = client_of(member.user)

    def started(*_: object) -> None:
        raise AssertionError("a page needs no strategy to run")

    monkeypatch.setattr("trading.strategies.sandbox.proxy.StrategyProcess", started)
    for path in ("/strategies/", "/strategies/own.mine/", "/backtests/new/", "/backtests/new/?strategy=own.mine"):
        page = client.get(path)
        assert page.status_code == 200
        assert "My own" in page.content.decode()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("return {}['nothing']", ("line 9", "KeyError")),
        ("x = [0] * 10**10", ("line 9", "MemoryError")),
        ("while True: pass", ("Stopped after 5 s in on_bar, line 9", "a hook may take no longer")),
    ],
)
def test_own_code_that_fails_says_so_on_the_page_with_its_line(line: str, words: tuple[str, ...]) -> None:
    make_minutes()
    member = make_member(Role.OWNER)
    with tenant_scope(member.organisation_id):
        code_create(actor=actor_for(member), source=FAILING.replace("{line}", line))
    client = client_of(member.user)
    client.post("/backtests/new/", {**BODY, "strategy": "own.mine", "p_fast": "", "p_slow": ""})
    with tenant_scope(member.organisation_id):
        run = Run.objects.get()
        run_work(run.pk)
        run.refresh_from_db()
        assert (run.status, run.code) == (Run.Status.FAILED, "strategy_failed"), run.message
    page = client.get(f"/backtests/{run.pk}/").content.decode()
    assert all(word in page for word in words), run.message


def test_a_comparison_says_in_which_settings_the_runs_differ() -> None:
    member = make_member(Role.TRADER)
    instrument = make_instrument()
    with tenant_scope(member.organisation_id):
        one = make_run(member.organisation, instrument=instrument)
        other = make_run(member.organisation, instrument=instrument, last=date(2026, 11, 9), seed=3)
        other.strategies.update(parameters={"fast": 9, "slow": 50})
        found = comparison(actor_for(member), [one.pk, other.pk])
    assert {term.title: term.values for term in found.different} == {
        "Slow": ("21", "50"),
        "Seed": ("0", "3"),
        "Span": ("2 Nov 2026 – 6 Nov 2026", "2 Nov 2026 – 9 Nov 2026"),
    }
    assert "Fast" in {term.title for term in found.alike}
    page = client_of(member.user).get(f"/backtests/compare/?id={one.pk}&id={other.pk}").content.decode()
    assert page.count('class="differs"') == 3
