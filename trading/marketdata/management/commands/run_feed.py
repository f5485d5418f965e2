"""`manage.py run_feed`: the feed process."""

import signal
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import SaudaError
from trading.marketdata.feeds.recording.runners import recording_runner
from trading.marketdata.feeds.replay.runners import candle_replay_runner
from trading.marketdata.feeds.runner import FeedRunner
from trading.marketdata.feeds.simulated.runners import DEFAULT_SEED, simulated_runner

from .import_candles import mapping


class Command(BaseCommand):
    help = "Run a market-data feed until it ends or is told to stop (SIGINT, SIGTERM)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", choices=["simulated", "replay", "recording"], default="simulated")
        parser.add_argument("--symbols", help="comma-separated instrument keys (default: all that are listed)")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="of the simulated market")
        parser.add_argument("--date", type=date.fromisoformat, help="of the day to replay, YYYY-MM-DD")
        parser.add_argument("--speed", type=float, default=1.0, help="of the replay, times real time")
        add_recording_arguments(parser)
        parser.add_argument(
            "--record",
            type=Path,
            metavar="DIR",
            help="keep all that the feed says, in a file a day and start",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            runner = self._runner(options)
        except SaudaError as error:
            raise CommandError(f"{error.code}: {error.detail}") from error
        run_until_stopped(runner)
        self.stdout.write(summary(runner))

    def _runner(self, options: dict[str, Any]) -> FeedRunner:
        keys = options["symbols"].split(",") if options["symbols"] else None
        if options["source"] == "simulated":
            return simulated_runner(seed=options["seed"], keys=keys, record_to=options["record"])
        if options["date"] is None:
            raise CommandError("A replay needs --date.")
        if options["source"] == "recording":
            return recording_runner_of(options)
        return candle_replay_runner(
            on=options["date"], speed=options["speed"], keys=keys, record_to=options["record"]
        )


def summary(runner: FeedRunner) -> str:
    """What a feed did, in a line."""
    status = runner.status()
    refused = ", ".join(f"{reason} {count}" for reason, count in sorted(status.rejected.items())) or "none"
    recorded = f"; recorded: {status.recorded}" if status.recorded or status.recorder_fault else ""
    return f"{status.ticks} ticks of {status.instruments} instruments; refused: {refused}{recorded}."


def add_recording_arguments(parser: ArgumentParser) -> None:
    """What says which recording is replayed."""
    parser.add_argument(
        "--recording",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a directory that --record wrote to, files of it, or Upstox V3 JSON lines",
    )
    parser.add_argument("--feed", help="which feed of the recording, where several were recorded")
    parser.add_argument(
        "--symbol-map", nargs="+", type=mapping, default=[], metavar="TOKEN=KEY", help="of an Upstox recording"
    )
    parser.add_argument("--exit-at-end", action="store_true", help="stop by itself when the day is over")


def recording_runner_of(options: dict[str, Any]) -> FeedRunner:
    """The runner that a command's options ask for."""
    if not options["recording"]:
        raise CommandError("Name the recording with --recording.")
    return recording_runner(
        paths=options["recording"],
        on=options["date"],
        speed=options["speed"],
        source=options["feed"],
        symbol_map=dict(options["symbol_map"]),
        exit_at_end=options["exit_at_end"],
        record_to=options.get("record"),
    )


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
