"""Files of one-minute candles."""

from .formats import FORMATS, Label
from .importer import candle_file_import

__all__ = ["FORMATS", "Label", "candle_file_import"]
