"""`manage.py seed_demo`: the demo's people and money, without running anything."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.demo.seed import PASSWORD, demo_logins, demo_seed
from core.errors import SaudaError


class Command(BaseCommand):
    help = "Create the demo's organisations, users and paper accounts where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo_seed()
        except SaudaError as error:
            raise CommandError(f"{error.code}: {error.detail}") from error
        for login in demo_logins():
            self.stdout.write(f"{login.email:22} {login.role}")
        self.stdout.write(f"password for all: {PASSWORD}")
