"""`manage.py backfill`: find missing candles and fill them from a source of history."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from core.clock import trading_date
from core.errors import SaudaError
from trading.instruments.domain.sessions import Segment
from trading.instruments.selectors import instrument_get
from trading.marketdata.history import history_source_names
from trading.marketdata.history.filling import backfill_run
from trading.marketdata.models import Backfill, BackfillDay
from trading.marketdata.selectors import Coverage, backfill_get, coverage
from trading.marketdata.services import backfill_plan

_USUAL_DAYS = 30
_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Compare stored candles with the exchange's calendar and fill what is missing from a source of history. "
        "Stored candles stay as they are. Ctrl-C stops it; --resume goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from", dest="first", type=date.fromisoformat, help="YYYY-MM-DD (default: 30 days ago)"
        )
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="default: yesterday")
        parser.add_argument("--symbols", help="comma-separated instrument keys (default: all that have candles)")
        parser.add_argument("--segment", choices=[each.value for each in Segment])
        parser.add_argument("--interval", choices=Backfill.Interval.values, default=Backfill.Interval.MINUTE)
        parser.add_argument("--source", choices=history_source_names(), default=None)
        parser.add_argument("--dry-run", action="store_true", help="only tell what is missing")
        parser.add_argument("--resume", type=UUID, metavar="ID", help="go on with an earlier backfill")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["resume"]:
                self._run(backfill_get(options["resume"]))
                return
            found = self._coverage(options)
            self._tell(found)
            if options["dry_run"] or not found.gap_count:
                return
            source = options["source"] or next(iter(history_source_names()), "")
            gaps = ((each.instrument.pk, gap.date) for each in found.instruments for gap in each.gaps)
            self._run(backfill_plan(gaps=gaps, source=source, interval=found.interval))
        except SaudaError as error:
            raise CommandError(f"{error.code}: {error.detail}") from error

    def _coverage(self, options: dict[str, Any]) -> Coverage:
        symbols: str | None = options["symbols"]
        last = options["last"] or trading_date() - timedelta(days=1)
        return coverage(
            Backfill.Interval(options["interval"]),
            first=options["first"] or last - timedelta(days=_USUAL_DAYS),
            last=last,
            instruments=[instrument_get(key) for key in symbols.split(",")] if symbols else None,
            segment=Segment(options["segment"]) if options["segment"] else None,
        )

    def _tell(self, found: Coverage) -> None:
        days, rows = len(found.trading_days), len(found.instruments)
        self.stdout.write(f"{found.gap_count} gaps in {days} trading days of {rows} instruments.")
        for each in [row for row in found.instruments if row.gaps][:_SHOWN]:
            shown = ", ".join(f"{gap.date} ({gap.stored}/{gap.expected})" for gap in each.gaps[:3])
            more = " …" if len(each.gaps) > 3 else ""
            self.stdout.write(f"  {each.instrument.key}: {len(each.gaps)}: {shown}{more}")

    def _run(self, backfill: Backfill) -> None:
        self.stdout.write(f"Backfill {backfill.pk} from {backfill.source}: {backfill.total} days.")
        with tqdm(
            total=backfill.total, initial=backfill.done, unit=" days", disable=not self.stderr.isatty()
        ) as bar:
            ended = backfill_run(backfill.pk, on_day=lambda _: _advance(bar))
        outcomes = BackfillDay.objects.filter(backfill=ended)
        counts = ", ".join(
            f"{outcomes.filter(outcome=outcome).count()} {outcome.label.lower()}" for outcome in BackfillDay.Outcome
        )
        self.stdout.write(f"{ended.get_status_display()}: {ended.rows_written} candles stored; days: {counts}.")
        if ended.status != Backfill.Status.DONE:
            raise CommandError("Not finished: another backfill of this source is running, or it was cancelled.")


def _advance(bar: "tqdm[Any]") -> None:
    bar.update()
