"""Importing brokers' statements, and taking them out again."""

from .importing import Imported, statement_delete, statement_import
from .opening import Preview, opened, statement_preview

__all__ = ["Imported", "Preview", "opened", "statement_delete", "statement_import", "statement_preview"]
