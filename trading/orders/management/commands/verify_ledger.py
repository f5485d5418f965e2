"""`manage.py verify_ledger`: do the books add up?"""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from core.tenancy import system_scope
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.services import ledger_verify


@contextmanager
def one_snapshot() -> Iterator[None]:
    """All reads in the block see one moment, so that the books may stay open while they are checked."""
    with connection.cursor() as cursor:
        # The tenant scope is told to the server with the first statement, which must not be the block's first.
        cursor.execute("SELECT 1")
        with transaction.atomic():
            if connection.vendor == "postgresql":
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


class Command(BaseCommand):
    help = (
        "Check that every ledger balances, and that holds, positions, charges and orders are what their "
        "entries and trades say. Writes nothing; exits with 1 and the first findings when something is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--show", type=int, default=20, help="how many findings to print (default 20)")

    def handle(self, *args: Any, show: int, **options: Any) -> None:
        with system_scope(), one_snapshot():
            findings = [*ledger_verify(), *orders_verify()]
        if not findings:
            self.stdout.write(self.style.SUCCESS("The ledger balances; orders, holds and positions agree with it."))
            return
        for finding in findings[:show]:
            self.stderr.write(str(finding))
        raise CommandError(f"{len(findings)} findings; the first {min(show, len(findings))} are above.")
