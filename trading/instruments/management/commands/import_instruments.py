"""Import an instrument master from a broker's or the exchange's file."""

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from core.clock import trading_date
from core.errors import SaudaError

from ...models import ImportRun, Source
from ...services import instruments_import

_SHOWN_REJECTIONS = 10
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Command(BaseCommand):
    help = (
        "Import an instrument master: Upstox JSON, Kite CSV, or NSE's equity master or bhavcopy, also gzipped. "
        "All of it or nothing; a second import of the same file changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--source", required=True, choices=[Source.UPSTOX.value, Source.KITE.value, Source.NSE.value]
        )
        parser.add_argument(
            "--date",
            type=date.fromisoformat,
            help="day on which the master was published (default: a YYYY-MM-DD in the file's name, else today)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        bar = tqdm(total=path.stat().st_size, unit="B", unit_scale=True, desc=path.name, disable=None, leave=False)

        def progress(position: int) -> None:
            bar.update(position - bar.n)

        with bar:
            try:
                run = instruments_import(
                    path=path,
                    source=Source(options["source"]),
                    master_date=options["date"] or _date_in(path.name) or trading_date(),
                    progress=progress,
                )
            except SaudaError as error:
                raise CommandError(f"{error.detail} Nothing was imported.") from error
        self._report(run)

    def _report(self, run: ImportRun) -> None:
        seconds = (run.finished_at - run.started_at).total_seconds()
        self.stdout.write(
            f"{run.filename} ({run.source}, published {run.master_date}): {run.rows_read} rows in {seconds:.1f} s: "
            f"{run.created} created, {run.updated} updated, {run.unchanged} unchanged, {run.rejected} rejected; "
            f"tokens: {run.tokens_opened} opened, {run.tokens_closed} closed."
        )
        if not (run.created or run.updated or run.tokens_opened or run.tokens_closed):
            self.stdout.write("Nothing changed.")
        rows = run.rejected_rows.order_by("row_number")
        for reason, count in Counter(rows.values_list("reason", flat=True)).most_common():
            self.stdout.write(f"  rejected {count} × {reason}")
        for row in rows[:_SHOWN_REJECTIONS]:
            self.stdout.write(f"    row {row.row_number}: {row.reason}: {row.detail}")
        if run.rejected > _SHOWN_REJECTIONS:
            self.stdout.write(f"    … all {run.rejected} in the admin under import run {run.pk}")


def _date_in(name: str) -> date | None:
    match = _ISO_DATE.search(name)
    try:
        return date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None
