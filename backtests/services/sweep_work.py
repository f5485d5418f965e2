"""A sweep's turn: some combinations at a time, each chunk stored before the next begins, so that a worker may be
killed anywhere and nothing that was stored is computed again."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from backtests.domain.engine.missing import notes_on
from backtests.models import Cell, Figures, Run, Search
from backtests.selectors.cells import outsized_told
from backtests.selectors.specs import market_of, spec_of

from .backtest_work import Watch
from .bayes import Suggestions
from .evaluating import Evaluator, Tried, evaluator_for, score_of
from .leases import Hold
from .luck import luck_of, parts_of, together_write
from .results import caveats_text

TURN_SECONDS = 60.0
_FIGURES = tuple(field.name for field in Figures._meta.get_fields())
Status = Cell.Status


def sweep_work(hold: Hold) -> None:
    """Try what waits for a turn's length; ends the run when nothing does, else rings for the next turn.

    Raises Superseded, and SaudaError for what cannot be tried at all.
    """
    run, search = hold.run, hold.run.search
    spec, data = spec_of(run), market_of(run)
    evaluator = evaluator_for(spec, data)
    total = search.cells
    if search.method == Search.Method.BAYESIAN:
        is_over = _bayes(hold, search, evaluator)
    else:
        is_over = try_waiting(hold, run.cells.filter(window=0), evaluator, lambda done: done / total)
    if not is_over:
        hold.rest()
        return
    finish_sweep(hold, caveats=[*outsized_told(run), *notes_on(spec, data)])


def try_waiting(hold: Hold, cells: QuerySet[Cell], evaluator: Evaluator, share: Callable[[int], float]) -> bool:
    """Try cells that wait, chunk by chunk, for a turn's length; whether none waits any more. `share` tells the
    run's progress from how many of these cells are over. Raises Superseded."""
    ends = time.monotonic() + TURN_SECONDS
    over = cells.exclude(status=Status.WAITING).count()
    watch = Watch(hold, float("inf"))
    waiting = cells.filter(status=Status.WAITING).order_by("number")
    while chunk := list(waiting[: evaluator.at_once]):
        watch.progress(share(over))
        tried = evaluator.try_each([cell.parameters for cell in chunk], watch)
        over += len(chunk)
        _store(hold, chunk, tried, share(over))
        if time.monotonic() > ends:
            return not waiting.exists()
    return True


def _store(hold: Hold, cells: Sequence[Cell], tried: Sequence[Tried], progress: float) -> None:
    """One transaction a chunk, under the lease: a worker that was replaced stores nothing."""
    _fill_each(hold.run, cells, tried)
    with transaction.atomic():
        hold.lock()
        Cell.objects.bulk_update(cells, _COLUMNS, batch_size=250)
        together_write(hold.run, tried)
        hold.write(progress=min(progress, 1.0), message="Trying combinations")


_COLUMNS = ["status", "score", "detail", "skew", "kurtosis", "days", "outsized_orders", "parts", *_FIGURES]


def _fill_each(run: Run, cells: Sequence[Cell], tried: Sequence[Tried]) -> None:
    """Put what came out of combinations into their rows."""
    objective = Search.Objective(run.search.objective)
    for cell, found in zip(cells, tried, strict=True):
        cell.status = Status.FAILED if found.detail else Status.DONE
        cell.detail = found.detail
        for name, value in found.values.items():
            setattr(cell, name, value)
        cell.score = score_of(objective, found.values)
        # A walk-forward is its own test out of sample.
        cell.parts = parts_of(found.returns) if run.kind == Run.Kind.SWEEP else None


def _bayes(hold: Hold, search: Search, evaluator: Evaluator) -> bool:
    """Ask for the next combinations in the light of those that are done; whether all are."""
    run, ends = hold.run, time.monotonic() + TURN_SECONDS
    watch = Watch(hold, float("inf"))
    known = list(run.cells.filter(window=0).order_by("number"))
    suggestions = Suggestions(search.axes, seed=run.seed, known=known)
    at_once = min(evaluator.at_once, max(search.cells // 10, 1))
    while len(known) < search.cells:
        asked = suggestions.ask(min(at_once, search.cells - len(known)))
        if not asked:
            # Everything that the axes hold has been tried.
            break
        watch.progress(len(known) / search.cells)
        tried = evaluator.try_each(asked, watch)
        cells = [
            Cell(organisation_id=run.organisation_id, run=run, number=len(known) + place, parameters=parameters)
            for place, parameters in enumerate(asked)
        ]
        _fill_each(run, cells, tried)
        with transaction.atomic():
            hold.lock()
            Cell.objects.bulk_create(cells)
            together_write(run, tried)
            known += cells
            hold.write(progress=len(known) / search.cells, message="Trying combinations")
        suggestions.tell(cells)
        if time.monotonic() > ends:
            return False
    return True


def finish_sweep(hold: Hold, *, caveats: Sequence[str]) -> None:
    """The best combination's figures on the run, how much of them is luck, and what was missing of the prices.

    Raises Superseded.
    """
    run = hold.run
    cells = list(run.cells.filter(window=0))
    best = best_of(cells)
    values: dict[str, Any] = {name: getattr(best, name) for name in _FIGURES} if best else {}
    luck = luck_of(cells, run.search.together)
    with transaction.atomic():
        hold.lock()
        Search.objects.filter(run=run).update(**luck)
        message = "" if best else "No combination traded."
        hold.end(Run.Status.DONE, progress=1.0, message=message, caveats=caveats_text(caveats), **values)


def best_of(cells: Sequence[Cell]) -> Cell | None:
    """The cell with the highest score; of equals the first. None where none has one."""
    scored = [cell for cell in cells if cell.score is not None]
    return max(scored, key=lambda cell: (cell.score, -cell.number), default=None)
