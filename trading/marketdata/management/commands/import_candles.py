"""`manage.py import_candles`: files of one-minute candles."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from trading.marketdata.imports import ImportReport, Label, Progress, candle_file_import
from trading.marketdata.imports.candles import FORMATS
from trading.marketdata.management.file_command import FileCommand


def mapping(text: str) -> tuple[str, str]:
    """Read `SYMBOL=KEY`."""
    symbol, separator, key = text.partition("=")
    if not separator or not symbol or not key:
        raise ArgumentTypeError("write SYMBOL=KEY, as NIFTY50=NSE:NIFTY")
    return symbol, key


class Command(FileCommand):
    help = (
        "Import one-minute candles from CSV files (gzipped, zipped or plain). A file is stored as a whole or not "
        "at all; importing it again changes nothing. Rows outside the exchange's sessions are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
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

    def import_one(self, path: Path, options: dict[str, Any], progress: Progress) -> ImportReport:
        return candle_file_import(
            path,
            format_name=None if options["format"] == "auto" else options["format"],
            label=Label(options["label"]) if options["label"] else None,
            symbol_map=dict(options["symbol_map"]),
            create_instruments=options["create_instruments"],
            progress=progress,
        )
