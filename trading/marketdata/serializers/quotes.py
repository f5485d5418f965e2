"""Quotes in the API. Answers are structs that msgspec writes to JSON; serializers describe them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from rest_framework import serializers

from core.api.fields import InstantField, PriceField

from ..domain.quote import Quote

MOST_SYMBOLS = 200


class QuoteShape(msgspec.Struct, frozen=True):
    """The latest quote of an instrument; prices in rupees."""

    symbol: str
    ltp: Decimal
    change: Decimal
    change_pct: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    oi: int
    bid: Decimal | None
    ask: Decimal | None
    bid_quantity: int
    ask_quantity: int
    timestamp: datetime
    stale: bool
    source: str

    @classmethod
    def of(cls, quote: Quote, *, stale: bool) -> "QuoteShape":
        """The API's view of a quote whose age was judged."""
        return cls(
            symbol=quote.key,
            ltp=quote.ltp,
            change=quote.change,
            change_pct=quote.change_pct,
            open=quote.open,
            high=quote.high,
            low=quote.low,
            close=quote.close,
            volume=quote.volume,
            oi=quote.oi,
            bid=quote.bid,
            ask=quote.ask,
            bid_quantity=quote.bid_quantity,
            ask_quantity=quote.ask_quantity,
            timestamp=quote.timestamp,
            stale=stale,
            source=quote.source,
        )


class QuoteSerializer(serializers.Serializer[QuoteShape]):
    """Schema of `QuoteShape`."""

    symbol = serializers.CharField()
    ltp = PriceField()
    change = PriceField()
    change_pct = PriceField()
    open = PriceField()
    high = PriceField()
    low = PriceField()
    close = PriceField(help_text="The previous session's close")
    volume = serializers.IntegerField()
    oi = serializers.IntegerField()
    bid = PriceField(allow_null=True)
    ask = PriceField(allow_null=True)
    bid_quantity = serializers.IntegerField()
    ask_quantity = serializers.IntegerField()
    timestamp = InstantField(help_text="The exchange's time")
    stale = serializers.BooleanField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF gives fields an attribute of this name


class QuotesSerializer(serializers.Serializer[object]):
    """The quotes asked for, on one page."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = QuoteSerializer(many=True)
    silent = serializers.ListField(child=serializers.CharField(), help_text="Symbols without a quote so far")


class QuotesQuery(serializers.Serializer[dict[str, Any]]):
    """Whose quotes are asked for."""

    symbols = serializers.CharField(max_length=MOST_SYMBOLS * 48)

    def validate_symbols(self, value: str) -> list[str]:
        """Distinct keys in the order asked for."""
        keys = list(dict.fromkeys(key.strip().upper() for key in value.split(",") if key.strip()))
        if not 1 <= len(keys) <= MOST_SYMBOLS:
            raise serializers.ValidationError(f"Ask for 1 to {MOST_SYMBOLS} symbols.")
        return keys
