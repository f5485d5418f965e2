"""A backtest from the request to its result, and everything that is refused on the way."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from accounts.domain.actor import Actor
from accounts.domain.permissions import Role
from backtests.domain.search_terms import SearchTerms
from backtests.domain.terms import RunTerms, StrategyTerms
from backtests.models import Cell, Quota, Run, RunSeries
from backtests.selectors.cells import Wanted, cells_of
from backtests.selectors.costs import costs_of
from backtests.selectors.export_rows import cell_columns
from backtests.selectors.results import report_for, series_get
from backtests.selectors.searches import scored_cells
from backtests.services.leases import Hold, Superseded, run_claim, runs_ring
from backtests.services.runs import backtest_start, run_cancel, run_delete
from backtests.services.searches import sweep_start, walk_forward_start
from backtests.services.work import run_work
from core.errors import Conflict, InvalidInput, NotFound, TooMany
from core.tenancy import tenant_scope
from tests.factories import actor_for, make_member
from trading.marketdata.domain.bars import Interval

from .market import FIRST, LAST, make_minutes

pytestmark = pytest.mark.django_db


def terms(**changed: Any) -> RunTerms:
    strategy = {
        "key": "ma_cross",
        "symbols": ("NSE:RELIANCE",),
        "interval": Interval.M5,
        "parameters": {"fast": 5, "slow": 20},
    }
    values: dict[str, Any] = {"first": FIRST, "last": LAST, "capital_paise": 10_00_000_00}
    strategy |= {name: changed.pop(name) for name in list(changed) if name in StrategyTerms.__slots__}
    return RunTerms(**(values | {"strategies": (StrategyTerms(**strategy),)} | changed))


@pytest.fixture
def trader() -> Actor:
    make_minutes()
    return actor_for(make_member(Role.TRADER))


def test_a_backtest_runs_to_its_end_and_its_figures_agree_with_its_trades(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        run = backtest_start(actor=trader, terms=terms())
        run_work(run.pk)
        run.refresh_from_db()
        trades = series_get(run, RunSeries.Name.TRADES)
        assert (run.status, run.progress, run.code) == (Run.Status.DONE, 1.0, "")
        assert run.trades == len(trades["net"]) > 5
        assert run.final_paise is not None
        assert run.net_paise is not None
        assert run.charges_paise is not None
        assert run.final_paise == run.capital_paise + run.net_paise
        # Squared off each day: nothing is open at the end, so the trades and the fees of squaring off are all.
        fees = int(series_get(run, RunSeries.Name.EVENTS)["charges"].sum())
        assert int(trades["net"].sum()) - fees == run.net_paise
        assert int(trades["charges"].sum()) + fees == run.charges_paise > fees > 0
        costs = {cost.code: cost.paise for cost in costs_of(run)}
        assert sum(costs.values()) == run.charges_paise
        assert costs["SQUARE_OFF_FEE"] == fees
        assert {"brokerage_charge", "stt_charge", "stamp_charge", "gst_charge"} < set(costs)
        assert report_for(run, trades).money.net_paise == run.net_paise
        assert np.all(trades["adverse"] <= 0)
        assert np.all(trades["favourable"] >= 0)


def test_the_same_terms_give_the_same_result_to_the_paisa(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        runs = [backtest_start(actor=trader, terms=terms()) for _ in range(2)]
        for run in runs:
            run_work(run.pk)
        first, second = (series_get(run, RunSeries.Name.EQUITY)["paise"] for run in runs)
        assert np.array_equal(first, second)
        assert len(first) > 1_000


REFUSED = [
    ({"key": "no-such"}, "unknown_strategy"),
    ({"parameters": {"fast": 1}}, "parameter_out_of_bounds"),
    ({"parameters": {"fast": "quick"}}, "parameter_invalid"),
    ({"parameters": {"speed": 3}}, "parameter_unknown"),
    ({"parameters": {"fast": 50, "slow": 20}}, "parameters_conflict"),
    ({"symbols": ("NSE:NOBODY",)}, "unknown_symbol"),
    ({"symbols": ("NSE:RELIANCE", "NSE:TCS")}, "symbols_unfit"),
    ({"interval": Interval.W1}, "interval_unfit"),
    ({"first": LAST, "last": FIRST}, "span_inverted"),
    ({"first": date(1990, 1, 1)}, "span_too_long"),
    ({"first": date(2030, 1, 1), "last": date(2030, 1, 2)}, "span_in_future"),
    ({"first": date(2026, 11, 7), "last": date(2026, 11, 7)}, "no_sessions"),
    ({"first": date(2026, 10, 5), "last": date(2026, 10, 9)}, "no_data"),
    ({"capital_paise": 1}, "capital_out_of_bounds"),
    ({"plan": "nobody's"}, "unknown_plan"),
    ({"benchmark": "NSE:NOBODY"}, "unknown_benchmark"),
]


@pytest.mark.parametrize(("changed", "code"), REFUSED, ids=[code for _, code in REFUSED])
def test_what_cannot_run_is_refused_with_its_own_code_and_leaves_nothing(
    trader: Actor, changed: dict[str, Any], code: str
) -> None:
    with tenant_scope(trader.organisation_id), pytest.raises(InvalidInput) as refused:
        backtest_start(actor=trader, terms=terms(**changed))
    assert refused.value.code == code
    assert refused.value.errors
    assert not Run.objects.exists()


def test_bounds_of_an_organisation_hold(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        quota = Quota.objects.create(organisation_id=trader.organisation_id, waiting=1, bars=10_000_000)
        run = backtest_start(actor=trader, terms=terms())
        with pytest.raises(TooMany) as full:
            backtest_start(actor=trader, terms=terms())
        assert full.value.code == "quota_waiting"
        run_cancel(actor=trader, run_id=run.pk)
        quota.bars, quota.kept = 100, 1
        quota.save()
        with pytest.raises(Conflict) as kept:
            backtest_start(actor=trader, terms=terms())
        assert kept.value.code == "quota_kept"
        run_delete(actor=trader, run_id=run.pk)
        with pytest.raises(InvalidInput) as many:
            backtest_start(actor=trader, terms=terms())
        assert many.value.code == "too_many_bars"


def test_only_so_many_runs_of_an_organisation_are_worked_on_at_once(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        Quota.objects.create(organisation_id=trader.organisation_id, running=1)
        first, second = (backtest_start(actor=trader, terms=terms()) for _ in range(2))
        hold = run_claim(first.pk)
        assert hold is not None
        assert run_claim(second.pk) is None
        hold.end(Run.Status.DONE)
        assert run_claim(second.pk) is not None


def test_a_lapsed_lease_is_taken_over_and_the_first_worker_writes_nothing_more(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        run = backtest_start(actor=trader, terms=terms())
        lost = run_claim(run.pk)
        assert isinstance(lost, Hold)
        assert run_claim(run.pk) is None
        Run.objects.filter(pk=run.pk).update(leased_until="2026-01-01T00:00:00Z")
        assert runs_ring() == 1
        second = run_claim(run.pk)
        assert second is not None
        assert second.run.attempts == 1
        with pytest.raises(Superseded):
            lost.write(progress=0.5)
        second.write(progress=0.25)


def test_a_run_that_loses_every_worker_is_failed_not_tried_for_ever(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        run = backtest_start(actor=trader, terms=terms())
        for _ in range(6):
            run_claim(run.pk)
            Run.objects.filter(pk=run.pk, status="RUNNING").update(leased_until="2026-01-01T00:00:00Z")
        run.refresh_from_db()
        assert (run.status, run.code) == (Run.Status.FAILED, "worker_lost")


def test_cancelling_ends_a_run_and_its_worker_notices(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        run = backtest_start(actor=trader, terms=terms())
        hold = run_claim(run.pk)
        assert hold is not None
        assert run_cancel(actor=trader, run_id=run.pk).status == Run.Status.CANCELLED
        with pytest.raises(Superseded):
            hold.end(Run.Status.DONE)
        with pytest.raises(Conflict) as over:
            run_cancel(actor=trader, run_id=run.pk)
        assert over.value.code == "run_over"


def test_an_outsider_finds_nothing(trader: Actor) -> None:
    stranger = actor_for(make_member(Role.OWNER))
    with tenant_scope(trader.organisation_id):
        run = backtest_start(actor=trader, terms=terms())
    with tenant_scope(stranger.organisation_id), pytest.raises(NotFound):
        run_cancel(actor=stranger, run_id=run.pk)


GRID = SearchTerms(axes={"fast": {"from": 4, "to": 8, "step": 2}, "slow": [20, 30]})


def work_through(run: Run) -> None:
    for _ in range(20):
        run_work(run.pk)
        run.refresh_from_db()
        if not run.is_live:
            return


@pytest.mark.parametrize("method", ["GRID", "RANDOM", "BAYESIAN"])
def test_a_sweep_tries_every_combination_once_and_names_the_best(trader: Actor, method: str) -> None:
    with tenant_scope(trader.organisation_id):
        search = SearchTerms(axes=GRID.axes, method=method, count=5)
        run = sweep_start(actor=trader, terms=terms(), search=search)
        work_through(run)
        cells = list(Cell.objects.filter(run=run))
        assert run.status == Run.Status.DONE
        assert len(cells) == (6 if method == "GRID" else 5)
        assert len({tuple(sorted(cell.parameters.items())) for cell in cells}) == len(cells)
        assert {cell.status for cell in cells} == {Cell.Status.DONE}
        best = max(cell.score for cell in cells if cell.score is not None)
        assert run.sharpe == best
        assert run.search.deflated_sharpe is not None


@pytest.mark.parametrize(("lakhs", "is_outsized"), [(10, False), (10_000, True)])
def test_a_compiled_sweep_counts_the_orders_that_are_larger_than_what_is_displayed(
    trader: Actor, lakhs: int, is_outsized: bool
) -> None:
    with tenant_scope(trader.organisation_id):
        sweep = sweep_start(actor=trader, terms=terms(capital_paise=lakhs * 1_00_000_00), search=GRID)
        work_through(sweep)
        cells = list(sweep.cells.all())
        assert [bool(cell.outsized_orders) for cell in cells] == [is_outsized] * 6
        assert [line[:39] for line in sweep.caveats.splitlines()] == [
            "6 of 6 combinations sent orders larger "
        ] * is_outsized
        none = Wanted(where="outsized_orders=0")
        assert cells_of(sweep, wanted=none).count() == (0 if is_outsized else 6)
        assert [each.outsized_orders for each in scored_cells(sweep)] == [cell.outsized_orders for cell in cells]
        assert cell_columns(sweep)["outsized_orders"].tolist() == [cell.outsized_orders for cell in cells]


def test_a_sweep_of_ten_million_combinations_is_refused_before_anything_is_made(trader: Actor) -> None:
    axes = {"fast": {"from": 2, "to": 200, "step": 1}, "slow": {"from": 3, "to": 500, "step": 1}}
    with tenant_scope(trader.organisation_id), pytest.raises(InvalidInput) as refused:
        sweep_start(actor=trader, terms=terms(), search=SearchTerms(axes=axes))
    assert refused.value.code == "sweep_too_large"
    assert not Run.objects.exists()


def test_a_walk_forward_chooses_in_sample_and_strings_its_tests_together(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        search = SearchTerms(axes=GRID.axes, mode="ROLLING", in_sample=4, out_of_sample=2)
        run = walk_forward_start(actor=trader, terms=terms(), search=search)
        work_through(run)
        windows = list(run.windows.order_by("number"))
        assert run.status == Run.Status.DONE, run.message
        assert len(windows) >= 2
        assert all(window.is_done and window.chosen for window in windows)
        daily = series_get(run, RunSeries.Name.DAILY)
        assert len(daily["day"]) == len(np.unique(daily["day"])) >= 4
        growth = np.prod([1 + window.total_return for window in windows])
        assert run.total_return == pytest.approx(growth - 1, abs=1e-6)
        assert run.trades == sum(window.trades for window in windows)


def test_a_run_keeps_every_kind_of_money_exact(trader: Actor) -> None:
    with tenant_scope(trader.organisation_id):
        run = backtest_start(actor=trader, terms=terms(capital_paise=int(Decimal("123456.78") * 100)))
        run_work(run.pk)
        equity = series_get(run, RunSeries.Name.EQUITY)["paise"]
        assert equity.dtype == np.int64
        assert int(equity[-1]) == Run.objects.get(pk=run.pk).final_paise
