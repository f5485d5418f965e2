"""The shapes of the market data API. Answers are structs that msgspec writes to JSON; serializers describe them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from rest_framework import serializers

from core.api.fields import InstantField, PriceField

from .domain.bars import Interval
from .domain.feed_status import FeedState, FeedStatus
from .domain.quote import DepthLevel, Quote
from .selectors import MOST_CANDLES

MOST_SYMBOLS = 200
DEFAULT_CANDLES = 1_000
_LONGEST_SPAN = timedelta(days=366 * 20)


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
    def of(cls, quote: Quote, wall_now: datetime, stale_after: timedelta) -> "QuoteShape":
        """The API's view of a quote, with its age judged now."""
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
            stale=quote.is_stale(wall_now, stale_after),
            source=quote.source,
        )


class DepthShape(msgspec.Struct, frozen=True):
    """The order book of an instrument; prices in rupees, quantities in units."""

    symbol: str
    ltp: Decimal
    bids: tuple[DepthLevel, ...]
    asks: tuple[DepthLevel, ...]
    total_bid_quantity: int
    total_ask_quantity: int
    timestamp: datetime
    stale: bool
    source: str

    @classmethod
    def of(cls, quote: Quote, wall_now: datetime, stale_after: timedelta) -> "DepthShape":
        """The order book of a quote, best levels first."""
        return cls(
            symbol=quote.key,
            ltp=quote.ltp,
            bids=quote.bids,
            asks=quote.asks,
            total_bid_quantity=sum(level.quantity for level in quote.bids),
            total_ask_quantity=sum(level.quantity for level in quote.asks),
            timestamp=quote.timestamp,
            stale=quote.is_stale(wall_now, stale_after),
            source=quote.source,
        )


class FeedShape(msgspec.Struct, frozen=True):
    """How one feed is doing."""

    source: str
    state: FeedState
    detail: str
    instruments: int
    started_at: datetime
    reported_at: datetime
    last_tick_at: datetime | None
    ticks: int
    rejected: dict[str, int]

    @classmethod
    def of(cls, status: FeedStatus, state: FeedState) -> "FeedShape":
        """A feed's report, with its state as seen now."""
        return cls(
            source=status.source,
            state=state,
            detail=status.detail,
            instruments=status.instruments,
            started_at=status.started_at,
            reported_at=status.reported_at,
            last_tick_at=status.last_tick_at,
            ticks=status.ticks,
            rejected=status.rejected,
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


class DepthLevelSerializer(serializers.Serializer[DepthLevel]):
    """One price level of a book."""

    price = PriceField()
    quantity = serializers.IntegerField()
    orders = serializers.IntegerField()


class DepthSerializer(serializers.Serializer[DepthShape]):
    """Schema of `DepthShape`."""

    symbol = serializers.CharField()
    ltp = PriceField()
    bids = DepthLevelSerializer(many=True)
    asks = DepthLevelSerializer(many=True)
    total_bid_quantity = serializers.IntegerField()
    total_ask_quantity = serializers.IntegerField()
    timestamp = InstantField()
    stale = serializers.BooleanField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF gives fields an attribute of this name


class CandlesSerializer(serializers.Serializer[object]):
    """Candles of one instrument as rows."""

    symbol = serializers.CharField()
    interval = serializers.ChoiceField(choices=[each.value for each in Interval])
    candles = serializers.ListField(
        child=serializers.ListField(child=serializers.JSONField()),
        help_text="[time, open, high, low, close, volume, oi], ascending; time is the bar's start",
    )


class FeedSerializer(serializers.Serializer[FeedShape]):
    """Schema of `FeedShape`."""

    source = serializers.CharField()  # type: ignore[assignment]  # DRF gives fields an attribute of this name
    state = serializers.ChoiceField(choices=[each.value for each in FeedState])
    detail = serializers.CharField()
    instruments = serializers.IntegerField()
    started_at = InstantField()
    reported_at = InstantField()
    last_tick_at = InstantField(allow_null=True)
    ticks = serializers.IntegerField()
    rejected = serializers.DictField(child=serializers.IntegerField())


class FeedsSerializer(serializers.Serializer[object]):
    """All feeds, on one page."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = FeedSerializer(many=True)


class QuotesQuery(serializers.Serializer[dict[str, Any]]):
    """Whose quotes are asked for."""

    symbols = serializers.CharField(max_length=MOST_SYMBOLS * 48)

    def validate_symbols(self, value: str) -> list[str]:
        """Distinct keys in the order asked for."""
        keys = list(dict.fromkeys(key.strip().upper() for key in value.split(",") if key.strip()))
        if not 1 <= len(keys) <= MOST_SYMBOLS:
            raise serializers.ValidationError(f"Ask for 1 to {MOST_SYMBOLS} symbols.")
        return keys


class CandlesQuery(serializers.Serializer[dict[str, Any]]):
    """Which candles are asked for: those that begin in [from, to), at most `limit` of the latest."""

    interval = serializers.ChoiceField(choices=[each.value for each in Interval], default=Interval.M1.value)
    to = InstantField(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_CANDLES, default=DEFAULT_CANDLES)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `from`, which Python does not allow as an attribute."""
        return {**super().get_fields(), "from": InstantField(required=False)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A span has its start before its end."""
        start, end = attrs.get("from"), attrs.get("to")
        if start and end and not timedelta(0) < end - start <= _LONGEST_SPAN:
            raise serializers.ValidationError({"from": ["Must be before `to`, by 20 years at most."]})
        return attrs
