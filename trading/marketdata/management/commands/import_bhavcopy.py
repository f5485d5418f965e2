"""`manage.py import_bhavcopy`: what the exchange published of a day."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from trading.marketdata.imports import ImportReport, Progress, bhavcopy_import
from trading.marketdata.management.file_command import FileCommand


class Command(FileCommand):
    help = (
        "Import NSE's bhavcopies (cash: cm…bhav.csv, sec_bhavdata_full, UDiFF; futures and options: UDiFF): daily "
        "bars, open interest and settlement prices. Also daily bars of NSE's shares and indices from elsewhere "
        "(columns symbol, date as 2022-01-31, open, high, low, close, volume; as traded, unadjusted). Gzipped, "
        "zipped or plain. A file is stored as a whole or not at all; importing it again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--create-instruments", action="store_true", help="add unknown securities and contracts to the master"
        )

    def import_one(self, path: Path, options: dict[str, Any], progress: Progress) -> ImportReport:
        return bhavcopy_import(path, create_instruments=options["create_instruments"], progress=progress)
