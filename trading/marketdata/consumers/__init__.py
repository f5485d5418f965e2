"""Socket topics of market data."""

from .candles import CandleTopic
from .indicators import IndicatorTopic
from .quotes import QuoteTopic, encode_quote_frame

__all__ = ["CandleTopic", "IndicatorTopic", "QuoteTopic", "encode_quote_frame"]
