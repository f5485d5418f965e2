"""Socket topics of market data."""

from .quotes import QuoteTopic, encode_quote_frame

__all__ = ["QuoteTopic", "encode_quote_frame"]
