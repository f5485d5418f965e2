"""`manage.py take_snapshots`: what accounts were worth by day, for today or for a past to be filled in."""

from argparse import ArgumentParser
from datetime import date
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from analytics.services import snapshots_take
from core import clock
from core.tenancy import system_scope


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no date (YYYY-MM-DD).") from error


class Command(BaseCommand):
    help = (
        "Take the daily snapshots of accounts. Days that were taken before are taken again with what is known now: "
        "run it as often as you like."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", help="First day (YYYY-MM-DD); today if left out.")
        parser.add_argument("--to", dest="last", help="Last day (YYYY-MM-DD); today if left out.")
        parser.add_argument("--all", action="store_true", help="From the first day of every account.")
        parser.add_argument("--account", type=UUID, action="append", help="Only this account; may be repeated.")

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.trading_date()
        last = _day(options["last"]) if options["last"] else today
        first = date.min if options["all"] else _day(options["first"]) if options["first"] else last
        if first > last:
            raise CommandError("The span ends before it begins.")
        with system_scope():
            taken = snapshots_take(first=first, last=last, account_ids=options["account"])
        self.stdout.write(f"{taken} snapshots taken.")
