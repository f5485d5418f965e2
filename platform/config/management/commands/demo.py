"""`manage.py demo`: migrate, seed and run the whole house in one process."""

import signal
import warnings
from argparse import ArgumentParser
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.celery import app as celery_app
from config.demo.market import Market, replayed_market, simulated_market
from config.demo.past_trades import past_trades_seed
from config.demo.processes import beat_thread, runs_thread, serve, worker_thread
from config.demo.seed import PASSWORD, demo_logins, demo_seed
from config.demo.watchlists import watchlists_seed
from core.errors import SaudaError

_HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Run a whole demo installation in one process: database, market, worker, pages, API and sockets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--data", type=Path, help="folder of candle files: replay a real day, not a simulation")
        parser.add_argument("--date", type=date.fromisoformat, help="the day to replay, as 2016-08-22")
        parser.add_argument("--speed", type=float, default=1.0, help="market seconds per second of a replay")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "This is no demo installation: run it with DJANGO_SETTINGS_MODULE=config.settings.demo"
            )
        if (options["data"] is None) != (options["date"] is None):
            raise CommandError("A replay needs both --data and --date.")
        # WhiteNoise hands files out by a synchronous iterator: right for a demo, and not worth a warning a file.
        warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            market = self._prepare(options)
            self._run(port, market)
        except SaudaError as error:
            raise CommandError(f"{error.code}: {error.detail}") from error
        except KeyboardInterrupt:
            pass
        self.stdout.write("Stopped.")

    def _prepare(self, options: dict[str, Any]) -> Market:
        self.stdout.write("Preparing the database …")
        call_command("migrate", verbosity=0)
        demo_seed()
        self.stdout.write("Preparing the market …")
        market = self._market(options)
        watchlists_seed()
        if options["data"] is None:
            past_trades_seed()
        return market

    def _market(self, options: dict[str, Any]) -> Market:
        if options["data"] is None:
            return simulated_market()
        return replayed_market(
            folder=options["data"], day=options["date"], speed=options["speed"], tell=self.stdout.write
        )

    def _run(self, port: int, market: Market) -> None:
        with ExitStack() as stack:
            stack.enter_context(worker_thread(celery_app))
            stack.enter_context(beat_thread(celery_app, settings.DATA_DIR))
            stack.enter_context(runs_thread())
            stack.callback(market.stop)
            market.start()
            if not serve(host=_HOST, port=port, on_ready=lambda: self._announce(port, market)):
                raise CommandError(f"Port {port} is taken; choose another: make demo PORT=8123")

    def _announce(self, port: int, market: Market) -> None:
        self.stdout.write(f"\n  Sauda runs on http://{_HOST}:{port}/   ({market.label})\n\n")
        for login in demo_logins():
            self.stdout.write(f"    {login.email:22} {login.role}")
        self.stdout.write(f"\n  Password for all: {PASSWORD}    Ctrl-C stops.")
        self.stdout.write(f"  E-mail is written to {settings.EMAIL_FILE_PATH}\n")
        self.stdout.flush()


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """SIGTERM ends the demo the way Ctrl-C does, so that everything is flushed and closed; a second one waits."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt
