"""`manage.py import_option_chain`: chains as NSE and Upstox hand them out."""

from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any

from core.clock import IST
from trading.marketdata.imports import ChainContext, ImportReport, Progress, option_chain_import
from trading.marketdata.management.file_command import FileCommand


def moment(text: str) -> datetime:
    """An ISO time; Indian where it names no offset."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=IST)


class Command(FileCommand):
    help = (
        "Import option chains: NSE's API (JSON), NSE's website download (CSV), Upstox's API (JSON). A file is one "
        "moment of a chain, stored as a whole or not at all; importing it again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--at", type=moment, help="of when the chain is, where the file does not say (IST)")
        parser.add_argument("--underlying", default="", help="of what, where the file does not say: NIFTY")
        parser.add_argument("--expiry", type=date.fromisoformat, help="of a CSV that is not named by its expiry")
        parser.add_argument("--create-instruments", action="store_true", help="add contracts that are not known")
        parser.add_argument("--lot-size", type=int, help="of contracts that are added")

    def import_one(self, path: Path, options: dict[str, Any], progress: Progress) -> ImportReport:
        context = ChainContext(underlying=options["underlying"].upper(), expiry=options["expiry"], at=options["at"])
        return option_chain_import(
            path, context, create_instruments=options["create_instruments"], lot_size=options["lot_size"]
        )
