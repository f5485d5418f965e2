"""Socket topics of market data."""

from .indicators import IndicatorTopic
from .quotes import QuoteTopic, encode_quote_frame

__all__ = ["IndicatorTopic", "QuoteTopic", "encode_quote_frame"]
