"""`manage.py run_feed`: the feed process."""

import signal
from argparse import ArgumentParser
from datetime import date
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import SaudaError
from trading.marketdata.feeds.replay.runners import candle_replay_runner
from trading.marketdata.feeds.runner import FeedRunner
from trading.marketdata.feeds.simulated.runners import DEFAULT_SEED, simulated_runner


class Command(BaseCommand):
    help = "Run a market-data feed until it ends or is told to stop (SIGINT, SIGTERM)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", choices=["simulated", "replay"], default="simulated")
        parser.add_argument("--symbols", help="comma-separated instrument keys (default: all that are listed)")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="of the simulated market")
        parser.add_argument("--date", type=date.fromisoformat, help="of the day to replay, YYYY-MM-DD")
        parser.add_argument("--speed", type=float, default=1.0, help="of the replay, times real time")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            runner = self._runner(options)
        except SaudaError as error:
            raise CommandError(f"{error.code}: {error.detail}") from error
        run_until_stopped(runner)
        self.stdout.write(f"The feed has stopped after {runner.status().ticks} ticks.")

    def _runner(self, options: dict[str, Any]) -> FeedRunner:
        keys = options["symbols"].split(",") if options["symbols"] else None
        if options["source"] == "simulated":
            return simulated_runner(seed=options["seed"], keys=keys)
        if options["date"] is None:
            raise CommandError("A replay needs --date.")
        return candle_replay_runner(on=options["date"], speed=options["speed"], keys=keys)


def run_until_stopped(runner: FeedRunner) -> None:
    """Run to the feed's own end, or to SIGINT or SIGTERM; candles and quotes are flushed either way."""
    stopping = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, stop)
    runner.start()
    while runner.is_running and not stopping:
        runner.join(timeout=0.5)
    runner.stop()
