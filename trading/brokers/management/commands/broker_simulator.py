"""A broker to rehearse the live route on: its own process, its own journal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trading.brokers.simulator.book import Book
from trading.brokers.simulator.faults import Faults
from trading.brokers.simulator.journal import Journal
from trading.brokers.simulator.server import SimulatorServer


class Command(BaseCommand):
    """`manage.py broker_simulator --broker generic --port 8900 --journal FILE`."""

    help = "Run a simulated broker. It knows nothing of this installation and keeps its own journal."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--broker", choices=["generic"], default="generic", help="the dialect it speaks")
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
        parser.add_argument("--port", type=int, default=8900, help="0 takes a free one (%(default)s)")
        parser.add_argument("--journal", type=Path, help="append-only file; without one nothing survives")
        parser.add_argument("--seed", type=int, default=0, help="of the faults and partial fills (%(default)s)")
        parser.add_argument("--pieces", action="store_true", help="fill orders in random parts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            journal = Journal(options["journal"])
            book = Book(journal, seed=options["seed"], pieces=options["pieces"])
            server = SimulatorServer(book, Faults(options["seed"]), host=options["host"], port=options["port"])
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"The simulator cannot start: {error}") from error
        self.stdout.write(f"Broker simulator at {server.url}; stop it with Ctrl-C.")
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        finally:
            server.server_close()
            journal.close()
