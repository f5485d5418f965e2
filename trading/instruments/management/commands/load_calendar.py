"""Load the exchange calendar and session tables that ship with the code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ...models import CalendarDay, SessionRule
from ...services import calendar_load


class Command(BaseCommand):
    help = "Insert the shipped calendar days and session rules that are missing (each migrate does so too)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--replace", action="store_true", help="make both tables exactly as shipped, dropping own entries"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        calendar_load(replace=options["replace"])
        years = sorted({day.year for day in CalendarDay.objects.values_list("date", flat=True)})
        self.stdout.write(
            f"{CalendarDay.objects.count()} calendar days ({years[0]}–{years[-1]}), "
            f"{SessionRule.objects.count()} session rules."
        )
