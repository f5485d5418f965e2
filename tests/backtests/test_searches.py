"""What a sweep's combinations can be asked for: sorted, narrowed, taken away, run alone, and judged for luck."""

import csv
import io
import json
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from accounts.domain.actor import Actor
from accounts.domain.permissions import Role
from accounts.models import User
from backtests.domain.overfitting import deflated_sharpe, effective_trials, probability_of_overfitting
from backtests.domain.search_terms import SearchTerms
from backtests.models import Cell, Run, RunSeries
from backtests.selectors.cells import Wanted, best_cell, cells_of
from backtests.selectors.results import series_get
from backtests.selectors.runs import runs_for
from backtests.services.cells import cell_start
from backtests.services.searches import sweep_start, walk_forward_start
from core.errors import InvalidInput, NotFound
from core.tenancy import system_scope, tenant_scope
from tests.access.world import client_of
from tests.factories import actor_for, make_instrument, make_member

from .made import make_search
from .market import FIRST, make_minutes
from .test_runs import terms, work_through

pytestmark = pytest.mark.django_db
GRID = SearchTerms(axes={"fast": [3, 4, 5, 6], "slow": [15, 20, 30]})


@pytest.fixture
def trader() -> Actor:
    make_minutes()
    return actor_for(make_member(Role.TRADER))


def returns_of(run: Run) -> np.ndarray[Any, Any]:
    daily = series_get(run, RunSeries.Name.DAILY)["paise"]
    worth = np.concatenate(([run.capital_paise], daily)).astype(float)
    return np.diff(worth) / worth[:-1]


@pytest.mark.parametrize("funds", ["REAL", "ENDLESS"], ids=["kernel", "engine"])
def test_luck_is_reckoned_from_the_daily_returns_of_all_combinations(trader: Actor, funds: str) -> None:
    """Held against whole runs of each combination; terms on which kernel and engine trade alike."""
    from backtests.domain.engine import Charging, Funds

    asked = terms(capital_paise=40_000_00, funds=Funds(funds), charging=Charging.NONE)
    search = SearchTerms(axes={"fast": [4, 6], "slow": [20, 30]})
    with tenant_scope(trader.organisation_id):
        sweep = sweep_start(actor=trader, terms=asked, search=search)
        work_through(sweep)
        alone = [cell_start(actor=trader, run_id=sweep.pk, number=number) for number in range(4)]
        for run in alone:
            work_through(run)
        columns = np.column_stack([returns_of(run) for run in alone])
        found = sweep.search
        found.refresh_from_db()
        assert found.trials == 4
        assert found.effective_trials == pytest.approx(effective_trials(columns), rel=1e-6)
        checked = probability_of_overfitting(columns, blocks=4)
        assert (found.overfit_probability, found.overfit_loss, found.overfit_splits) == (
            checked.probability, checked.chance_of_loss, checked.splits,
        )  # fmt: skip
        best = max(alone, key=lambda run: run.sharpe or 0)
        sharpes = np.array([run.sharpe for run in alone], dtype=float) / 252**0.5
        cell = best_cell(sweep)
        assert cell is not None
        bold = deflated_sharpe(
            sharpes, periods=len(columns), skew=cell.skew or 0, kurtosis=cell.kurtosis or 3,
            trials=effective_trials(columns),
        )  # fmt: skip
        assert found.deflated_effective == pytest.approx(bold.probability, rel=1e-6)
        assert best.net_paise == cell.net_paise


def test_a_sweep_in_which_nothing_traded_is_not_said_to_be_overfitted(trader: Actor) -> None:
    from backtests.domain.engine import Funds

    with tenant_scope(trader.organisation_id):
        # No share is to be had for so little.
        asked = terms(capital_paise=1_000_00, funds=Funds.REAL)
        sweep = sweep_start(actor=trader, terms=asked, search=GRID)
        work_through(sweep)
        sweep.refresh_from_db()
        found = sweep.search
        found.refresh_from_db()
        assert (sweep.message, found.overfit_probability) == ("No combination traded.", None)


def test_the_best_combination_opens_as_a_run_with_the_same_figures(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        sweep = sweep_start(actor=trader, terms=terms(capital_paise=40_000_00), search=GRID)
        work_through(sweep)
        cell = best_cell(sweep)
        assert cell is not None
    answer = client_of(User.objects.get(pk=trader.user_id)).post(f"/backtests/{sweep.pk}/cells/{cell.number}/run/")
    with tenant_scope(trader.organisation_id):
        run = runs_for(trader, kind=Run.Kind.BACKTEST).get()
        assert answer.headers["Location"] == f"/backtests/{run.pk}/"
        work_through(run)
        assert run.strategies.get().parameters == {**sweep.strategies.get().parameters, **cell.parameters}
        money = ("net_paise", "charges_paise", "trades")
        assert [getattr(run, name) for name in money] == [getattr(cell, name) for name in money]
        assert run.sharpe == pytest.approx(cell.sharpe, rel=1e-9)


def test_combinations_are_sorted_and_narrowed_by_figure_and_setting(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        sweep = sweep_start(actor=trader, terms=terms(), search=GRID)
        work_through(sweep)
        cells = list(sweep.cells.all())
        by_net = sorted(cells, key=lambda cell: (-(cell.net_paise or 0), cell.number))
        assert list(cells_of(sweep, 0, Wanted(order="-net_pnl"))) == by_net
        by_slow = sorted(cells, key=lambda cell: (cell.parameters["slow"], cell.number))
        assert list(cells_of(sweep, 0, Wanted(order="parameters.slow"))) == by_slow
        middle = sorted(cell.net_paise or 0 for cell in cells)[6]
        where = f"net_pnl>={middle / 100:.2f}, parameters.fast=4"
        assert set(cells_of(sweep, 0, Wanted(where=where))) == {
            cell for cell in cells if (cell.net_paise or 0) >= middle and cell.parameters["fast"] == 4
        }
        Cell.objects.filter(pk=cells[0].pk).update(sharpe=None)
        for order in ("sharpe", "-sharpe"):
            assert list(cells_of(sweep, 0, Wanted(order=order)))[-1] == cells[0]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted(order="luck"), "order_unknown"),
        (Wanted(order="parameters.speed"), "order_unknown"),
        (Wanted(order="run__organisation__name"), "order_unknown"),
        (Wanted(where="sharpe"), "where_invalid"),
        (Wanted(where="sharpe>much"), "where_invalid"),
        (Wanted(where="sharpe>NaN"), "where_invalid"),
        (Wanted(where="net_pnl>1e400"), "where_invalid"),
        (Wanted(where="parameters.speed=1"), "where_invalid"),
        (Wanted(where="parameters.fast=quick"), "where_invalid"),
        (Wanted(where=",".join(["sharpe>1"] * 11)), "where_invalid"),
    ],
)
def test_nonsense_is_refused_with_the_field(wanted: Wanted, code: str) -> None:
    member = make_member(Role.TRADER)
    with tenant_scope(member.organisation_id):
        sweep = make_search(member.organisation, instrument=make_instrument(), kind="SWEEP")
        with pytest.raises(InvalidInput) as refused:
            cells_of(sweep, 0, wanted)
        assert refused.value.code == code
        with pytest.raises(NotFound):
            cell_start(actor=actor_for(member), run_id=sweep.pk, number=10**12)
    page = client_of(member.user).get(f"/backtests/{sweep.pk}/", {"order": wanted.order, "where": wanted.where})
    assert 'id="cells-problem"' in page.content.decode()


def test_cells_are_paged_and_the_links_keep_what_was_asked() -> None:
    member = make_member(Role.VIEWER)
    with tenant_scope(member.organisation_id):
        sweep = make_search(member.organisation, instrument=make_instrument(), kind="SWEEP")
    client = client_of(member.user)
    first = client.get(
        f"/api/v1/sweeps/{sweep.pk}/cells?order=parameters.slow&where=parameters.fast=9&limit=1"
    ).json()
    second = client.get(first["next"]).json()
    assert (first["count"], second["next"]) == (2, None)
    rows = [row["parameters"] for row in first["results"] + second["results"]]
    assert rows == [{"fast": 9, "slow": 21}, {"fast": 9, "slow": 34}]
    assert client.get(f"/api/v1/sweeps/{sweep.pk}/cells?status=FAILED").json()["results"] == []


def test_runs_are_found_by_strategy_symbol_state_person_and_day() -> None:
    member = make_member(Role.OWNER)
    with tenant_scope(member.organisation_id):
        reliance = make_search(member.organisation, instrument=make_instrument("NSE:RELIANCE"), kind="SWEEP")
        other = make_search(
            member.organisation, instrument=make_instrument("NSE:M&M"), kind="SWEEP", requested_by=member.user
        )
    client = client_of(member.user)

    def ids(query: str) -> set[str]:
        answer = client.get(f"/api/v1/sweeps?{query}")
        assert answer.status_code == 200, answer.content
        return {row["id"] for row in answer.json()["results"]}

    both = {str(reliance.pk), str(other.pk)}
    assert ids("symbol=nse:reliance") == {str(reliance.pk)}
    assert ids("symbol=NSE:M%26M") == {str(other.pk)}
    assert ids("symbol=NSE:REL") == set()
    assert ids("strategy=ma_cross") == both
    assert ids(f"requested_by={member.user.pk}") == {str(other.pk)}
    assert ids("from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z") == set()
    assert ids("status=DONE,FAILED") == both
    page = client.get("/backtests/?symbol=M%26M&sort=-sharpe&since=2020-01-01").content.decode()
    assert f"/backtests/{other.pk}/" in page
    assert f"/backtests/{reliance.pk}/" not in page
    assert "No run is like that" in client.get("/backtests/?status=QUEUED&by=nobody").content.decode()


def exported(client: Any, path: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    lines = list(csv.DictReader(io.StringIO(client.get(f"{path}to=csv").content.decode())))
    table = pq.read_table(io.BytesIO(client.get(f"{path}to=parquet").content)).to_pylist()
    return lines, table, json.loads(client.get(f"{path}to=json").content)


def test_a_sweep_is_taken_away_with_settings_and_all_figures(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        sweep = sweep_start(actor=trader, terms=terms(), search=GRID)
        work_through(sweep)
        cells = list(sweep.cells.order_by("number"))
    owner = make_member(Role.OWNER, organisation=sweep.organisation)
    lines, table, rows = exported(client_of(owner.user), f"/api/v1/sweeps/{sweep.pk}/export?")
    assert [row["parameters.fast"] for row in table] == [cell.parameters["fast"] for cell in cells]
    assert [row["net_pnl"] for row in lines] == [str(row["net_pnl"]) for row in table]
    assert [row["net_pnl"] for row in rows] == [row["net_pnl"] for row in lines]
    assert [int(row["net_pnl"] * 100) for row in table] == [cell.net_paise for cell in cells]
    assert [row["sharpe"] for row in rows] == [cell.sharpe for cell in cells]
    assert lines[0]["omega"] == ""
    assert client_of(owner.user).get(f"/backtests/{sweep.pk}/export/cells/csv/").status_code == 200
    assert client_of(owner.user).get(f"/backtests/{sweep.pk}/export/trades/csv/").status_code == 404


def test_a_walk_forward_is_taken_away_with_figures_in_sample_and_out_and_its_equity(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        search = SearchTerms(axes=GRID.axes, mode="ROLLING", in_sample=4, out_of_sample=2)
        run = walk_forward_start(actor=trader, terms=terms(), search=search)
        work_through(run)
        windows = list(run.windows.order_by("number"))
        chosen = run.cells.get(window=0, parameters=windows[0].chosen)
    owner = client_of(make_member(Role.OWNER, organisation=run.organisation).user)
    lines, table, _ = exported(owner, f"/api/v1/walk-forwards/{run.pk}/export?")
    assert len(lines) == len(table) == len(windows)
    assert table[0]["in_first"] == FIRST
    assert table[0]["in_sample.sharpe"] == chosen.sharpe
    assert table[0]["out_of_sample.trades"] == windows[0].trades
    assert lines[0]["chosen.fast"] == str(windows[0].chosen["fast"])
    days, _, _ = exported(owner, f"/api/v1/walk-forwards/{run.pk}/export?rows=daily&")
    assert days[-1]["equity"] == f"{(run.final_paise or 0) / 100:.2f}"
    assert owner.get(f"/api/v1/walk-forwards/{run.pk}/export?rows=equity").status_code == 400


def test_an_outsider_and_a_viewer_take_nothing_away() -> None:
    ours, theirs = make_member(Role.OWNER), make_member(Role.OWNER)
    with system_scope():
        sweep = make_search(ours.organisation, instrument=make_instrument(), kind="SWEEP")
    viewer = make_member(Role.VIEWER, organisation=ours.organisation)
    for path in (f"/api/v1/sweeps/{sweep.pk}/export", f"/backtests/{sweep.pk}/export/cells/csv/"):
        assert client_of(theirs.user).get(path).status_code == 404
        assert client_of(viewer.user).get(path).status_code == 403
    assert client_of(viewer.user).post(f"/backtests/{sweep.pk}/cells/0/run/").status_code == 403
