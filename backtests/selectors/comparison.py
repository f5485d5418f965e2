"""Several finished runs on one page: growth on common days, and each figure beside the others'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from accounts.domain.actor import Actor
from analytics.domain.figures import FIGURES, Tile
from analytics.domain.report import PerformanceReport
from backtests.models import Run

from .results import reports_for
from .runs import runs_for

MOST = 6


@dataclass(frozen=True, slots=True)
class Compared:
    """A run and its report."""

    run: Run
    report: PerformanceReport


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs in the order asked for; `rows` are figures with one tile a run, best first marked by `best`."""

    compared: tuple[Compared, ...]
    rows: tuple[tuple[str, str, tuple[Tile, ...]], ...]
    chart: dict[str, Any]


def comparison(actor: Actor, ids: Sequence[UUID]) -> Comparison:
    """Those of the runs that are the organisation's and have a result; what is not is left out."""
    found = {run.pk: run for run in runs_for(actor).filter(pk__in=ids, final_paise__isnull=False)}
    runs = [found[each] for each in dict.fromkeys(ids) if each in found]
    reports = reports_for(runs)
    compared = tuple(Compared(run, reports[run.pk]) for run in runs)
    rows = tuple(
        (figure.title, figure.explanation, tuple(Tile(figure, figure.read(each.report)) for each in compared))
        for figure in FIGURES
    )
    return Comparison(compared, rows if compared else (), _chart(compared))


def _chart(compared: Sequence[Compared]) -> dict[str, Any]:
    """`{names, rows: [[date, growth % or null, …]]}` over all days that any run has."""
    grown: list[dict[date, float]] = [
        dict(zip(each.report.curve.days, each.report.curve.growth, strict=True)) for each in compared
    ]
    days = sorted({day for each in grown for day in each})
    return {
        "names": [each.run.name for each in compared],
        "rows": [
            [day.isoformat(), *(round((each[day] - 1) * 100, 4) if day in each else None for each in grown)]
            for day in days
        ],
    }
