"""Corporate actions as NSE announces them."""

from .importer import corporate_actions_import

__all__ = ["corporate_actions_import"]
