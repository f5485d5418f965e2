"""Reading files of market data into the database: candles, bhavcopies, corporate actions."""

from .actions import corporate_actions_import
from .bhavcopy import bhavcopy_import
from .candles import Label, candle_file_import
from .chains import ChainContext, option_chain_import
from .files import FileBroken, ImportReport, Progress

__all__ = [
    "ChainContext",
    "FileBroken",
    "ImportReport",
    "Label",
    "Progress",
    "bhavcopy_import",
    "candle_file_import",
    "corporate_actions_import",
    "option_chain_import",
]
