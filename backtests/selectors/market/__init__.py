"""The engine's market data, from the database."""

from .data import DatabaseMarketData
from .rules import DatabaseRules

__all__ = ["DatabaseMarketData", "DatabaseRules"]
