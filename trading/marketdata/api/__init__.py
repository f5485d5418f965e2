"""Market data over REST: every member may see it, no tenant owns it."""

from .candles import CandlesView
from .feeds import FeedsView
from .indicators import IndicatorsView, IndicatorView
from .quotes import DepthView, QuotesView

__all__ = ["CandlesView", "DepthView", "FeedsView", "IndicatorView", "IndicatorsView", "QuotesView"]
