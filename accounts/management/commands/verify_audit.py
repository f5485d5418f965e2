"""Check that the audit trails are whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.models import AuditHead, Organisation
from accounts.selectors import audit_fault
from core.tenancy import system_scope


class Command(BaseCommand):
    """`manage.py verify_audit [--organisation SLUG]`"""

    help = (
        "Checks each organisation's audit trail link by link and names the first bad entry: altered, deleted, "
        "truncated, inserted or reordered. Prints each trail's length and seal; exits 1 on any fault."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", metavar="SLUG", help="only this organisation")

    def handle(self, *args: Any, **options: Any) -> None:
        organisations = Organisation.objects.order_by("slug")
        if options["organisation"]:
            organisations = organisations.filter(slug=options["organisation"])
        if options["organisation"] and not organisations.exists():
            raise CommandError("There is no such organisation.")
        with system_scope():
            faults = sum(
                not self._is_whole(organisation)
                for organisation in tqdm(organisations, desc="trails", unit="trail", disable=None)
            )
        if faults:
            raise CommandError(f"{faults} audit trail(s) are broken.")

    def _is_whole(self, organisation: Organisation) -> bool:
        fault = audit_fault(organisation.pk)
        if fault is not None:
            self.stderr.write(self.style.ERROR(f"{organisation.slug}: {fault.reason}"))
            return False
        head = AuditHead.objects.get(organisation=organisation)
        self.stdout.write(f"{organisation.slug}: {head.seq} entries, whole; seal {head.hash}")
        return True
