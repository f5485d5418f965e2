"""Options in backtests where their history is not stored: which contracts there were, and what they were worth."""

from .market import OptionMarket, with_options
from .model import OptionModel, VolatilityBy
from .settings import MODEL_SETTINGS, ModelSetting, model_from, model_values, settings_shown
from .sources import PriceSource

__all__ = [
    "MODEL_SETTINGS",
    "ModelSetting",
    "OptionMarket",
    "OptionModel",
    "PriceSource",
    "VolatilityBy",
    "model_from",
    "model_values",
    "settings_shown",
    "with_options",
]
