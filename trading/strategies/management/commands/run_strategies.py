"""`manage.py run_strategies`: the process that drives runs of strategies."""

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from core.tenancy import system_scope
from trading.strategies.domain.runs.states import DRIVEN
from trading.strategies.models import StrategyRun
from trading.strategies.runner.runner import MOST_RUNS, Runner


class Command(BaseCommand):
    help = "Drive the runs of strategies until told to stop (SIGINT, SIGTERM). Several may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--most", type=int, default=MOST_RUNS, help="runs that this process takes at the most")

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()

        def stop(signum: int, frame: FrameType | None) -> None:
            stopping.set()

        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, stop)
        runner = Runner(most=options["most"])
        runner.start()
        with system_scope():
            wanted = StrategyRun.objects.filter(state__in=sorted(DRIVEN)).count()
        self.stdout.write(f"Driving runs as {runner.holder}; {wanted} are to be driven.")
        self.stdout.flush()
        stopping.wait()
        runner.stop()
        self.stdout.write("Stopped.")
