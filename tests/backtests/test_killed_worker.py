"""A worker that is killed in the middle of a sweep loses nothing that was stored, and nothing is tried twice."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import pytest
from django.db import connection

from accounts.domain.actor import Actor
from accounts.domain.permissions import Role
from accounts.models import User
from backtests.domain.engine import Funds
from backtests.domain.overfitting import Together
from backtests.domain.search_terms import SearchTerms
from backtests.models import Cell, Run, RunSeries
from backtests.selectors import progress
from backtests.selectors.results import series_get
from backtests.services import evaluating
from backtests.services.leases import runs_ring
from backtests.services.runs import backtest_start
from backtests.services.searches import sweep_start
from backtests.services.work import run_work
from core.clock import wall_now
from core.tenancy import tenant_scope
from tests.access.world import client_of
from tests.factories import actor_for, make_member

from .market import make_minutes
from .test_runs import terms

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


@pytest.fixture
def trader(transactional_db: None) -> Iterator[Actor]:
    make_minutes()
    actor = actor_for(make_member(Role.TRADER))
    with tenant_scope(actor.organisation_id):
        yield actor


def start_worker(run_id: UUID) -> subprocess.Popen[bytes]:
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path="/" + connection.settings_dict["NAME"]))
    return subprocess.Popen(
        [sys.executable, "-m", "tests.backtests.worker", str(run_id)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
    )


def test_a_worker_killed_in_the_middle_of_a_backtest_leaves_nothing_half(trader: Actor) -> None:
    run = backtest_start(actor=trader, terms=terms(parameters={"fast": 2, "slow": 3}))
    other = backtest_start(actor=trader, terms=terms(parameters={"fast": 2, "slow": 3}))
    worker = start_worker(run.pk)
    try:
        until = time.monotonic() + PATIENCE
        while run.lease is None and time.monotonic() < until:
            time.sleep(0.005)
            run.refresh_from_db()
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    run.refresh_from_db()
    assert (run.status, run.final_paise, run.series.count()) == (Run.Status.RUNNING, None, 0)
    Run.objects.filter(pk=run.pk).update(leased_until="2026-01-01T00:00:00Z")
    for each in (run, other):
        run_work(each.pk)
        each.refresh_from_db()
    assert (run.status, run.attempts, other.attempts) == (Run.Status.DONE, 1, 0)
    assert run.series.count() == other.series.count()
    for name in (RunSeries.Name.EQUITY, RunSeries.Name.TRADES):
        kept, whole = series_get(run, name), series_get(other, name)
        assert {key: column.tolist() for key, column in kept.items() if column.dtype.kind != "f"} == {
            key: column.tolist() for key, column in whole.items() if column.dtype.kind != "f"
        }


def test_a_worker_that_stops_beating_is_told_on_the_page_and_in_the_api_until_it_beats_again(
    trader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SILENCE", timedelta(seconds=2))
    search = SearchTerms(axes={"fast": {"from": 3, "to": 10, "step": 1}, "slow": [20, 30]})
    run = sweep_start(actor=trader, terms=terms(funds=Funds.ENDLESS), search=search)
    client = client_of(User.objects.get(pk=trader.user_id))

    def shown() -> str:
        found = re.search(
            r"<b>([^<]*)</b>", client.get(f"/backtests/{run.pk}/", headers={"HX-Target": "progress"}).text
        )
        return found[1] if found else ""

    def told() -> dict[str, Any]:
        answer: dict[str, Any] = client.get(f"/api/v1/sweeps/{run.pk}").json()
        return answer

    def until(is_there: Callable[[], object]) -> None:
        last = time.monotonic() + PATIENCE
        while not is_there() and time.monotonic() < last:
            time.sleep(0.05)
        assert is_there()

    assert (shown(), told()["worker_seen_at"]) == ("Waiting for a worker", None)
    worker = start_worker(run.pk)
    try:
        until(lambda: run.cells.filter(status=Cell.Status.DONE).exists())
        worker.send_signal(signal.SIGSTOP)
        until(lambda: shown().startswith("No sign of its worker for "))
        silent = told()
        assert silent["status"] == "RUNNING"
        seen = datetime.fromisoformat(silent["worker_seen_at"])
        assert timedelta(seconds=2) < wall_now() - seen < timedelta(seconds=PATIENCE)
        assert re.fullmatch(r"No sign of its worker for \d+ s; another takes over in \d+ s", shown())
        assert told()["worker_seen_at"] == silent["worker_seen_at"], "looking at it is no sign of life"

        worker.send_signal(signal.SIGCONT)
        until(lambda: told()["worker_seen_at"] != silent["worker_seen_at"])
        assert "No sign" not in shown()
    finally:
        worker.kill()
        worker.wait()
    # It is gone for good: while its lease lasts nothing is lost, then the next one goes on.
    until(lambda: told()["status"] != "RUNNING" or shown().startswith("No sign of its worker for "))
    Run.objects.filter(pk=run.pk, status=Run.Status.RUNNING).update(leased_until=wall_now() - timedelta(seconds=1))
    assert told()["status"] == "DONE" or shown() == "Its worker is lost; the next one goes on with what is stored"
    for _ in range(10):
        run_work(run.pk)
    assert (told()["status"], told()["worker_seen_at"]) == ("DONE", None)


def test_a_worker_killed_in_the_middle_of_a_sweep_loses_nothing(
    trader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Endless funds are not for the kernel: the engine tries one combination after another.
    asked = terms(funds=Funds.ENDLESS)
    search = SearchTerms(axes={"fast": {"from": 3, "to": 10, "step": 1}, "slow": [20, 30]})
    run = sweep_start(actor=trader, terms=asked, search=search)
    total = run.cells.count()
    worker = start_worker(run.pk)
    try:
        until = time.monotonic() + PATIENCE
        while run.cells.filter(status=Cell.Status.DONE).count() < 3 and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    stored = {cell.number: (cell.score, cell.net_paise) for cell in run.cells.filter(status=Cell.Status.DONE)}
    assert 3 <= len(stored) < total, "it was to be killed in the middle"
    run.refresh_from_db()
    assert run.status == Run.Status.RUNNING
    assert run.lease is not None

    # Nobody else may have it while its lease lasts; then the sweep rings and the next worker goes on.
    run_work(run.pk)
    assert run.cells.filter(status=Cell.Status.DONE).count() == len(stored)
    Run.objects.filter(pk=run.pk).update(leased_until="2026-01-01T00:00:00Z")
    assert runs_ring() == 1
    tried: list[object] = []
    plain = evaluating._EngineEvaluator.try_each

    def counted(self: Any, cells: Sequence[Any], watch: Any) -> Any:
        tried.extend(cells)
        return plain(self, cells, watch)

    monkeypatch.setattr(evaluating._EngineEvaluator, "try_each", counted)
    for _ in range(10):
        run_work(run.pk)
    run.refresh_from_db()
    cells = list(run.cells.order_by("number"))
    assert (run.status, run.attempts) == (Run.Status.DONE, 1)
    assert [cell.status for cell in cells] == [Cell.Status.DONE] * total
    assert {cell.number: (cell.score, cell.net_paise) for cell in cells if cell.number in stored} == stored
    assert len(tried) == total - len(stored)
    # Luck is added up chunk by chunk: what the lost worker stored counts once, what it had not stored not at all.
    run.search.refresh_from_db()
    assert run.search.together is not None
    assert Together.from_bytes(run.search.together).count == sum(cell.kurtosis is not None for cell in cells)
    assert run.search.trials == total
