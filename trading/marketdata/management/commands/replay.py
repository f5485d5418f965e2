"""`manage.py replay`: a past day again, on the virtual clock."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import SaudaError
from trading.marketdata.feeds.replay.runners import candle_replay_runner
from trading.marketdata.feeds.runner import FeedRunner

from .run_feed import add_recording_arguments, recording_runner_of, run_until_stopped, summary


class Command(BaseCommand):
    help = (
        "Replay a day's stored candles, or recorded ticks, through the virtual clock that sessions, paper orders "
        "and pages follow. After the day the market is closed; stop with Ctrl-C, and the clock is real again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--speed", type=float, default=1.0, help="times real time (default 1)")
        parser.add_argument("--symbols", help="comma-separated instrument keys (default: all of the day)")
        add_recording_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            runner = self._runner(options)
        except SaudaError as error:
            raise CommandError(f"{error.code}: {error.detail}") from error
        run_until_stopped(runner)
        self.stdout.write(f"Replayed {summary(runner)}")

    def _runner(self, options: dict[str, Any]) -> FeedRunner:
        if options["recording"]:
            return recording_runner_of(options)
        return candle_replay_runner(
            on=options["date"],
            speed=options["speed"],
            keys=options["symbols"].split(",") if options["symbols"] else None,
            exit_at_end=options["exit_at_end"],
        )
