"""What the import commands share: several files, one progress bar, a report a file, an exit code."""

import time
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from trading.marketdata.imports import FileBroken, ImportReport, Progress

_REJECTS_SHOWN = 10


class FileCommand(BaseCommand):
    """A command that imports files one by one; each is stored as a whole or not at all."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def import_one(self, path: Path, options: dict[str, Any], progress: Progress) -> ImportReport:
        """Import one file; may raise FileBroken."""
        raise NotImplementedError

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        started, rows, failed = time.perf_counter(), 0, 0
        total = sum(path.stat().st_size for path in files if path.is_file())
        with tqdm(total=total, unit="B", unit_scale=True, disable=not self.stderr.isatty()) as bar:
            for path in files:
                before = bar.n
                try:
                    report = self.import_one(
                        path,
                        options,
                        lambda done, start=before: _advance(bar, start + done),  # type: ignore[misc]
                    )
                except FileBroken as error:
                    failed += 1
                    self.stderr.write(
                        self.style.ERROR(f"{path}: {error.code}: {error.detail.rstrip('.')}. Nothing stored.")
                    )
                else:
                    rows += report.rows_read
                    self._tell(path, report)
                _advance(bar, before + (path.stat().st_size if path.is_file() else 0))
        seconds = time.perf_counter() - started
        self.stdout.write(
            f"{rows} rows of {len(files) - failed} files in {seconds:.1f} s ({rows / seconds:,.0f} rows/s)."
        )
        if failed:
            raise CommandError(f"{failed} of {len(files)} files failed.")

    def _tell(self, path: Path, report: ImportReport) -> None:
        counts, rejects = report.counts, report.rejects
        self.stdout.write(
            f"{path.name}: {report.rows_read} rows of {report.format}: {counts.inserted} new, {counts.updated} "
            f"changed, {counts.unchanged} as stored, {report.skipped} skipped, {report.outside_session} outside "
            f"the session, {report.duplicates} repeated, {len(rejects)} rejected."
        )
        if report.created:
            shown = ", ".join(report.created[:_REJECTS_SHOWN])
            more = len(report.created) - _REJECTS_SHOWN
            self.stdout.write(f"  created {shown}" + (f" and {more} more" if more > 0 else ""))
        for reason, count in Counter(reject.reason for reject in rejects).items():
            self.stdout.write(self.style.WARNING(f"  {reason}: {count}"))
        for reject in rejects[:_REJECTS_SHOWN]:
            self.stdout.write(f"  row {reject.row}: {reject.reason}: {reject.detail}")


def _advance(bar: "tqdm[Any]", done: float) -> None:
    bar.update(done - bar.n)
