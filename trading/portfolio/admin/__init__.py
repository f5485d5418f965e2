"""The portfolio in the admin."""

from . import accounts, positions, rates

__all__ = ["accounts", "positions", "rates"]
