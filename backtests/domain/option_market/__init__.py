"""Options in backtests where their history is not stored: which contracts there were, and what they were worth."""

from .market import OptionMarket, with_options
from .model import OptionModel, VolatilityBy
from .sources import PriceSource

__all__ = ["OptionMarket", "OptionModel", "PriceSource", "VolatilityBy", "with_options"]
