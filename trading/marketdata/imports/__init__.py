"""Reading files of one-minute candles into the database."""

from .importer import FileReport, candle_file_import
from .reader import FileBroken, Label

__all__ = ["FileBroken", "FileReport", "Label", "candle_file_import"]
