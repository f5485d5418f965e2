"""`manage.py bench NAME`: measurements, each with a reference of the same run beside it."""

from argparse import ArgumentParser
from typing import Any, Protocol

from django.conf import settings
from django.core.management.base import BaseCommand, OutputWrapper
from django.utils.module_loading import import_string


class Bench(Protocol):
    """One measurement, named by dotted path in `settings.BENCHES`. Absolute figures mean little, ratios much."""

    help: str

    def add_arguments(self, parser: ArgumentParser) -> None: ...
    def run(self, out: OutputWrapper, **options: Any) -> None: ...


class Command(BaseCommand):
    help = "Measure one part of the house and print a table."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = parser.add_subparsers(dest="bench", required=True, metavar="NAME")
        for name, path in settings.BENCHES.items():
            bench: Bench = import_string(path)()
            one = names.add_parser(name, help=bench.help, description=bench.help)
            bench.add_arguments(one)
            one.set_defaults(run=bench.run)

    def handle(self, *args: Any, run: Any, **options: Any) -> None:
        run(self.stdout, **options)
