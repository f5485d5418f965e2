"""Compares live accounts with their brokers, now."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from core.tenancy import system_scope
from trading.brokers.registry import NoRoute
from trading.orders.services.live.epochs import epoch_begin, epoch_ensure
from trading.orders.services.live.reconciliation import account_reconcile
from trading.orders.services.live.routing_round import accounts_to_route


class Command(BaseCommand):
    """`manage.py reconcile [ACCOUNT …] [--new-epoch]`."""

    help = "Bring live accounts up to their brokers' books. Exits non-zero when anything differs or cannot be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("accounts", nargs="*", type=UUID, metavar="ACCOUNT", help="ids; else all live ones")
        parser.add_argument(
            "--new-epoch",
            action="store_true",
            help="after a restore from a backup: nothing accepted before is sent, all of it is looked up",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        troubled = 0
        with system_scope():
            if options["new_epoch"]:
                self.stdout.write(f"Epoch {epoch_begin(reason='manage.py reconcile --new-epoch')} begins.")
            else:
                epoch_ensure()
            for account_id in options["accounts"] or accounts_to_route():
                troubled += not self._reconcile(account_id)
        if troubled:
            raise CommandError(f"{troubled} accounts differ from their brokers, or could not be compared.")

    def _reconcile(self, account_id: UUID) -> bool:
        try:
            result = account_reconcile(account_id, reason="command")
        except NoRoute as error:
            self.stderr.write(f"{account_id}: {error}")
            return False
        if not result.is_complete:
            self.stderr.write(f"{account_id}: could not be read whole: {result.error}")
            return False
        self.stdout.write(
            f"{account_id}: {result.orders_read} orders read, {result.orders_updated} updated,"
            f" {result.orders_adopted} adopted, {result.fills_added} fills added"
        )
        for finding in result.findings:
            self.stdout.write(f"  {finding}")
        return not result.findings
