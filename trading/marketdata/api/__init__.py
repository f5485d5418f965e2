"""Market data over REST: every member may see it, no tenant owns it."""

from .candles import CandlesView
from .depth import DepthView
from .feeds import FeedsView
from .quotes import QuotesView

__all__ = ["CandlesView", "DepthView", "FeedsView", "QuotesView"]
