"""`manage.py simulate_history`: past candles for a simulated market."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from core.errors import SaudaError
from trading.marketdata.feeds.simulated.runners import DEFAULT_SEED, simulate_history


class Command(BaseCommand):
    help = "Store simulated one-minute candles of past trading days, up to now. Only for a simulated market."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=15, help="trading days back from today (default 15)")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)

    def handle(self, *args: Any, days: int, seed: int, **options: Any) -> None:
        if not settings.SIMULATED_MARKET_ALWAYS_OPEN:
            raise CommandError("This installation follows a real market: made-up candles have no place in it.")
        with tqdm(unit=" days", disable=not self.stderr.isatty()) as bar:
            try:
                report = simulate_history(days=days, seed=seed, on_day=lambda _: _advance(bar))
            except SaudaError as error:
                raise CommandError(f"{error.code}: {error.detail}") from error
        self.stdout.write(f"{len(report.days)} trading days, {report.counts.inserted} candles stored.")


def _advance(bar: "tqdm[Any]") -> None:
    bar.update()
