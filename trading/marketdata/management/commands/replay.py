"""`manage.py replay`: a past day again, on the virtual clock."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import SaudaError
from trading.marketdata.feeds.replay.runners import candle_replay_runner, recording_replay_runner
from trading.marketdata.feeds.runner import FeedRunner

from .import_candles import mapping
from .run_feed import run_until_stopped


class Command(BaseCommand):
    help = (
        "Replay a day's stored candles, or recorded ticks, through the virtual clock that sessions, paper orders "
        "and pages follow. After the day the market is closed; stop with Ctrl-C, and the clock is real again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--speed", type=float, default=1.0, help="times real time (default 1)")
        parser.add_argument("--symbols", help="comma-separated instrument keys (default: all of the day)")
        parser.add_argument("--recording", nargs="+", type=Path, metavar="FILE", help="Upstox V3 JSON lines")
        parser.add_argument("--symbol-map", nargs="+", type=mapping, default=[], metavar="TOKEN=KEY")
        parser.add_argument("--exit-at-end", action="store_true", help="stop by itself when the day is over")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            runner = self._runner(options)
        except SaudaError as error:
            raise CommandError(f"{error.code}: {error.detail}") from error
        run_until_stopped(runner)
        status = runner.status()
        refused = ", ".join(f"{reason} {count}" for reason, count in sorted(status.rejected.items())) or "none"
        self.stdout.write(f"Replayed {status.ticks} ticks of {status.instruments} instruments; refused: {refused}.")

    def _runner(self, options: dict[str, Any]) -> FeedRunner:
        if options["recording"]:
            return recording_replay_runner(
                files=options["recording"],
                on=options["date"],
                speed=options["speed"],
                symbol_map=dict(options["symbol_map"]),
                exit_at_end=options["exit_at_end"],
            )
        return candle_replay_runner(
            on=options["date"],
            speed=options["speed"],
            keys=options["symbols"].split(",") if options["symbols"] else None,
            exit_at_end=options["exit_at_end"],
        )
