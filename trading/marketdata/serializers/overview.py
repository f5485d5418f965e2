"""The market overview in the API. Structs that msgspec writes; serializers describe them."""

from decimal import Decimal

import msgspec
from rest_framework import serializers

from core.api.fields import PriceField

from ..domain.overview import Breadth, Sector, Share, YearRange
from ..selectors.overview import Index


class YearShape(msgspec.Struct, frozen=True):
    """The extremes of up to 52 weeks of daily bars; `position` is where the price stands between them, 0 to 100."""

    low: Decimal
    high: Decimal
    days: int
    position: Decimal

    @classmethod
    def of(cls, year: YearRange | None, price: Decimal) -> "YearShape | None":
        return None if year is None else cls(year.low, year.high, year.days, year.position(price))


class IndexShape(msgspec.Struct, frozen=True):
    """An index."""

    symbol: str
    name: str
    ltp: Decimal
    change: Decimal
    change_pct: Decimal
    spark: tuple[Decimal, ...]
    year: YearShape | None

    @classmethod
    def of(cls, index: Index) -> "IndexShape":
        quote = index.quote
        return cls(
            index.symbol, index.name, quote.ltp, quote.change, quote.change_pct, index.spark,
            YearShape.of(index.year, quote.ltp),
        )  # fmt: skip


class ShareShape(msgspec.Struct, frozen=True):
    """A share."""

    symbol: str
    name: str
    sector: str
    ltp: Decimal
    change: Decimal
    change_pct: Decimal
    volume: int
    value: Decimal
    year: YearShape | None

    @classmethod
    def of(cls, share: Share) -> "ShareShape":
        quote = share.quote
        return cls(
            share.symbol, share.name, share.sector, quote.ltp, quote.change, quote.change_pct, quote.volume,
            share.value, YearShape.of(share.year, quote.ltp),
        )  # fmt: skip


class SectorShape(msgspec.Struct, frozen=True):
    """A sector with the symbols of its shares."""

    name: str
    change_pct: Decimal
    value: Decimal
    advances: int
    declines: int
    symbols: tuple[str, ...]

    @classmethod
    def of(cls, sector: Sector) -> "SectorShape":
        return cls(
            sector.name, sector.change_pct, sector.value, sector.advances, sector.declines,
            tuple(share.symbol for share in sector.shares),
        )  # fmt: skip


class OverviewShape(msgspec.Struct, frozen=True):
    """All of it."""

    indices: list[IndexShape]
    gainers: list[ShareShape]
    losers: list[ShareShape]
    active: list[ShareShape]
    breadth: Breadth
    sectors: list[SectorShape]


class YearSerializer(serializers.Serializer[YearShape]):
    """Schema of `YearShape`."""

    low = PriceField()
    high = PriceField()
    days = serializers.IntegerField()
    position = serializers.CharField()


class IndexSerializer(serializers.Serializer[IndexShape]):
    """Schema of `IndexShape`."""

    symbol = serializers.CharField()
    name = serializers.CharField()
    ltp = PriceField()
    change = PriceField()
    change_pct = PriceField()
    spark = serializers.ListField(child=PriceField(), help_text="Five-minute closes of the day so far")
    year = YearSerializer(allow_null=True)


class ShareSerializer(serializers.Serializer[ShareShape]):
    """Schema of `ShareShape`."""

    symbol = serializers.CharField()
    name = serializers.CharField()
    sector = serializers.CharField()
    ltp = PriceField()
    change = PriceField()
    change_pct = PriceField()
    volume = serializers.IntegerField()
    value = PriceField(help_text="The day's volume at the last price")
    year = YearSerializer(allow_null=True)


class SectorSerializer(serializers.Serializer[SectorShape]):
    """Schema of `SectorShape`."""

    name = serializers.CharField()
    change_pct = PriceField(help_text="Of its shares, weighed by value traded")
    value = PriceField()
    advances = serializers.IntegerField()
    declines = serializers.IntegerField()
    symbols = serializers.ListField(child=serializers.CharField())


class BreadthSerializer(serializers.Serializer[Breadth]):
    """How many shares did what."""

    advances = serializers.IntegerField()
    declines = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    above_open = serializers.IntegerField()
    below_open = serializers.IntegerField()
    at_year_high = serializers.IntegerField()
    at_year_low = serializers.IntegerField()


class OverviewSerializer(serializers.Serializer[OverviewShape]):
    """Schema of `OverviewShape`."""

    indices = IndexSerializer(many=True)
    gainers = ShareSerializer(many=True)
    losers = ShareSerializer(many=True)
    active = ShareSerializer(many=True)
    breadth = BreadthSerializer()
    sectors = SectorSerializer(many=True)


class OverviewQuery(serializers.Serializer[object]):
    """How many movers of each kind."""

    movers = serializers.IntegerField(min_value=1, max_value=100, default=10)
