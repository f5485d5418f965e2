"""Beginning sweeps and walk-forwards: what will be tried is written down before anything runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from backtests.domain.search_terms import SearchTerms
from backtests.domain.sweeps import Axis, Cells, combinations, grid, random_cells, read_axes
from backtests.domain.terms import RunTerms
from backtests.domain.walk_forward import Mode, windows
from backtests.domain.walk_forward import Window as Step
from backtests.models import Cell, Quota, Run, Search, Window
from core.errors import InvalidInput
from trading.brokers.domain.terms import Product
from trading.instruments.models import Instrument
from trading.instruments.selectors import segment_for, session_windows

from .checks import Checked, refusal, terms_check
from .evaluating import fits_kernel
from .runs import quota_lock, run_write

_ENGINE_COST = 50
"""How many of the kernel's bars one of the engine's costs."""
_AT_ONCE = 2_000
Method = Search.Method


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What a search will try: `cells` is None for Bayes, which decides as it goes; `count` is how many in each of
    the `windows`, of which a sweep has none."""

    checked: Checked
    axes: tuple[Axis, ...]
    cells: Cells | None
    count: int
    windows: tuple[Step, ...]
    is_compiled: bool


def search_plan(organisation_id: UUID, terms: RunTerms, search: SearchTerms, quota: Quota) -> SearchPlan:
    """Check a sweep, or with a mode a walk-forward; nothing is written.

    Raises InvalidInput as `terms_check` does, and `sweep_one_strategy`, `sweep_no_axes`, `axis_invalid`,
    `axis_too_long`, `sweep_too_large`, `sweep_no_cells`, `sweep_too_much_work`; of a walk-forward
    `walk_forward_method`, `windows_invalid`, `windows_too_few_days`, `windows_too_many`.
    """
    is_forward = search.mode != Search.Mode.NONE
    if is_forward and search.method == Method.BAYESIAN:
        raise refusal("walk_forward_method", "method", "A walk-forward chooses from a grid or at random.")
    checked = terms_check(organisation_id, terms, quota)
    if len(checked.strategies) != 1:
        raise refusal("sweep_one_strategy", "strategies", "A sweep varies the settings of one strategy.")
    axes = _axes(checked, search)
    cells = _cells(checked, axes, search, quota)
    count = len(cells) if cells is not None else _bayesian_count(axes, search, quota)
    steps = _steps(checked, search) if is_forward else ()
    only = checked.strategies[0]
    is_compiled = fits_kernel(
        only.strategy,
        only.instruments,
        slippage=terms.slippage_model,
        funds=terms.funds,
        interval=only.interval,
        is_squared=terms.square_off and only.product is Product.INTRADAY,
        last=terms.last,
    )
    _check_work(checked, count * max(len(steps), 1), quota, is_compiled=is_compiled)
    return SearchPlan(checked, axes, cells, count, steps, is_compiled)


@transaction.atomic
def sweep_start(*, actor: Actor, terms: RunTerms, search: SearchTerms) -> Run:
    """Queue a sweep. Raises as `search_plan` and `quota_lock` do."""
    quota = quota_lock(actor.organisation_id)
    return _begin(actor, Run.Kind.SWEEP, search_plan(actor.organisation_id, terms, search, quota), search)


@transaction.atomic
def walk_forward_start(*, actor: Actor, terms: RunTerms, search: SearchTerms) -> Run:
    """Queue a walk-forward; `search` has a mode. Raises as `search_plan` and `quota_lock` do."""
    quota = quota_lock(actor.organisation_id)
    plan = search_plan(actor.organisation_id, terms, search, quota)
    run = _begin(actor, Run.Kind.WALK_FORWARD, plan, search)
    Window.objects.bulk_create(
        Window(
            organisation_id=run.organisation_id,
            run=run,
            number=each.number,
            in_first=each.in_first,
            in_last=each.in_last,
            out_first=each.out_first,
            out_last=each.out_last,
        )
        for each in plan.windows
    )
    return run


def _begin(actor: Actor, kind: Run.Kind, plan: SearchPlan, search: SearchTerms) -> Run:
    """The rows of a search: of a walk-forward the first window's combinations, the others' come with their turn."""
    run = run_write(actor, kind, plan.checked)
    _write_search(run, search, plan.axes, plan.count)
    if plan.cells is not None:
        cells_write(run, 0, [_varied(cell, plan.axes) for cell in plan.cells.cells])
    return run


def cells_write(run: Run, window: int, cells: Sequence[dict[str, Any]]) -> None:
    """The combinations of a window as rows that wait."""
    Cell.objects.bulk_create(
        (
            Cell(organisation_id=run.organisation_id, run=run, window=window, number=number, parameters=cell)
            for number, cell in enumerate(cells)
        ),
        batch_size=_AT_ONCE,
    )


def _axes(checked: Checked, search: SearchTerms) -> tuple[Axis, ...]:
    try:
        return read_axes(checked.strategies[0].strategy.parameters(), search.axes)
    except InvalidInput as error:
        errors = {f"axes.{name}": lines for name, lines in error.errors.items()} or {"axes": [error.detail]}
        raise InvalidInput(error.detail, code=error.code, errors=errors) from error


def _cells(checked: Checked, axes: Sequence[Axis], search: SearchTerms, quota: Quota) -> Cells | None:
    """None for Bayes, which decides as it goes."""
    only = checked.strategies[0]
    fixed = {name: value for name, value in only.values.items() if name not in {axis.name for axis in axes}}
    try:
        match Method(search.method):
            case Method.GRID:
                return grid(only.strategy, axes, fixed, most=quota.cells)
            case Method.RANDOM:
                seed = checked.terms.seed
                return random_cells(only.strategy, axes, search.count, seed, fixed, most=quota.cells)
            case _:
                return None
    except InvalidInput as error:
        raise InvalidInput(
            error.detail, code=error.code, errors=error.errors or {"axes": [error.detail]}
        ) from error


def _bayesian_count(axes: Sequence[Axis], search: SearchTerms, quota: Quota) -> int:
    if not 1 <= search.count <= quota.cells:
        raise refusal("sweep_too_large", "count", f"Must be from 1 to {quota.cells:,}.")
    return min(search.count, combinations(axes))


def _varied(cell: dict[str, Any], axes: Sequence[Axis]) -> dict[str, Any]:
    """What differs from cell to cell; the rest stands on the run."""
    return {axis.name: cell[axis.name] for axis in axes}


def _steps(checked: Checked, search: SearchTerms) -> tuple[Step, ...]:
    days = _trading_days(checked.strategies[0].instruments[0], checked.terms.first, checked.terms.last)
    try:
        return windows(days, in_sample=search.in_sample, out_of_sample=search.out_of_sample, mode=Mode(search.mode))
    except InvalidInput as error:
        raise InvalidInput(error.detail, code=error.code, errors={"in_sample_days": [error.detail]}) from error


def _check_work(checked: Checked, cells: int, quota: Quota, *, is_compiled: bool) -> None:
    if checked.bars * cells * (1 if is_compiled else _ENGINE_COST) > quota.bar_cells:
        raise refusal(
            "sweep_too_much_work",
            "axes",
            f"{cells:,} combinations over up to {checked.bars:,} bars are more than your organisation may ask for"
            " at once: take fewer values, a shorter span or a longer timeframe.",
        )


def _write_search(run: Run, search: SearchTerms, axes: Sequence[Axis], count: int) -> None:
    Search.objects.create(
        organisation_id=run.organisation_id,
        run=run,
        method=search.method,
        objective=search.objective,
        axes={axis.name: list(axis.values) for axis in axes},
        cells=count,
        mode=search.mode,
        in_sample_days=search.in_sample,
        out_of_sample_days=search.out_of_sample,
    )


def _trading_days(instrument: Instrument, first: date, last: date) -> list[date]:
    segment = segment_for(instrument)
    days = (first + timedelta(days=each) for each in range((last - first).days + 1))
    return [day for day in days if session_windows(segment, day)]
