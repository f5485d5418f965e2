"""`manage.py settle_day`: work through the end (and the beginning) of a trading day, however late."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.tenancy import system_scope
from trading.orders.services.positions.days import day_close, day_open, days_to_close


class Command(BaseCommand):
    help = (
        "Corporate actions, expiry, settlement of futures, interest, depository charges and deliveries. "
        "Safe to run late and twice: what was posted is not posted again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--date", type=date.fromisoformat, help="this day, even if run before; else what is due"
        )

    def handle(self, *args: Any, date: date | None, **options: Any) -> None:
        with system_scope():
            self._print("opening", day_open(clock.trading_date()))
            if date is None:
                for day in list(days_to_close()):
                    self._print(str(day), day_close(day))
                return
            report = day_close(date, again=True)
        if report is None:
            raise CommandError(f"{date} is not over yet.")
        self._print(str(date), report)

    def _print(self, title: str, report: object) -> None:
        self.stdout.write(f"{title}: {json.dumps(report, indent=2)}")
