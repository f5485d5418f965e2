"""Socket topics of market data."""

from .candles import CandleTopic
from .chain import ChainTopic
from .indicators import IndicatorTopic
from .quotes import QuoteTopic, encode_quote_frame

__all__ = ["CandleTopic", "ChainTopic", "IndicatorTopic", "QuoteTopic", "encode_quote_frame"]
