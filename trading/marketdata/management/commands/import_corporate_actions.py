"""`manage.py import_corporate_actions`: splits, bonuses and dividends as NSE announces them."""

from pathlib import Path
from typing import Any

from trading.marketdata.imports import ImportReport, Progress, corporate_actions_import
from trading.marketdata.management.file_command import FileCommand


class Command(FileCommand):
    help = (
        "Import NSE's corporate actions (bc….csv of the daily reports, the website's CSV and JSON). What is not "
        "understood is kept as a notice for somebody to look at. Importing a file again changes nothing."
    )

    def import_one(self, path: Path, options: dict[str, Any], progress: Progress) -> ImportReport:
        return corporate_actions_import(path, progress=progress)
