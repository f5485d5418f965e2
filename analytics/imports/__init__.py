"""Files of brokers as sheets of cells."""

from .apart import sheets_of
from .sheets import FileBroken, Sheet

__all__ = ["FileBroken", "Sheet", "sheets_of"]
