"""`manage.py square_off`: warn of and close intraday positions now, as the clock would."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core import clock
from core.tenancy import system_scope
from trading.instruments.domain.sessions import Segment
from trading.orders.models import SquareOff
from trading.orders.services.positions.square_off import square_off_run
from trading.portfolio.selectors.dated import square_off_times


class Command(BaseCommand):
    help = "Do what the square-off table asks for at this moment of market time; harmless when nothing is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--segment", choices=[segment.value for segment in Segment], help="only this one")

    def handle(self, *args: Any, segment: str | None, **options: Any) -> None:
        segments = (Segment(segment),) if segment else tuple(Segment)
        today = clock.trading_date()
        for each in segments:
            times = square_off_times(each, today)
            at = f"{times.square_off_at.astimezone(clock.IST):%H:%M}" if times else "none today"
            self.stdout.write(f"{each}: square-off {at}")
        with system_scope():
            concerned = square_off_run(segments=segments)
            for row in SquareOff.objects.filter(date=today).select_related("account"):
                self.stdout.write(f"{row.account.name}: {row} {row.reason}")
        self.stdout.write(self.style.SUCCESS(f"{concerned} accounts concerned."))
