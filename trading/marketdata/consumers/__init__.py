"""Socket topics of market data."""

from .chain import ChainTopic
from .indicators import IndicatorTopic
from .quotes import QuoteTopic, encode_quote_frame

__all__ = ["ChainTopic", "IndicatorTopic", "QuoteTopic", "encode_quote_frame"]
