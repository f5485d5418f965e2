"""A walk-forward's turn: window by window, combinations in sample, the best of them out of sample, all of it stored
as it comes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction

from analytics.domain.round_trips import RoundTrip
from backtests.domain.engine import BacktestSpec, Ending, MarketData
from backtests.domain.engine import run as run_engine
from backtests.domain.engine.missing import notes_on
from backtests.domain.figures import Outcome, figure_columns, report_of
from backtests.domain.packing import pack, unpack
from backtests.domain.walk_forward import efficiency, stitched
from backtests.models import Run, RunSeries, Search, Window
from backtests.selectors.cells import outsized_told
from backtests.selectors.results import trips_of
from backtests.selectors.specs import market_of, spec_of, spec_with
from trading.marketdata.domain.bars import Interval

from .backtest_work import Watch
from .evaluating import evaluator_for, score_of
from .leases import Hold, Superseded
from .results import caveats_text, index_closes, outcome_of, series_write, trip_columns
from .searches import cells_write
from .sweep_work import best_of, try_waiting

Name = RunSeries.Name
_EPOCH = date(1970, 1, 1).toordinal()


def walk_forward_work(hold: Hold) -> None:
    """Work on the first window that is not done; ends the run after the last, else rings for the next turn.

    Raises Superseded, and SaudaError for what cannot be run at all.
    """
    run = hold.run
    window = run.windows.filter(is_done=False).order_by("number").first()
    spec, data = spec_of(run), market_of(run)
    if window is None:
        _finish(hold, data, [*outsized_told(run), *notes_on(spec, data)])
        return
    count = run.windows.count()
    cells = _cells_of(hold, window)
    inside = _between(spec, window.in_first, window.in_last)

    def share(over: int) -> float:
        return float((window.number + 0.9 * over / max(run.search.cells, 1)) / count)

    if try_waiting(hold, cells, evaluator_for(inside, data), share):
        _test(hold, window, spec, data, (window.number + 1) / count)
    hold.rest()


def _cells_of(hold: Hold, window: Window) -> Any:
    """The window's combinations: those of the first window, written again for each when it is their turn."""
    run = hold.run
    cells = run.cells.filter(window=window.number)
    if not cells.exists():
        with transaction.atomic():
            hold.lock()
            cells_write(run, window.number, list(run.cells.filter(window=0).values_list("parameters", flat=True)))
    return cells


def _test(hold: Hold, window: Window, spec: BacktestSpec, data: MarketData, progress: float) -> None:
    """Run the best combination on the days after those it was chosen on."""
    run, objective = hold.run, Search.Objective(hold.run.search.objective)
    best = best_of(list(run.cells.filter(window=window.number)))
    window.is_done = True
    if best is None:
        window.detail = "No combination traded in sample: the capital waits."
    else:
        window.chosen, window.in_sample_score = best.parameters, best.score
        outside = _between(spec_with(spec, best.parameters), window.out_first, window.out_last)
        watch = Watch(hold, float("inf"))
        result = run_engine(outside, data, cancelled=watch.cancelled)
        if watch.is_superseded:
            raise Superseded
        report = report_of(outcome_of(result, "", None))
        values = figure_columns(report, orders=len(result.orders), bars=result.bars)
        for name, value in values.items():
            setattr(window, name, value)
        window.score = score_of(objective, values)
        days, closes = result.daily()
        window.daily = pack({"day": days, "paise": closes})
        window.trips = pack(trip_columns(result, data, Interval(run.base)))
        if result.ending is not Ending.FINISHED:
            window.detail = result.reason[:200]
    with transaction.atomic():
        hold.lock()
        window.save()
        hold.write(progress=min(progress, 1.0), message=f"Window {window.number + 1}")


def _finish(hold: Hold, data: MarketData, caveats: Sequence[str]) -> None:
    """The tests one after another as one curve, its figures on the run. Raises Superseded."""
    run = hold.run
    windows = list(run.windows.order_by("number"))
    days, tests, trips = _joined(run, windows)
    closes = stitched(run.capital_paise, tests)
    index = index_closes(data, run.benchmark, days)
    found: list[RoundTrip] = trips_of(trips) if trips else []
    report = report_of(
        Outcome(
            capital=run.capital_paise,
            days=days,
            closes=closes,
            trips=found,
            charges=sum(window.charges_paise or 0 for window in windows),
            traded=round(sum(abs(trip.quantity) * (trip.entry_price + trip.exit_price) * 100 for trip in found)),
            benchmark=run.benchmark,
            index=index,
        )
    )
    daily = {"day": days, "paise": closes}
    if index is not None:
        daily = {**daily, "index": index[1:], "index_from": np.repeat(index[:1], len(days))}
    kept = efficiency(
        [_annual(run, window) for window in windows],
        [float("nan") if window.cagr is None else window.cagr for window in windows],
    )
    with transaction.atomic():
        hold.lock()
        series_write(run, {Name.DAILY: daily, **({Name.TRADES: trips} if trips else {})})
        Search.objects.filter(run=run).update(efficiency=kept if np.isfinite(kept) else None)
        values = figure_columns(
            report,
            orders=sum(window.orders or 0 for window in windows),
            bars=sum(window.bars or 0 for window in windows),
        )
        hold.end(Run.Status.DONE, progress=1.0, message="", caveats=caveats_text(caveats), **values)


def _annual(run: Run, window: Window) -> float:
    """The annual return in sample of what was chosen."""
    chosen = run.cells.filter(window=window.number, score__isnull=False).order_by("-score", "number").first()
    return float("nan") if chosen is None or chosen.cagr is None else chosen.cagr


def _joined(run: Run, windows: list[Window]) -> tuple[Any, list[Any], dict[str, Any]]:
    """Days and closes of all tests in a row, and their round trips; a window without a test keeps its capital."""
    days: list[Any] = []
    tests: list[Any] = []
    trips: list[dict[str, Any]] = []
    for window in windows:
        if window.daily is None:
            day = window.out_last.toordinal() - _EPOCH
            days.append(np.array([day], dtype=np.int64))
            tests.append(np.array([run.capital_paise], dtype=np.int64))
            continue
        stored = unpack(window.daily)
        days.append(stored["day"])
        tests.append(stored["paise"])
        if window.trips is not None:
            trips.append(unpack(window.trips))
    columns = {name: np.concatenate([each[name] for each in trips]) for name in trips[0]} if trips else {}
    return np.concatenate(days), tests, columns


def _between(spec: BacktestSpec, first: date, last: date) -> BacktestSpec:
    return spec_with(spec, {}, first=first, last=last)
