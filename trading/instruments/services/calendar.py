"""Loading the calendar and session tables that ship with the code."""

import csv
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

from django.db import router, transaction

from ..models import CalendarDay, SessionRule
from ..process_cache import forget_reference_data

DATA = Path(__file__).resolve().parent.parent / "data"


@transaction.atomic
def calendar_load(*, replace: bool = False, using: str = "default") -> int:
    """Insert the shipped calendar days and session rules that are missing; returns how many are shipped.

    Rows that an operator has entered or changed stay as they are, unless `replace` is set: then both
    tables end up exactly as shipped.
    """
    days = [
        CalendarDay(
            calendar=row["calendar"],
            date=date.fromisoformat(row["date"]),
            kind=row["kind"],
            name=row["name"],
            opens=_time(row["opens"]),
            closes=_time(row["closes"]),
        )
        for row in _rows("calendar.csv")
    ]
    rules = [
        SessionRule(
            segment=row["segment"],
            phase=row["phase"],
            starts=time.fromisoformat(row["starts"]),
            ends=time.fromisoformat(row["ends"]),
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        for row in _rows("sessions.csv")
    ]
    if replace:
        CalendarDay.objects.using(using).all().delete()
        SessionRule.objects.using(using).all().delete()
    CalendarDay.objects.using(using).bulk_create(days, ignore_conflicts=True)
    SessionRule.objects.using(using).bulk_create(rules, ignore_conflicts=True)
    forget_reference_data()
    return len(days) + len(rules)


def calendar_load_after_migrate(*, using: str, **kwargs: object) -> None:
    """Signal receiver: the tables are reference data, so a migrated database has them."""
    if router.allow_migrate_model(using, CalendarDay):
        calendar_load(using=using)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None
