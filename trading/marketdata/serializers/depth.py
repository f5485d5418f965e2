"""Order books in the API: the levels, what they say, and what a size would cost."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from rest_framework import serializers

from core.api.fields import InstantField, PriceField

from ..domain.depth import (
    BookState,
    CumulativeLevel,
    Execution,
    Imbalance,
    book_measures,
    cumulative,
    execution,
)
from ..domain.quote import DepthLevel, Quote

MOST_UNITS = 10_000_000
SIDES = ("BUY", "SELL")


class CumulativeShape(msgspec.Struct, frozen=True):
    """The steps of the depth chart, best price first."""

    bids: tuple[CumulativeLevel, ...]
    asks: tuple[CumulativeLevel, ...]


class ExecutionShape(msgspec.Struct, frozen=True):
    """A size taken from the book at once."""

    side: str
    quantity: int
    shown_quantity: int
    beyond_quantity: int
    levels: int
    average_price: Decimal | None
    worst_price: Decimal | None
    notional: Decimal
    slippage: Decimal | None
    slippage_bps: Decimal | None
    cost: Decimal | None
    cost_bps: Decimal | None

    @classmethod
    def of(cls, side: str, found: Execution) -> "ExecutionShape":
        """An execution as JSON says it."""
        return cls(
            side=side,
            quantity=found.quantity,
            shown_quantity=found.shown_quantity,
            beyond_quantity=found.beyond_quantity,
            levels=found.levels,
            average_price=found.average_price,
            worst_price=found.worst_price,
            notional=found.notional,
            slippage=found.slippage,
            slippage_bps=found.slippage_bps,
            cost=found.cost,
            cost_bps=found.cost_bps,
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
    state: BookState
    spread: Decimal | None
    spread_bps: Decimal | None
    mid: Decimal | None
    microprice: Decimal | None
    imbalance: Imbalance
    cumulative: CumulativeShape
    execution: ExecutionShape | None

    @classmethod
    def of(
        cls,
        quote: Quote,
        wall_now: datetime,
        stale_after: timedelta,
        *,
        side: str = "BUY",
        quantity: int | None = None,
    ) -> "DepthShape":
        """The order book of a quote, best levels first; with a `quantity` also what taking it would cost."""
        measures = book_measures(quote.bids, quote.asks)
        taken = None
        if quantity is not None:
            is_buy = side == "BUY"
            opposite = quote.asks if is_buy else quote.bids
            taken = execution(opposite, quantity, is_buy=is_buy, mid=measures.mid)
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
            state=measures.state,
            spread=measures.spread,
            spread_bps=measures.spread_bps,
            mid=measures.mid,
            microprice=measures.microprice,
            imbalance=measures.imbalance,
            cumulative=CumulativeShape(cumulative(quote.bids), cumulative(quote.asks)),
            execution=None if taken is None else ExecutionShape.of(side, taken),
        )


class DepthLevelSerializer(serializers.Serializer[DepthLevel]):
    """One price level of a book."""

    price = PriceField()
    quantity = serializers.IntegerField()
    orders = serializers.IntegerField()


class ImbalanceSerializer(serializers.Serializer[Imbalance]):
    """(bid - ask) / (bid + ask) of shown quantities, from -1 to 1; null of an empty book."""

    top = PriceField(allow_null=True, help_text="Of the best level")
    depth = PriceField(allow_null=True, help_text="Of all levels")
    weighted = PriceField(allow_null=True, help_text="The k-th level counted 1/k")


class CumulativeLevelSerializer(serializers.Serializer[CumulativeLevel]):
    """What can be had at a price or better."""

    price = PriceField()
    cumulative_quantity = serializers.IntegerField()


class CumulativeSerializer(serializers.Serializer[CumulativeShape]):
    """The steps of the depth chart."""

    bids = CumulativeLevelSerializer(many=True)
    asks = CumulativeLevelSerializer(many=True)


class ExecutionSerializer(serializers.Serializer[ExecutionShape]):
    """Schema of `ExecutionShape`."""

    side = serializers.ChoiceField(choices=SIDES)
    quantity = serializers.IntegerField(help_text="As asked for")
    shown_quantity = serializers.IntegerField(help_text="What of it the book shows")
    beyond_quantity = serializers.IntegerField(help_text="The rest: no price is known for it")
    levels = serializers.IntegerField(help_text="How many levels it reaches")
    average_price = PriceField(allow_null=True, help_text="VWAP of the shown part")
    worst_price = PriceField(allow_null=True, help_text="The last price reached")
    notional = PriceField(help_text="Rupees of the shown part")
    slippage = PriceField(allow_null=True, help_text="VWAP against the best price of that side, worse is positive")
    slippage_bps = PriceField(allow_null=True)
    cost = PriceField(allow_null=True, help_text="VWAP against the mid; null where the book has none")
    cost_bps = PriceField(allow_null=True)


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
    state = serializers.ChoiceField(choices=[str(state) for state in BookState])
    spread = PriceField(allow_null=True, help_text="Ask less bid; null unless both sides are there and not crossed")
    spread_bps = PriceField(allow_null=True, help_text="The spread per 10,000 of the mid")
    mid = PriceField(allow_null=True)
    microprice = PriceField(allow_null=True, help_text="The mid, weighted by the other side's best quantity")
    imbalance = ImbalanceSerializer()
    cumulative = CumulativeSerializer()
    execution = ExecutionSerializer(allow_null=True, help_text="Null unless `side` and `quantity` are asked for")


class DepthQuery(serializers.Serializer[dict[str, Any]]):
    """A size to be tried against the book; both or neither."""

    side = serializers.ChoiceField(choices=SIDES, required=False)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_UNITS, required=False)
