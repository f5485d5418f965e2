"""Several finished runs on one page: growth on common days, and each figure beside the others'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from accounts.domain.actor import Actor
from analytics.domain.figures import FIGURES, Tile, tile
from analytics.domain.report import PerformanceReport
from backtests.models import Run

from .results import reports_for
from .run_terms import run_terms
from .runs import runs_for

MOST = 6


@dataclass(frozen=True, slots=True)
class Compared:
    """A run and its report."""

    run: Run
    report: PerformanceReport


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that was asked for, by run in their order; empty where a run has no such thing."""

    title: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the runs were not asked alike."""
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs in the order asked for; `rows` are figures with one tile a run, `terms` what they were asked with."""

    compared: tuple[Compared, ...]
    rows: tuple[tuple[str, str, tuple[Tile, ...]], ...]
    terms: tuple[Term, ...]
    chart: dict[str, Any]

    @property
    def different(self) -> list[Term]:
        """The terms in which the runs differ."""
        return [term for term in self.terms if term.differs]

    @property
    def alike(self) -> list[Term]:
        """Those in which they do not."""
        return [term for term in self.terms if not term.differs]


def comparison(actor: Actor, ids: Sequence[UUID]) -> Comparison:
    """Those of the runs that are the organisation's and have a result; what is not is left out."""
    found = {run.pk: run for run in runs_for(actor).filter(pk__in=ids, final_paise__isnull=False)}
    runs = [found[each] for each in dict.fromkeys(ids) if each in found]
    reports = reports_for(runs)
    compared = tuple(Compared(run, reports[run.pk]) for run in runs)
    rows = tuple(
        (figure.title, figure.explanation, tuple(tile(figure, each.report) for each in compared))
        for figure in FIGURES
    )
    return Comparison(compared, rows if compared else (), _terms(runs), _chart(compared))


def _terms(runs: Sequence[Run]) -> tuple[Term, ...]:
    asked = [run_terms(run) for run in runs]
    titles = dict.fromkeys(title for each in asked for title in each)
    return tuple(Term(title, tuple(each.get(title, "") for each in asked)) for title in titles)


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
