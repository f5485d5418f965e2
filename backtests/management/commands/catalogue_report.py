"""`manage.py catalogue_report`: every strategy of the house on what is stored, as a table."""

from argparse import ArgumentParser
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.domain.actor import system_actor
from accounts.models import Organisation
from backtests.models import Run
from backtests.services.catalogue import Trial, TrialResult, trial_run, trials
from backtests.services.runs import run_delete
from core.errors import SaudaError
from core.money import to_paise
from core.tenancy import system_scope, tenant_scope
from trading.strategies import registry

_HEAD = (
    "Strategy",
    "On",
    "Bars",
    "Span",
    "Trades",
    "Won",
    "Net return",
    "Worst drawdown",
    "Charges",
    "In the market",
    "Modelled prices",
    "Orders refused",
)


class Command(BaseCommand):
    help = (
        "Run every strategy of the catalogue with its defaults on the bars that are stored: minutes, days, options "
        "by the stated model where no prices are stored. Prints a Markdown table, whatever came out: figures "
        "of the past, no recommendations."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", help="whose runs they are, by short name (default: the only one)")
        parser.add_argument("--strategy", action="append", metavar="KEY", help="only this one; may be repeated")
        parser.add_argument("--instruments", type=int, default=2, help="how many instruments of a span (default 2)")
        parser.add_argument("--capital", type=Decimal, default=Decimal(1_000_000), help="rupees of each run")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date.min, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date.max, help="included")
        parser.add_argument("--discard", action="store_true", help="keep none of the runs")

    def handle(self, *args: Any, **options: Any) -> None:
        with system_scope():
            organisation = _organisation(options["organisation"])
        wanted = [each for each in registry.all() if not options["strategy"] or each.key in options["strategy"]]
        if not wanted:
            raise CommandError("There is no such strategy in the catalogue.")
        actor = system_actor(organisation.pk, "catalogue_report")
        self.stdout.write(_row(_HEAD))
        self.stdout.write(_row(("---",) * len(_HEAD)))
        failed = tried = 0
        with tenant_scope(organisation.pk):
            spans = {"first": options["first"], "last": options["last"]}
            for trial in trials(wanted, instruments=options["instruments"], **spans):
                tried += 1
                try:
                    result = trial_run(trial, actor=actor, capital_paise=to_paise(options["capital"]))
                except SaudaError as refused:
                    failed += 1
                    self.stdout.write(_row((*_what(trial), f"refused: {refused.detail}", *[""] * 7)))
                    continue
                failed += result.run.status != Run.Status.DONE
                self.stdout.write(_row((*_what(trial), *_figures(result))))
                self.stdout.flush()
                if options["discard"] and not result.run.is_live:
                    run_delete(actor=actor, run_id=result.run.pk)
        if not tried:
            raise CommandError("No bars are stored that a strategy could run on (docs/market-data.md).")
        self.stdout.write(f"\n{tried} runs, {failed} of them without a result. The past, no recommendation.")


def _organisation(slug: str | None) -> Organisation:
    found = list(Organisation.objects.filter(slug=slug) if slug else Organisation.objects.all()[:2])
    if len(found) != 1:
        known = ", ".join(Organisation.objects.values_list("slug", flat=True))
        raise CommandError(f"Name the organisation whose runs they are: {known}.")
    return found[0]


def _what(trial: Trial) -> tuple[str, ...]:
    names = [symbol.partition(":")[2] for symbol in trial.symbols]
    on = ", ".join(names) if len(names) < 3 else f"{len(names)} shares"
    return trial.strategy.title, on, str(trial.interval), f"{trial.first} to {trial.last}"


def _figures(result: TrialResult) -> tuple[str, ...]:
    run = result.run
    if run.status != Run.Status.DONE:
        return (f"{run.get_status_display()}: {run.message}", *[""] * 7)
    charges = (run.charges_paise or 0) / run.capital_paise
    return (
        str(run.trades),
        _percent(run.win_rate, 0),
        _percent(run.total_return, 2),
        _percent(run.max_drawdown, 2),
        _percent(charges, 2),
        _percent(run.exposure, 0),
        _percent(run.modelled_share, 0),
        f"{result.refused} of {result.orders}" if result.refused else "",
    )


def _percent(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:.{places}%}"


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
