"""`manage.py import_candles`: files of one-minute candles."""

import time
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from trading.marketdata.imports import FileBroken, FileReport, Label, candle_file_import
from trading.marketdata.imports.formats import FORMATS

_REJECTS_SHOWN = 10


def mapping(text: str) -> tuple[str, str]:
    """Read `SYMBOL=KEY`."""
    symbol, separator, key = text.partition("=")
    if not separator or not symbol or not key:
        raise ArgumentTypeError("write SYMBOL=KEY, as NIFTY50=NSE:NIFTY")
    return symbol, key


class Command(BaseCommand):
    help = (
        "Import one-minute candles from CSV files (gzipped or not). A file is stored as a whole or not at all; "
        "importing it again changes nothing. Rows outside the exchange's sessions are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--format", choices=["auto", *FORMATS], default="auto")
        parser.add_argument(
            "--label",
            choices=[each.value for each in Label],
            help="whether a row's time is the start or the end of its minute (default: as usual for the format)",
        )
        parser.add_argument(
            "--symbol-map", nargs="+", type=mapping, default=[], metavar="SYMBOL=KEY", help="NIFTY50=NSE:NIFTY"
        )
        parser.add_argument(
            "--create-instruments", action="store_true", help="add unknown shares and indices to the master"
        )

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        started, rows, failed = time.perf_counter(), 0, 0
        total = sum(path.stat().st_size for path in files if path.is_file())
        with tqdm(total=total, unit="B", unit_scale=True, disable=not self.stderr.isatty()) as bar:
            for path in files:
                before = bar.n
                try:
                    report = self._import(
                        path, options, lambda done, start=before: bar.update(start + done - bar.n)
                    )
                except FileBroken as error:
                    failed += 1
                    self.stderr.write(self.style.ERROR(f"{path}: {error.code}: {error.detail}. Nothing stored."))
                else:
                    rows += report.file.rows_read
                    self._tell(path, report)
                bar.update(before + (path.stat().st_size if path.is_file() else 0) - bar.n)
        seconds = time.perf_counter() - started
        self.stdout.write(
            f"{rows} rows of {len(files) - failed} files in {seconds:.1f} s ({rows / seconds:,.0f} rows/s)."
        )
        if failed:
            raise CommandError(f"{failed} of {len(files)} files failed.")

    def _import(self, path: Path, options: dict[str, Any], progress: Any) -> FileReport:
        return candle_file_import(
            path,
            format_name=None if options["format"] == "auto" else options["format"],
            label=Label(options["label"]) if options["label"] else None,
            symbol_map=dict(options["symbol_map"]),
            create_instruments=options["create_instruments"],
            progress=progress,
        )

    def _tell(self, path: Path, report: FileReport) -> None:
        counts, rejects = report.counts, report.file.rejects
        self.stdout.write(
            f"{path.name}: {report.file.rows_read} rows: {counts.inserted} new, {counts.updated} changed, "
            f"{report.unchanged} as stored, {report.outside_session} outside the session, "
            f"{report.file.duplicates} repeated, {len(rejects)} rejected."
        )
        if report.created:
            self.stdout.write(f"  created {', '.join(report.created)}")
        for reason, count in Counter(reject.reason for reject in rejects).items():
            self.stdout.write(self.style.WARNING(f"  {reason}: {count}"))
        for reject in rejects[:_REJECTS_SHOWN]:
            self.stdout.write(f"  row {reject.row}: {reject.reason}: {reject.detail}")
