"""Reading files of one-minute candles into the database."""

from .formats import Label
from .importer import FileReport, candle_file_import
from .reader import FileBroken

__all__ = ["FileBroken", "FileReport", "Label", "candle_file_import"]
