"""Files of brokers as sheets of cells."""

from .sheets import FileBroken, Sheet, sheets_of

__all__ = ["FileBroken", "Sheet", "sheets_of"]
